// Command bench measures Beagle against other programs, side by side in one run.
//
// The programs of a row run one right after the other, round by round, and take turns in
// who is first, so that whatever else the machine does hits all of them alike. A row's
// verdict rests on the median of the rounds' ratios. CPU is user and system time of the
// whole process and of everything it waited for; peak memory is its largest resident set.
// It needs Linux.
//
// Exit code: 0 every goal is met, 1 some goal is missed, 2 it could not be measured.
package main

import "os"

func main() { os.Exit(command(os.Args[1:])) }
