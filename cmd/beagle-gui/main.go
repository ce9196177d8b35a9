//go:build cgo || ci

// Command beagle-gui is the window: what was found on this machine, why it is banned, how to
// remove it, and what is known and sent about the reader. It starts when somebody wants to see
// it and ends when it is closed.
//
// The toolkit needs cgo. With the build tag ci it draws in memory instead and shows nothing;
// that is for checks and tests on machines without a display.
package main

import "os"

func main() { os.Exit(Main(os.Args[1:], System())) }
