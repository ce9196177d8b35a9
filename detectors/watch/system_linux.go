package watch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"beagle/detectors"
)

// starts is who tells of starts on Linux: fanotify or the proc connector.
type starts interface {
	name() string
	descriptor() int
	// drain passes on what there is, up to a bound, and returns how many events that were. An
	// error means that nothing more will come.
	drain(now time.Time) (int, error)
	close()
}

// When starts follow each other fast, waking up for each costs several times what it takes to
// handle it. So if busyAfter wake-ups come within the time of as many drains, the queue is
// emptied every drainEvery instead, until calmAfter times there was nothing in it.
const (
	drainEvery = 4 * time.Millisecond
	busyAfter  = 4
	busyWithin = busyAfter * drainEvery
	calmAfter  = 2
)

// mountRest is how long nothing is read of the mount table after it was: containers come in
// bursts.
const mountRest = 100 * time.Millisecond

// kernel is the system of Linux: one epoll set for everything that is told.
type kernel struct {
	l      *loop
	epoll  int
	wake   int // an eventfd
	events [64]unix.EpollEvent

	starts   starts // nil if there is none
	fanotify *fanotify
	inotify  *inotify
	table    *procTable        // of the loop's poller
	open     []detectors.Mount // where that helps fanotify
	wakes    [busyAfter]time.Time
	woken    int
	busy     bool
	empty    int       // drains without an event, while busy
	drained  time.Time // when the queue was emptied last

	mountinfo int
	resting   map[int]time.Time // when to listen again, by descriptor
	followed  map[int]followed
	byPidfd   map[int]int
}

func newSystem(l *loop) (_ system, err error) {
	k := &kernel{
		l: l, epoll: -1, wake: -1, mountinfo: -1,
		resting: map[int]time.Time{}, followed: map[int]followed{}, byPidfd: map[int]int{},
	}
	defer func() {
		if err != nil {
			k.close()
		}
	}()
	if k.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	if k.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	if err = k.listen(k.wake, unix.EPOLLIN); err != nil {
		return nil, err
	}
	// The table is told to have changed since it was opened or asked last (proc_pid_mounts(5)).
	if k.mountinfo, err = unix.Open("/proc/self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("watch the mount table: %w", err)
	}
	return k, k.listen(k.mountinfo, unix.EPOLLPRI)
}

func (k *kernel) close() {
	if k.starts != nil {
		k.starts.close()
	}
	if k.table != nil {
		k.table.close()
	}
	if k.inotify != nil {
		unix.Close(k.inotify.fd)
	}
	for _, f := range k.followed {
		unix.Close(f.pidfd)
	}
	for _, fd := range []int{k.mountinfo, k.wake, k.epoll} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

func (k *kernel) listen(fd int, events uint32) error {
	if err := unix.EpollCtl(k.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)}); err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	return nil
}

// ignore stops listening to a descriptor. It leaves the set, for errors would be told anyway.
func (k *kernel) ignore(fd int) { _ = unix.EpollCtl(k.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// rest stops listening to a descriptor for a while.
func (k *kernel) rest(fd int, until time.Time) {
	k.ignore(fd)
	k.resting[fd] = until
}

// nudge is called while close cannot be: the loop sees to that.
func (k *kernel) nudge() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(k.wake, one[:])
}

func (k *kernel) folders() (notifier, error) {
	n, err := newInotify(k.l)
	if err != nil {
		return nil, err
	}
	if err := k.listen(n.fd, unix.EPOLLIN); err != nil {
		unix.Close(n.fd)
		return nil, err
	}
	k.inotify = n
	return n, nil
}

func (k *kernel) reconsider(now time.Time) {
	if k.fanotify != nil {
		k.fanotify.ignored.forget(now)
	}
}

func (k *kernel) work(now time.Time) time.Time {
	var next time.Time
	for fd, until := range k.resting {
		if now.Before(until) {
			next = earlier(next, until)
			continue
		}
		events := uint32(unix.EPOLLIN)
		if fd == k.mountinfo {
			events = unix.EPOLLPRI
		}
		if err := k.listen(fd, events); err != nil {
			k.resting[fd] = now.Add(time.Second) // no memory: once more later
			next = earlier(next, k.resting[fd])
			continue
		}
		delete(k.resting, fd)
	}
	if k.fanotify != nil {
		next = earlier(next, k.fanotify.doubts.work(now))
		next = earlier(next, k.fanotify.ignored.work(now))
	}
	return next
}

func (k *kernel) wait(until time.Time) error {
	if k.busy {
		until = earlier(until, k.drained.Add(drainEvery))
		// A goroutine that goes from one system call to the next without being scheduled looks
		// to the runtime like one that needs watching, which costs more than the events do
		// (retake in runtime/proc.go).
		runtime.Gosched()
	}
	timeout := -1
	if !until.IsZero() {
		// Rounded up: waking too early would mean to go round once more.
		timeout = int(max(0, time.Until(until)+time.Millisecond-1) / time.Millisecond)
	}
	n, err := unix.EpollWait(k.epoll, k.events[:], timeout)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("watch: %w", err)
	}
	now := time.Now()
	for i := range max(n, 0) {
		k.happened(now, int(k.events[i].Fd))
	}
	if k.busy && now.Sub(k.drained) >= drainEvery {
		k.drain(now)
	}
	return nil
}

func (k *kernel) happened(now time.Time, fd int) {
	switch {
	case fd == k.wake:
		var count [8]byte
		_, _ = unix.Read(fd, count[:])
	case k.starts != nil && fd == k.starts.descriptor():
		if !k.busy {
			k.drain(now)
		}
	case k.inotify != nil && fd == k.inotify.fd:
		k.inotify.read(now)
		k.rest(fd, now.Add(k.l.w.quiet/folderRest))
	case fd == k.mountinfo:
		k.remounted(now)
		k.rest(fd, now.Add(mountRest))
	default:
		if pid, ok := k.byPidfd[fd]; ok {
			k.leave(pid)
		}
	}
}

// drain takes starts and decides how to wait for the next.
func (k *kernel) drain(now time.Time) {
	n, err := k.starts.drain(now)
	if err != nil {
		k.broke(now, err)
		return
	}
	k.drained = now
	fd := k.starts.descriptor()
	if k.busy {
		k.empty++
		if n > 0 {
			k.empty = 0
		}
		if k.empty >= calmAfter {
			k.busy, k.woken = k.listen(fd, unix.EPOLLIN) != nil, 0
		}
		return
	}
	if k.fanotify == nil {
		return // without a file in hand the process must be looked at while it lives
	}
	oldest := k.wakes[k.woken%busyAfter]
	k.wakes[k.woken%busyAfter] = now
	k.woken++
	if k.woken > busyAfter && now.Sub(oldest) < busyWithin {
		k.busy, k.empty = true, 0
		k.ignore(fd)
	}
}
