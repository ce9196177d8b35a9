package watch

import (
	"errors"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// Nearly all starts are of the same few programs, again and again. Once the answer for one of
// them is that it is of no interest, the kernel is told to keep it to itself: what it does not
// tell costs nothing.
//
// The answer was for a path and the kernel is told of a file. So this is only done where nobody
// but root could give the file another path. When the file is written to, the kernel forgets by
// itself, and a new version of it is another file. All is forgotten when the answers may have
// changed and otherwise now and then.
const (
	ignoreFor  = 10 * time.Minute
	maxIgnored = 4096
)

// ignored are files of which the kernel does not tell.
type ignored struct {
	fanotify int
	count    int
	next     time.Time // when to forget them
	pins     bool      // the kernel only knows the kind of mark that keeps files in memory
}

func (g *ignored) add(fd int, file string) {
	var st unix.Stat_t
	if g.count >= maxIgnored || unix.Fstat(fd, &st) != nil || !roots(&st) || !rootsWay(file) {
		return
	}
	flags := uint(unix.FAN_MARK_ADD | unix.FAN_MARK_IGNORED_MASK)
	if !g.pins {
		flags |= unix.FAN_MARK_EVICTABLE // since Linux 5.19
	}
	err := unix.FanotifyMark(g.fanotify, flags, unix.FAN_OPEN_EXEC, fd, "")
	if errors.Is(err, unix.EINVAL) && !g.pins {
		g.pins = true
		return // the next time it starts
	}
	if err == nil {
		g.count++
	}
}

// roots says that only root may change a file or the names in a folder.
func roots(st *unix.Stat_t) bool { return st.Uid == 0 && st.Mode&0o022 == 0 }

// rootsWay says that only root may change the names on the way to a file. In a file tree of
// another mount namespace it asks the same way in this one.
func rootsWay(file string) bool {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		var st unix.Stat_t
		if unix.Lstat(dir, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFDIR || !roots(&st) {
			return false
		}
		if dir == "/" {
			return true
		}
	}
}

// forget has the kernel tell of all files again.
func (g *ignored) forget(now time.Time) {
	g.count, g.next = 0, now.Add(ignoreFor)
	_ = unix.FanotifyMark(g.fanotify, unix.FAN_MARK_FLUSH, 0, unix.AT_FDCWD, "/")
}

// work forgets what is due and returns when to do so next; never if there is nothing.
func (g *ignored) work(now time.Time) time.Time {
	if g.count == 0 {
		g.next = now.Add(ignoreFor)
		return time.Time{}
	}
	if !now.Before(g.next) {
		g.forget(now)
		return time.Time{}
	}
	return g.next
}
