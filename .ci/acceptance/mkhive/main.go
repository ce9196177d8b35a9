// Command mkhive writes a Windows registry hive file for the acceptance suites: mkhive FILE.
// What the hive holds is read from standard input, as text in the manner of an exported
// .reg file (package hivefile says exactly what is understood).
package main

import (
	"fmt"
	"io"
	"os"

	"beagle/detectors/hosttest/hivefile"
)

func main() {
	if err := run(os.Args[1:], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "mkhive:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: mkhive FILE <TEXT")
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the text: %w", err)
	}
	root, err := hivefile.FromReg(string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], hivefile.Write(root), 0o600)
}
