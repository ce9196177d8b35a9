package watch

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// followed is a process whose end is waited for.
type followed struct {
	pidfd int
	path  string // what it ran when that began
}

// follow takes a descriptor of the process, which becomes readable when it ends.
func (k *kernel) follow(pid int, path string) bool {
	if _, already := k.followed[pid]; already {
		return true
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		k.l.ended(pid)
		return true
	}
	if err != nil {
		return false
	}
	if err := k.listen(fd, unix.EPOLLIN); err != nil {
		unix.Close(fd)
		return false
	}
	k.followed[pid], k.byPidfd[fd] = followed{fd, path}, pid
	if k.fanotify != nil && path != "" {
		k.fanotify.doubts.stays(time.Now(), pid, path)
	}
	return true
}

func (k *kernel) follows(pid int) (string, bool) {
	f, ok := k.followed[pid]
	return f.path, ok
}

func (k *kernel) moved(pid int, path string) {
	if f, ok := k.followed[pid]; ok {
		k.followed[pid] = followed{f.pidfd, path}
	}
}

// leaves says whether a file would be the end of what a followed process runs.
func (k *kernel) leaves(pid int, file string) bool {
	f, ok := k.followed[pid]
	return ok && f.path != "" && f.path != file && !isLoader(file)
}

// left takes that a followed process went on to a file.
func (k *kernel) left(pid int, file string) {
	if k.leaves(pid, file) {
		k.leave(pid)
	}
}

// leave ends the following of a process.
func (k *kernel) leave(pid int) {
	f, ok := k.followed[pid]
	if !ok {
		return
	}
	unix.Close(f.pidfd)
	delete(k.followed, pid)
	delete(k.byPidfd, f.pidfd)
	k.l.ended(pid)
}
