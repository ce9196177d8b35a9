//go:build unix

package walk_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// addOdd adds what only some systems have: things that block or lead away when opened,
// and names that are not text.
func addOdd(t testing.TB, root string) {
	t.Helper()
	odd := mkdir(t, root, "odd")
	if err := unix.Mkfifo(filepath.Join(odd, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	// The path of a socket must be short, so it is made elsewhere.
	base, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	socket, err := net.Listen("unix", filepath.Join(base, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := os.Rename(filepath.Join(base, "s"), filepath.Join(odd, "socket")); err != nil {
		t.Logf("walking without a socket: %v", err)
	}
	outside := t.TempDir()
	touch(t, outside, "outside")
	for name, target := range map[string]string{
		"out": outside, "up": "..", "self": ".", "loop": "loop", "dangling": "nothing", "root": "/",
	} {
		if err := os.Symlink(target, filepath.Join(odd, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"new\nline", "bytes \xff\xfe", "\xff", "\x01\x1b[31m", "back\\slash", " "} {
		dir := filepath.Join(odd, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Logf("walking without %q: %v", name, err) // not every file system takes any bytes
			continue
		}
		touch(t, dir, name)
	}
}
