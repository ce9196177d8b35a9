package watch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"beagle/detectors/internal/procfs"
)

// procTable lists /proc. Only the numbers come for free.
type procTable struct {
	dir  int // descriptor of /proc
	name []byte
	link []byte
	buf  []byte
}

func newTable() (*procTable, error) {
	fd, err := unix.Open("/proc", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /proc: %w", err)
	}
	return &procTable{dir: fd, link: make([]byte, unix.PathMax+len(deletedMark)+1), buf: make([]byte, 32<<10)}, nil
}

func (t *procTable) close() { unix.Close(t.dir) }

func (t *procTable) each(visit func(pid int, birth uint64)) error {
	if _, err := unix.Seek(t.dir, 0, unix.SEEK_SET); err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	for {
		n, err := unix.Getdents(t.dir, t.buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("list processes: %w", err)
		}
		if n <= 0 {
			return nil
		}
		for rest := t.buf[:n]; len(rest) > dirent; {
			size := int(binary.NativeEndian.Uint16(rest[16:]))
			if size < dirent || size > len(rest) {
				break
			}
			if pid := number(rest[dirent:size]); pid > 0 {
				visit(pid, 0)
			}
			rest = rest[size:]
		}
	}
}

// dirent is where the name begins in a struct linux_dirent64, after inode, offset, length and
// type (getdents64(2)).
const dirent = 19

// number reads the name of an entry, which ends with a zero, as a process number; 0 if it is none.
func number(name []byte) int {
	n := 0
	for i, c := range name {
		switch {
		case c == 0 && i > 0:
			return n
		case c < '0' || c > '9' || n > 1<<30:
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return 0
}

// program reads /proc/PID/exe.
func (t *procTable) program(pid int) ([]byte, error) {
	t.name = append(strconv.AppendInt(t.name[:0], int64(pid), 10), "/exe\x00"...)
	link, err := readlink(t.dir, t.name, t.link)
	return bytes.TrimSuffix(link, []byte(deletedMark)), err
}

// deletedMark is what the kernel puts behind the path of a file that was removed.
const deletedMark = " (deleted)"

// readlink reads a link without allocating; the name ends with a zero.
func readlink(dir int, name, buf []byte) ([]byte, error) {
	n, _, errno := unix.Syscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(&name[0])),
		uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	if int(n) == len(buf) {
		return nil, unix.ENAMETOOLONG
	}
	return buf[:n], nil
}

// runningPath returns what a process runs.
func runningPath(pid int) (string, error) {
	path, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	return string(bytes.TrimSuffix([]byte(path), []byte(deletedMark))), err
}

// birthOf returns when a process started, in ticks; false if it is gone. A zombie is gone: it
// ended and only waits for its parent to notice.
func birthOf(pid int) (uint64, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	stat, ok := procfs.ParseStat(data)
	state := data[bytes.LastIndexByte(data, ')')+1:] // the name before may hold anything
	if !ok || bytes.HasPrefix(state, []byte(" Z")) || bytes.HasPrefix(state, []byte(" X")) {
		return 0, false
	}
	return stat.Start, true
}
