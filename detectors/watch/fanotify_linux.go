package watch

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"beagle/detectors"
)

// maxDrain bounds what is taken at one time, so that others get their turn. Of fanotify each
// event comes with a descriptor, so it also bounds those.
const maxDrain = 256

// fanotify has the kernel pass on every file that is opened to be executed (FAN_OPEN_EXEC,
// Linux 5.0), on whole file systems. The event comes with the file, so the path is known
// however short the process lives.
//
// The queue keeps the kernel's usual limit (16,384 events, fs.fanotify.max_queued_events):
// while this program is stopped, each event holds memory and keeps a file system busy, so
// that what does not fit had better be lost, and told.
type fanotify struct {
	l       *loop
	k       *kernel
	fd      int
	own     int
	fds     int // descriptor of /proc/self/fd
	number  []byte
	link    []byte
	buf     []byte
	head    [4]byte
	table   *procTable
	doubts  doubts
	ignored ignored

	marked map[string]bool  // mounts, by what tells one from another
	failed map[string]error // by where it is mounted
}

func newFanotify(k *kernel, mounts []detectors.Mount) (_ *fanotify, err error) {
	f := &fanotify{
		l: k.l, k: k, own: os.Getpid(), link: make([]byte, unix.PathMax+len(deletedMark)+1),
		buf: make([]byte, maxDrain*metadataSize), marked: map[string]bool{}, failed: map[string]error{},
	}
	f.fd, err = unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_LARGEFILE|unix.O_NOATIME)
	if err != nil {
		return nil, fmt.Errorf("open fanotify: %w", err)
	}
	if f.fds, err = unix.Open("/proc/self/fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("open fanotify: %w", err), unix.Close(f.fd))
	}
	if f.table, err = newTable(); err != nil {
		return nil, errors.Join(err, unix.Close(f.fds), unix.Close(f.fd))
	}
	f.doubts = doubts{l: k.l, left: k.left, program: f.table.program}
	f.ignored = ignored{fanotify: f.fd, next: time.Now().Add(ignoreFor)}
	f.markAll(mounts)
	if len(f.marked) == 0 {
		f.close()
		return nil, fmt.Errorf("mark file systems: %w", errors.Join(f.reasons()...))
	}
	return f, nil
}

const metadataSize = int(unsafe.Sizeof(unix.FanotifyEventMetadata{}))

func (*fanotify) name() string      { return modeFanotify }
func (f *fanotify) descriptor() int { return f.fd }

func (f *fanotify) close() {
	f.table.close()
	unix.Close(f.fds)
	unix.Close(f.fd)
}

func (f *fanotify) reasons() []error {
	var errs []error
	for place, err := range f.failed {
		errs = append(errs, fmt.Errorf("%s: %w", place, err))
	}
	return errs
}

// markAll marks the local file systems that are not marked yet and returns their mounts. On others a file might not come back from being opened; and a path that leads over
// one is not walked.
func (f *fanotify) markAll(mounts []detectors.Mount) (added []detectors.Mount) {
	clear(f.failed)
	there := map[string]bool{}
	for i := range mounts {
		m := &mounts[i]
		key := m.Device + " " + m.Type + " " + m.Path
		there[key] = true
		if f.marked[key] || !m.Local() {
			continue
		}
		if over := behind(mounts, m); over != nil {
			f.failed[m.Path] = fmt.Errorf("it lies in %s: %w", over.Path, errForeign)
			continue
		}
		err := unix.FanotifyMark(f.fd, unix.FAN_MARK_ADD|unix.FAN_MARK_FILESYSTEM, unix.FAN_OPEN_EXEC, unix.AT_FDCWD, m.Path)
		if err != nil {
			f.failed[m.Path] = err
			continue
		}
		f.marked[key] = true
		added = append(added, *m)
	}
	for key := range f.marked {
		if !there[key] {
			delete(f.marked, key) // the mark went with the file system
		}
	}
	return added
}

// behind returns the foreign file system over which a mount is reached, nil if there is none.
func behind(mounts []detectors.Mount, m *detectors.Mount) *detectors.Mount {
	for i := range mounts {
		over := &mounts[i]
		if !over.Local() && !over.Pseudo() && strings.HasPrefix(m.Path, over.Path+"/") {
			return over
		}
	}
	return nil
}

// holdsNoPrograms lists types of file systems that are neither local nor pseudo by name, but
// from which nobody runs a program.
func holdsNoPrograms(m *detectors.Mount) bool {
	return m.Pseudo() || slices.Contains([]string{"nfsd", "fuse.lxcfs", "fuse.vmware-vmblock", "resctrl", "rootfs", "none"}, m.Type)
}

// uncovered returns the mounts whose programs start unseen.
func (f *fanotify) uncovered(mounts []detectors.Mount) []detectors.Mount {
	return slices.DeleteFunc(slices.Clone(mounts), func(m detectors.Mount) bool {
		return f.failed[m.Path] == nil && (m.Local() || holdsNoPrograms(&m))
	})
}

// drain reads what there is, up to a bound.
func (f *fanotify) drain(now time.Time) (int, error) {
	size, err := unix.Read(f.fd, f.buf)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return 0, nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EBADF):
		return 0, err
	case err != nil: // the kernel could not open the file for us, and dropped the event
		f.l.lose(failed(f.name(), err))
		return 1, nil
	}
	n := 0
	for rest := f.buf[:size]; len(rest) >= metadataSize; n++ {
		ev := (*unix.FanotifyEventMetadata)(unsafe.Pointer(&rest[0]))
		if ev.Vers != unix.FANOTIFY_METADATA_VERSION || int(ev.Event_len) < metadataSize || int(ev.Event_len) > len(rest) {
			return n, fmt.Errorf("read fanotify: version %d, length %d", ev.Vers, ev.Event_len)
		}
		f.event(now, ev)
		rest = rest[ev.Event_len:]
	}
	return n, nil
}

func (f *fanotify) event(now time.Time, ev *unix.FanotifyEventMetadata) {
	if ev.Mask&unix.FAN_Q_OVERFLOW != 0 {
		f.l.lose(detectors.Problem{Code: CodeOverflow, Args: map[string]string{"source": f.name()}})
	}
	if ev.Fd < 0 { // as of an overflow
		return
	}
	defer unix.Close(int(ev.Fd))
	pid := int(ev.Pid)
	if pid == f.own || pid == 0 { // 0 is a process that we could not see in /proc
		return
	}
	f.number = append(strconv.AppendInt(f.number[:0], int64(ev.Fd), 10), 0)
	link, err := readlink(f.fds, f.number, f.link)
	if errors.Is(err, unix.ENAMETOOLONG) {
		return // nobody can be told its path, a sweep neither
	}
	if err != nil {
		f.l.lose(failed(f.name(), err))
		return
	}
	file := string(bytes.TrimSuffix(link, []byte(deletedMark)))
	if f.l.w.opt.Wants(file) {
		if f.program(int(ev.Fd)) {
			f.doubts.started(now, pid, file)
		}
		return
	}
	if f.k.leaves(pid, file) {
		f.doubts.leaves(now, pid, file)
	}
	f.ignored.add(int(ev.Fd), file)
}

// program tells a program from a script: for that its interpreter is opened too, and is what
// the process runs.
func (f *fanotify) program(fd int) bool {
	n, err := unix.Pread(fd, f.head[:], 0)
	return err != nil || n < len(f.head) || string(f.head[:]) == "\x7fELF"
}

// isLoader says whether a file is by its name the dynamic loader, which the kernel opens right
// after most programs: ld-linux-x86-64.so.2, ld-musl-x86_64.so.1, ld-2.31.so, ld64.so.2.
func isLoader(file string) bool {
	name := path.Base(file)
	return strings.HasPrefix(name, "ld") && strings.Contains(name, ".so")
}
