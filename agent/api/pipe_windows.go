package api

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// PipeConn is one end of a named pipe as a connection. It is for the agent's two sides of the
// local API.
//
// Requests read and write at the same time, which a pipe without overlapped input and output
// cannot: there a pending read holds up every write. The runtime's own poller serves it.
type PipeConn struct {
	file *os.File
	name string
}

// NewPipeConn takes over a handle that was opened with FILE_FLAG_OVERLAPPED and is connected.
func NewPipeConn(handle windows.Handle, name string) *PipeConn {
	return &PipeConn{os.NewFile(uintptr(handle), name), name}
}

// SyscallConn gives access to the handle.
func (c *PipeConn) SyscallConn() (syscall.RawConn, error) { return c.file.SyscallConn() }

func (c *PipeConn) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	return n, asNetwork(err)
}

func (c *PipeConn) Write(p []byte) (int, error) {
	n, err := c.file.Write(p)
	return n, asNetwork(err)
}

// Close ends reads and writes under way. What was written can still be read by the other end.
func (c *PipeConn) Close() error { return c.file.Close() }

// LocalAddr returns the name of the pipe.
func (c *PipeConn) LocalAddr() net.Addr { return PipeAddr(c.name) }

// RemoteAddr returns the name of the pipe.
func (c *PipeConn) RemoteAddr() net.Addr { return PipeAddr(c.name) }

// SetDeadline limits reads and writes from now on, also those under way.
func (c *PipeConn) SetDeadline(t time.Time) error { return c.file.SetDeadline(t) }

// SetReadDeadline limits reads.
func (c *PipeConn) SetReadDeadline(t time.Time) error { return c.file.SetReadDeadline(t) }

// SetWriteDeadline limits writes.
func (c *PipeConn) SetWriteDeadline(t time.Time) error { return c.file.SetWriteDeadline(t) }

// asNetwork turns the errors of files into those that net/http expects of connections: it
// asks for net.Error, which the error of a file is not.
func asNetwork(err error) error {
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	case errors.Is(err, os.ErrClosed):
		return net.ErrClosed
	}
	return err
}

// PipeAddr is the name of a pipe.
type PipeAddr string

// Network returns "pipe".
func (PipeAddr) Network() string { return "pipe" }

func (a PipeAddr) String() string { return string(a) }
