package local_test

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

// asUser runs f on a thread that belongs to another user. The thread is not used again.
func asUser(t *testing.T, uid int, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		// Only this thread, which is what the raw call is for: setresuid(2), "C library/kernel
		// differences".
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); errno != 0 {
			done <- errno
			return
		}
		done <- f()
	}()
	return within(t, "another user", done)
}

// connectAs connects to a socket as another user, by plain system calls, since those of the
// runtime may run on any thread.
func connectAs(t *testing.T, uid int, path string) (net.Conn, error) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close()
	if err := asUser(t, uid, func() error { return unix.Connect(fd, &unix.SockaddrUnix{Name: path}) }); err != nil {
		return nil, err
	}
	conn, err := net.FileConn(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, nil
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
}

// TestOtherUsers connects as real users of this machine and lets the kernel say who they are.
func TestOtherUsers(t *testing.T) {
	needsRoot(t)
	nobody, err := user.LookupId("65534")
	if err != nil {
		t.Skip("this system has no user 65534")
	}
	path := place(shortDir(t), "agent")
	l := listen(t, path)
	a := newAgent(
		record("m1", api.MachineOwner, api.VerdictAllowed, process(nobody.Username), process("bob")),
		record("b1", "bob", api.VerdictAllowed),
		record("n1", nobody.Username, api.VerdictAllowed),
	)
	ended := make(chan error, 1)
	go func() { ended <- local.Serve(t.Context(), l, a) }()

	for _, c := range []struct {
		name     string
		uid      int
		has, not []string
	}{
		{"root", 0, []string{`"m1"`, `"b1"`, `"n1"`, `"bob"`}, nil},
		{"user with a name", 65534, []string{`"m1"`, `"n1"`, `"user":"` + nobody.Username + `"`}, []string{`"b1"`, "bob"}},
		{"user without a name", 54321, []string{`"m1"`}, []string{`"b1"`, `"n1"`, `"user"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := connectAs(t, c.uid, path)
			if err != nil {
				t.Fatal(err)
			}
			// A request that says who it is from is not believed.
			io.WriteString(conn, "GET /v1/snapshot HTTP/1.1\r\nHost: beagle\r\nAuthorization: Basic cm9vdDo=\r\nX-User: root\r\n\r\n")
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.has {
				if !strings.Contains(string(body), want) {
					t.Errorf("got %s, want %s in it", body, want)
				}
			}
			for _, secret := range c.not {
				if strings.Contains(string(body), secret) {
					t.Errorf("got %s, with %s in it", body, secret)
				}
			}
		})
	}
	l.Close()
	within(t, "the end", ended)
}

// TestImpostor listens as another user where the agent would.
func TestImpostor(t *testing.T) {
	needsRoot(t)
	dir := shortDir(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	path := place(dir, "agent")
	fd := -1
	err := asUser(t, 54321, func() (err error) {
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		return errors.Join(unix.Bind(fd, &unix.SockaddrUnix{Name: path}), unix.Listen(fd, 8))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	// Even where the file was given to root.
	if err := os.Chown(path, 0, 0); err != nil {
		t.Fatal(err)
	}
	client := api.NewClient(path)
	_, err = client.Snapshot(t.Context())
	if !errors.Is(err, api.ErrUntrusted) || !strings.Contains(err.Error(), "54321") {
		t.Errorf("snapshot: got %v, want %v", err, api.ErrUntrusted)
	}
	err = client.Events(t.Context(), func(api.Event) error { return nil })
	if !errors.Is(err, api.ErrUntrusted) {
		t.Errorf("events: got %v, want %v", err, api.ErrUntrusted)
	}
	// And an agent does not listen in such a folder.
	if l, err := local.Listen(path); err == nil {
		l.Close()
		t.Error("an agent listens in a folder that others may write to")
	}
}

// TestAgentOfAnOrdinaryUser listens as one: nobody else may connect, root aside.
func TestAgentOfAnOrdinaryUser(t *testing.T) {
	needsRoot(t)
	const owner, other = 54321, 54322
	dir := shortDir(t)
	if err := os.Chown(dir, owner, owner); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "beagle", "agent.sock")
	var l net.Listener
	if err := asUser(t, owner, func() (err error) { l, err = local.Listen(path); return err }); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, want := range map[string]fs.FileMode{filepath.Dir(path): 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v, want mode %v", name, info, err, want)
		}
	}
	if _, err := connectAs(t, owner, path); err != nil {
		t.Errorf("its owner: %v", err)
	}
	if _, err := connectAs(t, other, path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("another user: got %v, want %v", err, fs.ErrPermission)
	}
	// Nobody else takes its place or its folder either, not even root by mistake.
	if again, err := local.Listen(path); err == nil {
		again.Close()
		t.Error("root listens in the folder of a user")
	}
}
