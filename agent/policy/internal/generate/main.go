// Command generate compiles policies/*.yaml into embedded_gen.go and the types into schema.json.
package main

import (
	"fmt"
	"os"

	"beagle/agent/policy"
	"beagle/detectors/catalog/codegen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate the policies:", err)
		os.Exit(1)
	}
}

func run() error {
	set, err := policy.Load(os.DirFS("policies"))
	if err != nil {
		return err
	}
	code, err := codegen.Go("policy", "go generate", "embedded", *set)
	if err != nil {
		return err
	}
	if err := os.WriteFile("embedded_gen.go", code, 0o644); err != nil {
		return err
	}
	schema, err := codegen.Schema(&policy.Policy{}, "Beagle policy")
	if err != nil {
		return err
	}
	return os.WriteFile("schema.json", schema, 0o644)
}
