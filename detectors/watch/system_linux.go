package watch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
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

// followed is a process whose end is waited for.
type followed struct {
	pidfd int
	path  string // what it ran when that began
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

// begin takes the first way that works.
func (k *kernel) begin(now time.Time) { k.choose(now, k.l.w.ways, nil) }

// choose tries the ways one after the other. Why says why a better one failed.
func (k *kernel) choose(now time.Time, ways []string, why error) {
	for _, way := range ways {
		if way == modePolling {
			table, err := newTable()
			if err != nil {
				why = errors.Join(why, err)
				continue
			}
			k.table = table
			k.l.poller = newPoller(k.l, table)
			k.l.poller.work(now)
			k.told(now, modePolling, why)
			return
		}
		s, err := k.start(way)
		if err == nil {
			k.starts = s
			k.told(now, way, why)
			k.cover(now)
			return
		}
		why = errors.Join(why, err)
	}
	k.told(now, modeNone, why)
}

func (k *kernel) start(way string) (starts, error) {
	var s starts
	if way == modeFanotify {
		f, err := newFanotify(k, k.l.w.mounts())
		if err != nil {
			return nil, err
		}
		k.fanotify, s = f, f
	} else {
		c, err := newConnector(k)
		if err != nil {
			return nil, err
		}
		s = c
	}
	if err := k.listen(s.descriptor(), unix.EPOLLIN); err != nil {
		s.close()
		k.fanotify = nil
		return nil, err
	}
	return s, nil
}

func (k *kernel) told(now time.Time, mode string, why error) {
	var problem *detectors.Problem
	if why != nil {
		problem = fallback(subjectProcesses, k.l.w.ways[0], mode, why)
		problem.Text = strings.ReplaceAll(problem.Text, "\n", "; ")
	}
	k.l.setMode(now, subjectProcesses, mode, problem)
}

// failed goes on with the next way after one broke. Nobody knows what was missed in between.
func (k *kernel) failed(now time.Time, err error) {
	way := k.starts.name()
	k.starts.close()
	k.starts, k.fanotify, k.busy = nil, nil, false
	if k.table != nil { // it only helped
		k.table.close()
		k.table, k.l.poller = nil, nil
	}
	k.l.lose(failed(way, err))
	rest := k.l.w.ways
	for len(rest) > 0 && rest[0] != way {
		rest = rest[1:]
	}
	k.choose(now, rest[1:], err)
}

// cover has programs on file systems that fanotify cannot watch looked for by polling.
func (k *kernel) cover(now time.Time) {
	if k.fanotify == nil {
		return
	}
	open := k.fanotify.uncovered(k.l.w.mounts())
	polls := len(k.l.w.ways) > 0 && k.l.w.ways[len(k.l.w.ways)-1] == modePolling
	if len(open) == 0 || !polls {
		if k.table != nil {
			k.table.close()
			k.table, k.l.poller = nil, nil
		}
		k.l.setMode(now, subjectProcesses, modeFanotify, partly(open))
		return
	}
	if k.table == nil {
		table, err := newTable()
		if err != nil {
			k.l.setMode(now, subjectProcesses, modeFanotify, partly(open))
			return
		}
		k.table = table
	}
	if k.l.poller == nil || !slices.Equal(open, k.open) {
		// What runs there already is told too, for it may have been quicker than this.
		k.l.poller = newPoller(k.l, k.table)
		k.l.poller.eager, k.l.poller.only = true, func(path string) bool { return below(path, open) }
	}
	k.open = open
	k.l.setMode(now, subjectProcesses, modeFanotify+"+"+modePolling, partly(open))
}

// partly is the problem that some file systems are not watched.
func partly(open []detectors.Mount) *detectors.Problem {
	if len(open) == 0 {
		return nil
	}
	return &detectors.Problem{Code: CodePartly, Args: map[string]string{"path": open[0].Path, "type": open[0].Type}}
}

func below(path string, mounts []detectors.Mount) bool {
	for i := range mounts {
		if strings.HasPrefix(path, strings.TrimSuffix(mounts[i].Path, "/")+"/") {
			return true
		}
	}
	return false
}

// remounted takes note of a new mount table. What was started on a new file system before it
// was marked, and still runs, is told now.
func (k *kernel) remounted(now time.Time) {
	k.l.places.mounts(now)
	if k.fanotify == nil {
		return
	}
	added := k.fanotify.markAll(k.l.w.mounts())
	k.cover(now)
	if len(added) == 0 {
		return
	}
	var mounts []detectors.Mount
	for _, path := range added {
		mounts = append(mounts, detectors.Mount{Path: path})
	}
	table := k.fanotify.table
	err := table.each(func(pid int, _ uint64) {
		path, err := table.program(pid)
		if err == nil && below(string(path), mounts) && k.l.w.opt.Wants(string(path)) {
			k.l.started(now, pid, string(path))
		}
	})
	if err != nil {
		k.l.lose(failed("process list", err))
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
		k.failed(now, err)
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

// follow takes a descriptor of the process, which becomes readable when it ends.
func (k *kernel) follow(pid int) bool {
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
	path, err := runningPath(pid)
	if err != nil {
		path, _ = k.l.recent.path(time.Now(), pid)
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
