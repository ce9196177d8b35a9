package watch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"beagle/detectors"
)

// The proc connector sends messages of this form (linux/netlink.h, linux/connector.h,
// linux/cn_proc.h): struct nlmsghdr; struct cn_msg; struct proc_event, which begins with what
// happened, the processor and a time, and of an exec goes on with thread and process.
const (
	headerSize    = 16
	connectorSize = 20
	whatAt        = headerSize + connectorSize
	processAt     = whatAt + 4 + 4 + 8 + 4
	execSize      = processAt + 4

	groupProc = 1 // CN_IDX_PROC, and also CN_VAL_PROC
	listen    = 1 // PROC_CN_MCAST_LISTEN
	eventExec = 2 // PROC_EVENT_EXEC
)

// connector has the kernel tell the number of every process that begins a program.
type connector struct {
	l     *loop
	k     *kernel
	fd    int
	buf   []byte
	own   int
	table *procTable
}

func newConnector(k *kernel) (_ *connector, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_CONNECTOR)
	if err != nil {
		return nil, fmt.Errorf("open the proc connector: %w", err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
		}
	}()
	// Without the right to this, newer kernels still tell, but others' programs cannot be seen
	// and the usual room holds 256 starts.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, k.l.w.buffer); err != nil {
		return nil, fmt.Errorf("make room for the proc connector: %w", err)
	}
	if err := onlyExec(fd); err != nil {
		return nil, fmt.Errorf("choose among the events of the proc connector: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groupProc}); err != nil {
		return nil, fmt.Errorf("bind the proc connector: %w", err)
	}
	if err := unix.Sendto(fd, listenMessage(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, fmt.Errorf("listen to the proc connector: %w", err)
	}
	table, err := newTable()
	if err != nil {
		return nil, err
	}
	return &connector{l: k.l, k: k, fd: fd, buf: make([]byte, 4096), own: os.Getpid(), table: table}, nil
}

// onlyExec has the kernel drop all other events, which are several times as many. The filter
// sees numbers as they come over a network, most significant byte first.
func onlyExec(fd int) error {
	var exec [4]byte
	binary.NativeEndian.PutUint32(exec[:], eventExec)
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: whatAt},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: binary.BigEndian.Uint32(exec[:]), Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffff},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
}

func listenMessage() []byte {
	msg := make([]byte, headerSize+connectorSize+4)
	native := binary.NativeEndian
	native.PutUint32(msg[0:], uint32(len(msg)))
	native.PutUint16(msg[4:], unix.NLMSG_DONE)
	native.PutUint32(msg[12:], uint32(os.Getpid()))
	native.PutUint32(msg[headerSize:], groupProc)
	native.PutUint32(msg[headerSize+4:], groupProc)
	native.PutUint16(msg[headerSize+16:], 4)
	native.PutUint32(msg[headerSize+connectorSize:], listen)
	return msg
}

func (*connector) name() string      { return modeConnector }
func (c *connector) descriptor() int { return c.fd }

func (c *connector) close() {
	c.table.close()
	unix.Close(c.fd)
}

// drain looks at every process the kernel names. One that is gone has no path and is missed.
func (c *connector) drain(now time.Time) (int, error) {
	for n := range maxDrain {
		size, from, err := unix.Recvfrom(c.fd, c.buf, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return n, nil
		case errors.Is(err, unix.ENOBUFS):
			c.l.lose(detectors.Problem{Code: CodeOverflow, Args: map[string]string{"source": c.name()}})
			continue
		case err != nil:
			return n, err
		}
		// Any program may send to the socket; the kernel is number 0.
		if sender, ok := from.(*unix.SockaddrNetlink); !ok || sender.Pid != 0 || size < execSize {
			continue
		}
		if binary.NativeEndian.Uint32(c.buf[whatAt:]) != eventExec {
			continue
		}
		pid := int(binary.NativeEndian.Uint32(c.buf[processAt:]))
		if pid == c.own {
			continue
		}
		if path, err := c.table.program(pid); err == nil {
			c.started(now, pid, string(path))
		}
	}
	return maxDrain, nil
}

func (c *connector) started(now time.Time, pid int, path string) {
	if c.l.w.opt.Wants(path) {
		c.l.started(now, pid, path)
	} else {
		c.k.left(pid, path)
	}
}
