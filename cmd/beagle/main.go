// Command beagle finds banned apps on a machine and says by which rule they are banned.
package main

import "os"

func main() { os.Exit(Main(os.Args[1:], System())) }
