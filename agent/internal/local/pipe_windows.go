package local

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"

	"beagle/agent/api"
)

// pipeBuffer is a hint for each direction; the system takes more when more is written.
const pipeBuffer = 64 << 10

// Listen opens the named pipe at path, such as [api.DefaultSocket], for the users of this
// machine or, where an ordinary user calls it, for that user and administrators. Where an
// agent listens already it fails with [ErrInUse]; a dead one leaves nothing behind.
//
// The connections are [Peer]s.
func Listen(path string) (net.Listener, error) {
	l := &pipe{path: path, connected: &windows.Overlapped{}}
	if err := l.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("listen at %q: %w", path, err), l.release())
	}
	return l, nil
}

// pipe offers one end of a pipe after the other. Accept is for one goroutine.
type pipe struct {
	path   string
	name   *uint16
	access *windows.SecurityAttributes
	stop   windows.Handle // an event: set by Close
	// connected is in use by the system while Accept waits: its event is set when a client
	// opens our end.
	connected *windows.Overlapped

	accepting sync.Mutex
	next      windows.Handle // the end that the next client gets; guarded by accepting
	closed    bool           // guarded by accepting
	once      sync.Once
}

func (l *pipe) open() (err error) {
	if l.name, err = windows.UTF16PtrFromString(l.path); err != nil {
		return err
	}
	descriptor, err := accessRules()
	if err != nil {
		return fmt.Errorf("say who may connect: %w", err)
	}
	l.access = &windows.SecurityAttributes{SecurityDescriptor: descriptor}
	l.access.Length = uint32(unsafe.Sizeof(*l.access))
	if l.stop, err = windows.CreateEvent(nil, 1, 0, nil); err != nil {
		return err
	}
	if l.connected.HEvent, err = windows.CreateEvent(nil, 1, 0, nil); err != nil {
		return err
	}
	l.next, err = l.end(windows.FILE_FLAG_FIRST_PIPE_INSTANCE)
	// There is such a pipe, and who made it does not let us be its server, or we are
	// (https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-createnamedpipew).
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_PIPE_BUSY) {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return err
}

// end makes one more end for a client of this machine.
func (l *pipe) end(flag uint32) (windows.Handle, error) {
	const mode = windows.PIPE_TYPE_BYTE | windows.PIPE_READMODE_BYTE | windows.PIPE_WAIT | windows.PIPE_REJECT_REMOTE_CLIENTS
	return windows.CreateNamedPipe(l.name, windows.PIPE_ACCESS_DUPLEX|windows.FILE_FLAG_OVERLAPPED|flag, mode,
		windows.PIPE_UNLIMITED_INSTANCES, pipeBuffer, pipeBuffer, 0, l.access)
}

// accessRules says who may connect: SYSTEM and administrators to everything; for the
// system's agent all users who logged on here, to what api.PipeAccess lists, else the
// caller; nobody over the network
// (https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format).
// The owner, by whom clients know the agent, is the system or the administrators where the
// caller may say so.
func accessRules() (*windows.SECURITY_DESCRIPTOR, error) {
	token := windows.GetCurrentProcessToken()
	me, err := token.GetTokenUser()
	if err != nil {
		return nil, err
	}
	admin, err := isAdmin(0)
	if err != nil {
		return nil, err
	}
	const closed = "D:P(D;;GA;;;NU)(A;;GA;;;SY)(A;;GA;;;BA)"
	users := fmt.Sprintf("(A;;%#x;;;AU)", uint32(api.PipeAccess))
	switch {
	case me.User.Sid.IsWellKnown(windows.WinLocalSystemSid):
		return windows.SecurityDescriptorFromString("O:SY" + closed + users)
	case admin:
		return windows.SecurityDescriptorFromString("O:BA" + closed + users)
	}
	mine := me.User.Sid.String()
	return windows.SecurityDescriptorFromString("O:" + mine + closed + "(A;;GA;;;" + mine + ")")
}

// Accept returns a [Peer].
func (l *pipe) Accept() (net.Conn, error) {
	l.accepting.Lock()
	defer l.accepting.Unlock()
	for {
		if l.closed {
			return nil, net.ErrClosed
		}
		if l.next == 0 { // the last time there were no means to make one
			next, err := l.end(0)
			if err != nil {
				return nil, fmt.Errorf("offer the pipe %q: %w", l.path, err)
			}
			l.next = next
		}
		err := l.wait()
		handle := l.next
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		// The next client must find an end, whatever becomes of this one.
		l.next = 0
		if next, err := l.end(0); err == nil {
			l.next = next
		}
		if err == nil {
			return &pipeConn{PipeConn: api.NewPipeConn(handle, l.path), account: accountOf(handle)}, nil
		}
		if closed := windows.CloseHandle(handle); closed != nil || !errors.Is(err, windows.ERROR_NO_DATA) {
			return nil, errors.Join(fmt.Errorf("wait for a client of %q: %w", l.path, err), closed)
		}
		// A client that came and went is of no interest.
	}
}

// wait waits until a client opens our end, or for Close.
func (l *pipe) wait() error {
	if err := windows.ResetEvent(l.connected.HEvent); err != nil {
		return err
	}
	err := windows.ConnectNamedPipe(l.next, l.connected)
	switch {
	case err == nil, errors.Is(err, windows.ERROR_PIPE_CONNECTED):
		return nil
	case !errors.Is(err, windows.ERROR_IO_PENDING):
		return err
	}
	which, err := windows.WaitForMultipleObjects([]windows.Handle{l.stop, l.connected.HEvent}, false, windows.INFINITE)
	stopped := err != nil || which == windows.WAIT_OBJECT_0
	if stopped {
		// It may be connected all the same; either way the system must let go of the memory.
		_ = windows.CancelIoEx(l.next, l.connected)
	}
	var n uint32
	err = windows.GetOverlappedResult(l.next, l.connected, &n, true)
	if stopped {
		return net.ErrClosed
	}
	return err
}

// Close stops listening. Connections live on.
func (l *pipe) Close() error {
	err := net.ErrClosed
	l.once.Do(func() {
		// An Accept under way holds the lock until it sees this.
		err = windows.SetEvent(l.stop)
		l.accepting.Lock()
		defer l.accepting.Unlock()
		err = errors.Join(err, l.release())
	})
	return err
}

func (l *pipe) release() error {
	var err error
	for _, handle := range []*windows.Handle{&l.next, &l.stop, &l.connected.HEvent} {
		if *handle != 0 && *handle != windows.InvalidHandle {
			err = errors.Join(err, windows.CloseHandle(*handle))
		}
		*handle = 0
	}
	l.closed = true
	return err
}

// Addr returns the name of the pipe.
func (l *pipe) Addr() net.Addr { return api.PipeAddr(l.path) }

// pipeConn is the server's end of a pipe.
type pipeConn struct {
	*api.PipeConn
	account string
	once    sync.Once
	who     Viewer
	err     error
}

func (c *pipeConn) Account() string { return c.account }

func (c *pipeConn) Viewer() (Viewer, error) {
	c.once.Do(func() { c.who, c.err = c.ask() })
	return c.who, c.err
}

func (c *pipeConn) ask() (who Viewer, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return Viewer{}, fmt.Errorf("ask who connected: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) { who, failed = clientOf(windows.Handle(fd)) })
	if err = errors.Join(err, failed); err != nil {
		return Viewer{}, fmt.Errorf("ask who connected: %w", err)
	}
	return who, nil
}
