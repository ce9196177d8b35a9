//go:build linux || darwin

package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
)

// DefaultSocket is where the system's agent listens.
func DefaultSocket() string {
	if runtime.GOOS == "darwin" {
		return "/var/run/beagle/agent.sock"
	}
	return "/run/beagle/agent.sock"
}

// UserSocket is where an agent listens that an ordinary user runs. It fails for a user
// without a home.
func UserSocket() (string, error) {
	// https://specifications.freedesktop.org/basedir-spec/latest/
	if dir := os.Getenv("XDG_RUNTIME_DIR"); runtime.GOOS == "linux" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "beagle", "agent.sock"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a place for the socket: %w", err)
	}
	return filepath.Join(dir, "beagle", "agent.sock"), nil
}

// dial connects to the socket and asks the kernel who listens there. That is the process
// that answers, whoever owns the file now.
func dial(ctx context.Context, path string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		var op *net.OpError // which would repeat the path
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, err
	}
	if err := verify(conn.(*net.UnixConn)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func verify(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	var uid uint32
	var failed error
	if err := raw.Control(func(fd uintptr) { uid, failed = listener(int(fd)) }); err != nil {
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	if failed != nil {
		return fmt.Errorf("%w: ask who listens: %w", ErrUntrusted, failed)
	}
	if uid != 0 && int(uid) != os.Geteuid() {
		return fmt.Errorf("%w: user %d listens there", ErrUntrusted, uid)
	}
	return nil
}
