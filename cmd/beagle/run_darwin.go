package main

import (
	"os"
	"path/filepath"
)

const limitsOfUser = "this agent runs as an ordinary user: it does not see the homes of others and what they hold. " +
	"For the whole machine: sudo beagle service install"

func systemState() (string, error) { return "/Library/Application Support/Beagle", nil }

func userState() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "Application Support", "Beagle"), err
}
