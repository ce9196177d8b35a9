// Command generate writes the schema of the settings and the parts of docs/settings.md that
// come from their keys.
package main

import (
	"fmt"
	"os"

	"beagle/agent/internal/settings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate the reference of the settings:", err)
		os.Exit(1)
	}
}

func run() error {
	schema, err := settings.Schema()
	if err != nil {
		return err
	}
	if err := os.WriteFile("schema.json", schema, 0o644); err != nil {
		return err
	}
	const page = "../../../docs/settings.md"
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	text, err := settings.Page(string(old))
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(text), 0o644)
}
