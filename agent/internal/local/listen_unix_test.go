//go:build linux || darwin

package local_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

func listen(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := local.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestListen(t *testing.T) {
	dir := filepath.Join(shortDir(t), "deep", "beagle")
	path := filepath.Join(dir, "agent.sock")

	// Given no folder, then it is made, and everybody may use the socket of root only.
	l := listen(t, path)
	folder, socket := fs.FileMode(0o755), fs.FileMode(0o666)
	if os.Geteuid() != 0 {
		folder, socket = 0o700, 0o600
	}
	for name, want := range map[string]fs.FileMode{dir: folder, path: socket, path + ".lock": 0o600} {
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %v, want %v", name, got, want)
		}
	}

	// Given a live agent, then a second one is refused and the first goes on.
	if _, err := local.Listen(path); !errors.Is(err, local.ErrInUse) {
		t.Errorf("a second agent: got %v, want %v", err, local.ErrInUse)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatalf("after a second agent: %v", err)
	}
	conn.Close()

	// When it ends, then its socket goes, and the next one may come.
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed twice: got %v, want %v", err, net.ErrClosed)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end: got %v, want no socket", err)
	}
	listen(t, path)
}

func TestListenAfterADeadAgent(t *testing.T) {
	// Given the socket and the lock of an agent that was killed,
	path := place(shortDir(t), "agent")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	if err := os.WriteFile(path+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// then the next one takes its place.
	l := listen(t, path)
	go func() {
		if conn, err := net.Dial("unix", path); err == nil {
			conn.Close()
		}
	}()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// TestListenAtOnce starts many agents at the same moment beside what a dead one left.
func TestListenAtOnce(t *testing.T) {
	path := place(shortDir(t), "agent")
	for range 20 {
		left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		left.SetUnlinkOnClose(false)
		left.Close()
		var group sync.WaitGroup
		won := make(chan net.Listener, 8)
		for range cap(won) {
			group.Go(func() {
				l, err := local.Listen(path)
				if err == nil {
					won <- l
				} else if !errors.Is(err, local.ErrInUse) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(won) != 1 {
			t.Fatalf("%d agents listen, want one", len(won))
		}
		(<-won).Close()
	}
}

func TestListenRefuses(t *testing.T) {
	dir := shortDir(t)
	file := filepath.Join(dir, "file.sock")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	stranger, err := net.Listen("unix", filepath.Join(dir, "stranger.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if err := os.Symlink(file, filepath.Join(dir, "lock.sock.lock")); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct{ name, path, want string }{
		{"a file in the way", file, "no socket"},
		{"a folder that others may write to", filepath.Join(open, "agent.sock"), "others may write"},
		{"a folder that is a link", filepath.Join(link, "agent.sock"), "is no folder"},
		{"a program that is no agent", filepath.Join(dir, "stranger.sock"), local.ErrInUse.Error()},
		{"a lock that is a link", filepath.Join(dir, "lock.sock"), "symbolic links"},
		{"a name that no system takes", filepath.Join(dir, strings.Repeat("x", 104)), "at most 103"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := local.Listen(c.path)
			if err == nil {
				l.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	if data, err := os.ReadFile(file); string(data) != "precious" {
		t.Errorf("the file in the way: got %q, %v", data, err)
	}
}

// TestGone removes the socket of a server, or puts another in its place.
func TestGone(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"removed":           os.Remove,
		"with its folder":   func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
		"replaced by other": func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(shortDir(t), "beagle", "agent.sock")
			l := listen(t, path)
			gone := l.(interface{ Gone() bool }).Gone
			if gone() {
				t.Fatal("it is gone before anything happened")
			}
			if err := harm(path); err != nil {
				t.Fatal(err)
			}
			// Whoever serves there notices within a heartbeat. Time is not real here, and so the
			// listener must not be, but what it says is.
			synctest.Test(t, func(t *testing.T) {
				m := lost{newMerged(), gone}
				started := time.Now()
				err := local.Serve(t.Context(), m, newAgent())
				if !errors.Is(err, local.ErrGone) || time.Since(started) != local.Heartbeat {
					t.Errorf("got %v after %v, want %v after %v", err, time.Since(started), local.ErrGone, local.Heartbeat)
				}
			})
			// When the old listener is closed and a new one made, then clients find it, and what
			// others put there is left to them.
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			l, err := local.Listen(path)
			if name == "replaced by other" {
				if err == nil {
					t.Error("it replaced what is no socket")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
		})
	}
}

type lost struct {
	*merged
	gone func() bool
}

func (l lost) Gone() bool { return l.gone() }

// TestWholeWay asks a real server through a real socket, as whoever runs the tests.
func TestWholeWay(t *testing.T) {
	path := place(shortDir(t), "agent")
	l := listen(t, path)
	a, ended := newAgent(record("m1", api.MachineOwner, api.VerdictAllowed), record("b1", "bob", api.VerdictAllowed)), make(chan error, 1)
	go func() { ended <- local.Serve(t.Context(), l, a) }()
	want := "m1 b1"
	if os.Geteuid() != 0 {
		want = "m1"
	}
	s, err := api.NewClient(path).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(s.Records); got != want {
		t.Errorf("got records %q, want %q", got, want)
	}
	l.Close()
	within(t, "the end", ended)
}
