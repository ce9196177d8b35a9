package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestWithoutDesktopSession(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	var stdout, stderr bytes.Buffer
	if code := Main(nil, Env{Stdout: &stdout, Stderr: &stderr}); code != exitFailed || !strings.Contains(stderr.String(), "no desktop session") {
		t.Errorf("exit code %d, want %d; said %q", code, exitFailed, stderr.String())
	}
}

func TestStateFolder(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/somewhere")
	if got := stateFolder(); got != "/somewhere/beagle" {
		t.Errorf("the folder is %q", got)
	}
	// A relative one does not count.
	t.Setenv("XDG_STATE_HOME", "here")
	t.Setenv("HOME", "/home/ann")
	if got := stateFolder(); got != "/home/ann/.local/state/beagle" {
		t.Errorf("the folder is %q", got)
	}
}
