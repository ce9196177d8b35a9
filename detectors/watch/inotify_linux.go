package watch

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"beagle/detectors"
)

// folderMask asks for what changes the entries of a folder, for files that were written and
// closed again, and for the end of the folder itself. Single writes are left out: a download
// makes thousands (inotify(7)).
const folderMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_CLOSE_WRITE |
	unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR

// folderRest is for what part of the quiet nothing is read after a reading: changes are told
// late anyway, and this way a busy folder costs five wake-ups a second and no more.
const folderRest = 5

// inotify is the notifier of Linux.
type inotify struct {
	l   *loop
	fd  int
	buf []byte
}

func newInotify(l *loop) (*inotify, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("ask for changes of folders: %w", err)
	}
	return &inotify{l: l, fd: fd, buf: make([]byte, 64<<10)}, nil
}

func (*inotify) name() string { return "inotify" }

func (n *inotify) add(dir string) (int, error) {
	id, err := unix.InotifyAddWatch(n.fd, dir, folderMask)
	if err != nil {
		return 0, fmt.Errorf("watch %q: %w", dir, err)
	}
	return id, nil
}

// remove says nothing of a folder that is gone: the kernel removed it then.
func (n *inotify) remove(id int) { _, _ = unix.InotifyRmWatch(n.fd, uint32(id)) }

// read passes on what there is.
func (n *inotify) read(now time.Time) {
	for {
		size, err := unix.Read(n.fd, n.buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			if !errors.Is(err, unix.EAGAIN) {
				n.l.lose(failed("inotify", err))
			}
			return
		}
		for rest := n.buf[:size]; len(rest) >= unix.SizeofInotifyEvent; {
			ev := (*unix.InotifyEvent)(unsafe.Pointer(&rest[0]))
			end := unix.SizeofInotifyEvent + int(ev.Len)
			if end > len(rest) {
				break
			}
			n.event(now, ev, rest[unix.SizeofInotifyEvent:end])
			rest = rest[end:]
		}
		if size < len(n.buf)/2 {
			return
		}
	}
}

func (n *inotify) event(now time.Time, ev *unix.InotifyEvent, name []byte) {
	const itself = unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_UNMOUNT | unix.IN_IGNORED
	switch {
	case ev.Mask&unix.IN_Q_OVERFLOW != 0:
		n.l.lose(detectors.Problem{Code: CodeOverflow, Args: map[string]string{"source": n.name()}})
	case ev.Mask&itself != 0:
		n.l.places.happened(now, int(ev.Wd), "", true)
	default:
		text, _, _ := bytes.Cut(name, []byte{0})
		n.l.places.happened(now, int(ev.Wd), string(text), ev.Mask&unix.IN_ISDIR != 0)
	}
}
