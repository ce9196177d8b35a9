package main

import (
	"os"
	"path/filepath"
)

const limitsOfUser = "this agent runs as an ordinary user: it does not see the homes and programs of others, and notices " +
	"programs only now and then. For the whole machine: sudo beagle service install"

func systemState() (string, error) { return "/var/lib/beagle", nil }

// userState follows https://specifications.freedesktop.org/basedir-spec/latest/.
func userState() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "beagle"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state", "beagle"), err
}
