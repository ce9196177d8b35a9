// Command generate compiles apps/*.yaml into embedded_gen.go and the types into schema.json.
package main

import (
	"fmt"
	"os"

	"beagle/detectors/catalog"
	"beagle/detectors/catalog/codegen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate the catalog:", err)
		os.Exit(1)
	}
}

func run() error {
	source, err := catalog.Load(os.DirFS("apps"))
	if err != nil {
		return err
	}
	code, err := codegen.Go("catalog", "go generate", "embedded", source.Shipped())
	if err != nil {
		return err
	}
	if err := os.WriteFile("embedded_gen.go", code, 0o644); err != nil {
		return err
	}
	schema, err := codegen.Schema(&catalog.App{}, "Beagle catalog entry")
	if err != nil {
		return err
	}
	return os.WriteFile("schema.json", schema, 0o644)
}
