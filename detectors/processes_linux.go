package detectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"beagle/detectors/internal/procfs"
)

// procDir is where the kernel shows processes (proc(5)).
const procDir = "/proc"

// procProcesses reads processes from /proc with as few system calls as tell what a Process
// holds: nearly all the time of a sweep is spent in the kernel.
type procProcesses struct{}

func liveProcesses() Processes { return procProcesses{} }

func (procProcesses) List(ctx context.Context) ([]Process, error) {
	dir, err := os.Open(procDir)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer dir.Close()
	r := procReader{dir: int(dir.Fd()), boot: bootTime(), users: map[uint32]string{}, buf: make([]byte, 2*unix.PathMax)}
	var list []Process
	for {
		names, err := dir.Readdirnames(1024)
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return list, err
			}
			pid, notPID := strconv.Atoi(name)
			if notPID != nil {
				continue
			}
			if p, ok := r.read(pid, name); ok {
				list = append(list, p)
			}
		}
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, fmt.Errorf("list processes: %w", err)
		}
	}
}

// procReader reads one process after another.
type procReader struct {
	dir   int // descriptor of /proc
	boot  time.Time
	users map[uint32]string // names by uid, since looking one up reads a file
	buf   []byte
}

// read asks for the path first: a process without one is either gone, a thread of the
// kernel, or somebody else's. One that ends after its path was read has been seen running.
func (r *procReader) read(pid int, name string) (Process, bool) {
	out := Process{PID: pid}
	exe, err := r.exe(name)
	stat, there := r.stat(name)
	if err != nil {
		if !there {
			return out, false // gone in the meantime
		}
		out.Name, out.Err = stat.Name, err
		if errors.Is(err, fs.ErrNotExist) || isKernelThread(pid, stat) {
			out.Kernel, out.Err = true, nil
			return out, true // nobody asks whose it is, or since when
		}
	} else {
		out.Exe, out.Deleted = strings.CutSuffix(exe, " (deleted)")
		out.Name = path.Base(out.Exe)
	}
	out.User = r.user(name)
	if there && !r.boot.IsZero() {
		out.Started = stat.Started(r.boot)
	}
	return out, true
}

func (r *procReader) exe(pid string) (string, error) {
	link := pid + "/exe"
	n, err := unix.Readlinkat(r.dir, link, r.buf)
	if err == nil && (n == 0 || n == len(r.buf)) {
		err = unix.ENAMETOOLONG
	}
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: procDir + "/" + link, Err: err}
	}
	return string(r.buf[:n]), nil
}

// stat is cut off at the size of the buffer, which is several times what the kernel writes.
func (r *procReader) stat(pid string) (procfs.Stat, bool) {
	fd, err := unix.Openat(r.dir, pid+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return procfs.Stat{}, false
	}
	n, err := unix.Read(fd, r.buf)
	unix.Close(fd)
	if err != nil {
		return procfs.Stat{}, false
	}
	return procfs.ParseStat(r.buf[:n])
}

// user goes by the folder of the process: the files in it belong to root when the program
// does not want to be looked at (PR_SET_DUMPABLE in prctl(2)).
func (r *procReader) user(pid string) string {
	var st unix.Stat_t
	if err := unix.Fstatat(r.dir, pid, &st, 0); err != nil {
		return ""
	}
	name, known := r.users[st.Uid]
	if !known {
		if u, err := user.LookupId(strconv.FormatUint(uint64(st.Uid), 10)); err == nil {
			name = u.Username
		}
		r.users[st.Uid] = name
	}
	return name
}

// isKernelThread tells by the parent: all threads of the kernel descend from kthreadd,
// which is process 2.
func isKernelThread(pid int, stat procfs.Stat) bool { return pid == 2 || stat.Parent == 2 }

// bootTime is zero if the kernel does not tell.
func bootTime() time.Time {
	f, err := os.Open(procDir + "/stat")
	if err != nil {
		return time.Time{}
	}
	defer f.Close()
	// A line for each processor, and one with a number for each interrupt.
	data, err := io.ReadAll(io.LimitReader(f, 4<<20))
	if err != nil {
		return time.Time{}
	}
	boot, _ := procfs.ParseBootTime(data)
	return boot
}
