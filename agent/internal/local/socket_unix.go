//go:build linux || darwin

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The rights of socket and folder. Everybody may ask the system's agent; that of an ordinary
// user is for that user alone.
const (
	systemSocket, systemFolder = 0o666, 0o755
	userSocket, userFolder     = 0o600, 0o700
)

// maxPath is the longest name of a socket that all systems can bind: 104 bytes with the zero
// on macOS (unix(4)), 108 on Linux (unix(7)).
const maxPath = 103

// Listen opens the socket at path, such as [api.DefaultSocket], in a folder that belongs to
// the caller and that nobody else may write to; it is made if it is missing. The socket of an agent that
// died is replaced. Where one is alive it fails with [ErrInUse], as sure as locks are: next
// to the socket lies a file that whoever listens holds locked.
//
// The connections are [Peer]s. The listener has a method Gone, for [Serve].
func Listen(path string) (net.Listener, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if len(path) > maxPath {
		return nil, fmt.Errorf("listen at %q: %d bytes, want at most %d", path, len(path), maxPath)
	}
	folder, mode := fs.FileMode(userFolder), fs.FileMode(userSocket)
	if os.Geteuid() == 0 {
		folder, mode = systemFolder, systemSocket
	}
	if err := prepareFolder(filepath.Dir(path), folder); err != nil {
		return nil, fmt.Errorf("listen at %q: %w", path, err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("listen at %q: %w", path, err)
	}
	l, err := bind(path, mode)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen at %q: %w", path, err), lock.Close())
	}
	l.lock = lock
	return l, nil
}

// prepareFolder makes the folder, or makes sure that nobody else can change what is in it.
func prepareFolder(dir string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(dir), systemFolder); err != nil {
		return err
	}
	made := os.Mkdir(dir, mode)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%q is no folder", dir)
	case !ok || int(stat.Uid) != os.Geteuid():
		return fmt.Errorf("the folder %q belongs to somebody else", dir)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others may write to the folder %q", dir)
	}
	if made == nil {
		return os.Chmod(dir, mode) // whatever the umask took away
	}
	return nil
}

// lockFile opens a file that only its owner can open, since who can open it can lock it.
func lockFile(name string) (*os.File, error) {
	lock, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = ErrInUse
		}
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// bind replaces what is left of a dead agent. The caller holds the lock.
func bind(path string, mode fs.FileMode) (*socket, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode().Type() != fs.ModeSocket:
		return nil, errors.New("there is something that is no socket")
	case answers(path):
		return nil, ErrInUse // somebody who removed the lock, or is no agent
	default:
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it removes whatever has the name by then
	if err := os.Chmod(path, mode); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	own, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &socket{UnixListener: l, path: path, own: own, users: newUsers()}, nil
}

// answers reports whether somebody listens: only a socket without a listener refuses.
func answers(path string) bool {
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		// It was opened to see that it opens.
		_ = conn.Close()
	}
	return !errors.Is(err, unix.ECONNREFUSED)
}

// socket is a listener whose connections know their peer.
type socket struct {
	*net.UnixListener
	path  string
	own   fs.FileInfo // of the socket that we made
	lock  *os.File
	users *users
	once  sync.Once
}

// Accept returns a [Peer]. A connection whose peer the kernel does not tell is closed.
func (s *socket) Accept() (net.Conn, error) {
	for {
		conn, err := s.AcceptUnix()
		if err != nil {
			return nil, err
		}
		uid, err := peerOf(conn)
		if err == nil {
			return &socketConn{conn, uid, s.users}, nil
		}
		// It has gone already, which is why the kernel knows nothing of it.
		_ = conn.Close()
	}
}

// Gone reports whether clients find something else where the socket was, or nothing.
func (s *socket) Gone() bool {
	info, err := os.Lstat(s.path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(info, s.own)
}

// Close stops listening and removes the socket, if it is still ours.
func (s *socket) Close() error {
	err := net.ErrClosed
	s.once.Do(func() {
		err = s.UnixListener.Close()
		if !s.Gone() {
			err = errors.Join(err, os.Remove(s.path))
		}
		err = errors.Join(err, s.lock.Close())
	})
	return err
}

type socketConn struct {
	*net.UnixConn
	uid   uint32
	users *users
}

func (c *socketConn) Account() string { return strconv.FormatUint(uint64(c.uid), 10) }

func (c *socketConn) Viewer() (Viewer, error) {
	who := c.users.find(c.Account())
	who.Admin = c.uid == 0
	return who, nil
}

func peerOf(conn *net.UnixConn) (uid uint32, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { uid, failed = peerUID(int(fd)) })
	return uid, errors.Join(err, failed)
}
