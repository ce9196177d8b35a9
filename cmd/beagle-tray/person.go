package main

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
)

// viewer is the name under which records belong to the person: the account on Linux, the
// folder of the home elsewhere, as the agent has it; "" if neither is known.
func viewer() string {
	if runtime.GOOS == "linux" {
		me, err := user.Current()
		if err != nil {
			return ""
		}
		return me.Username
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Base(home)
}
