//go:build linux || darwin

package local_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"beagle/agent/internal/local"
)

// shortDir is a folder for sockets, whose names must be short.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func place(dir, name string) string { return filepath.Join(dir, name+".sock") }

// dial opens a connection that says nothing by itself.
func dial(t *testing.T, r *running, who local.Viewer) net.Conn {
	t.Helper()
	conn, err := net.Dial("unix", r.paths[who.ID])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
