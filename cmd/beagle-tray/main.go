// Command beagle-tray shows the state of this machine as an icon in the tray of the desktop,
// tells of what was found, and opens the window.
package main

import "os"

func main() { os.Exit(Main(os.Args[1:], System())) }
