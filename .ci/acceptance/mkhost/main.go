// Command mkhost lays a recorded host out as a folder for the acceptance suites:
// mkhost ARCHIVE DIR (package hosttest says what an archive is).
package main

import (
	"fmt"
	"os"

	"beagle/detectors/hosttest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mkhost:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: mkhost ARCHIVE DIR")
	}
	archive, err := os.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("read the archive: %w", err)
	}
	if err := os.MkdirAll(args[1], 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	return hosttest.Extract(string(archive), args[1])
}
