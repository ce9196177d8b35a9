package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestProgramAfter(t *testing.T) {
	marks := []string{"ExecStart=", `cmd="`, "command=", "exec ", "<string>"}
	for _, c := range []struct{ name, text, want string }{
		{"systemd", "[Service]\nExecStart=/usr/bin/beagle run\n", "/usr/bin/beagle"},
		{"System V", "#!/bin/sh\ncmd=\"/usr/local/bin/beagle \"run\"\"\n", "/usr/local/bin/beagle"},
		{"OpenRC", "command=/opt/beagle\ncommand_args=\"run \"\n", "/opt/beagle"},
		{"upstart", "script\n\texec /opt/beagle \"run\"\nend script\n", "/opt/beagle"},
		{"launchd", "<string>beagle.agent</string>\n\t\t<string>/usr/local/bin/beagle</string>\n", "/usr/local/bin/beagle"},
		{"at the end", "ExecStart=/usr/bin/beagle", "/usr/bin/beagle"},
		{"something else", "[Service]\nExecStart=beagle\n", ""},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := programAfter(c.text, marks...); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEmptyState(t *testing.T) {
	for _, c := range []struct {
		name        string
		files, left []string // nil left: the folder is gone, too
	}{
		{"nothing there", nil, nil},
		{"a store", []string{"state.db", "state.db-wal", "agent.log.1"}, nil},
		{"settings of the administrator", []string{"state.db", "settings.yaml"}, []string{"settings.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			for _, name := range c.files {
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := emptyState(dir); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(dir)
			if (err != nil) != (c.left == nil) {
				t.Fatalf("read the folder afterwards: %v", err)
			}
			var left []string
			for _, entry := range entries {
				left = append(left, entry.Name())
			}
			if !slices.Equal(left, c.left) {
				t.Errorf("left %q, want %q", left, c.left)
			}
		})
	}
}
