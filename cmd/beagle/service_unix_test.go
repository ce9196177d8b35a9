//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTrustedProgram(t *testing.T) {
	// Given a program that everybody could replace, or whose path a shell would take apart,
	dir := t.TempDir()
	program := filepath.Join(dir, "beagle")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, program, want string }{
		{"in a place for everybody", program, ""}, // /tmp, or a folder of who runs the tests
		{"odd path", "/opt/be agle", "misread this path"},
		{"hostile path", "/opt/$(reboot)", "misread this path"},
		{"no such file", filepath.Join(dir, "missing"), "no such file"},
	} {
		// then it must not become a service.
		t.Run(c.name, func(t *testing.T) {
			err := trusted(Env{}, c.program)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestSystemProgramIsTrusted(t *testing.T) {
	// Given a program of the system, then it may become a service.
	real, err := filepath.EvalSymlinks("/bin/ls")
	if err != nil {
		t.Skip("no /bin/ls")
	}
	if strings.ContainsFunc(real, odd) {
		t.Skip("an odd system")
	}
	if err := trusted(Env{}, real); err != nil {
		t.Error(err)
	}
}
