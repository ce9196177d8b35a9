package watch

import (
	"context"
	"maps"
	"slices"
	"time"

	"beagle/detectors"
)

// loop is one Run. Everything in it belongs to the goroutine of that.
type loop struct {
	w      *Watcher
	take   func([]Event)
	system system
	batch  []Event

	poller *poller // nil while the kernel tells of all starts
	exits  exits
	places *places
	known  map[string]*detectors.Problem // why the mode of a subject is not better
	begun  bool
	lost   map[string]*loss
	recent recent
}

// system is what differs between operating systems: how to wait, and what is told while waiting.
type system interface {
	// begin chooses how starts are noticed. It sets the loop's modes and its poller.
	begin(now time.Time)
	// wait returns when it is time, when something was told to the loop, and after a nudge. A
	// zero time means never.
	wait(until time.Time) error
	// nudge ends a wait, from any goroutine.
	nudge()
	// follow has the loop told when a process ends that was seen to run a file; false means that
	// the loop must look itself.
	follow(pid int, path string) bool
	// follows returns what a process that it follows ran when that began, "" if unknown.
	follows(pid int) (path string, ok bool)
	// moved takes that such a process runs another program by now.
	moved(pid int, path string)
	// reconsider takes that programs may be of interest that were not.
	reconsider(now time.Time)
	// folders returns who tells of changes in folders; nil means that the loop must look itself.
	folders() (notifier, error)
	// work does what is due and returns when there is more to do.
	work(now time.Time) time.Time
	close()
}

func newLoop(w *Watcher, take func([]Event)) *loop {
	return &loop{
		w: w, take: take, exits: exits{pids: map[int]uint64{}},
		known: map[string]*detectors.Problem{}, lost: map[string]*loss{},
	}
}

// lostEvery bounds how often the same loss is told: the answer to each is a sweep.
const lostEvery = time.Second

// loss is one reason for which events are lost.
type loss struct {
	told    time.Time
	problem *detectors.Problem // what is still to be told
}

func (l *loop) run(ctx context.Context) error {
	sys, err := newSystem(l)
	if err != nil {
		return err
	}
	defer sys.close()
	l.system = sys
	w := l.w
	w.mu.Lock()
	w.nudge = sys.nudge
	w.asked.moved, w.asked.follow = true, slices.Collect(maps.Keys(w.follows))
	w.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.wake()
	})
	defer func() {
		stop()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.nudge = nil
		w.modes[subjectProcesses], w.modes[subjectFiles] = modeNone, modeNone
	}()
	return l.turn(ctx)
}

// turn goes round until ctx ends.
func (l *loop) turn(ctx context.Context) error {
	now := time.Now()
	asked := l.w.requests()
	l.places = newPlaces(l)
	l.places.set(now, asked.folders)
	l.places.work(now)
	l.system.begin(now)
	l.begun = true
	l.tellMode(now)
	for ctx.Err() == nil {
		for _, pid := range asked.follow {
			l.follow(pid)
		}
		next := l.work(time.Now())
		if len(l.batch) > 0 {
			batch := l.batch
			l.batch = nil
			l.take(batch)
		} else if err := l.system.wait(next); err != nil {
			return err
		}
		if asked = l.w.requests(); asked.moved {
			l.places.set(time.Now(), asked.folders)
		}
		if asked.again {
			l.system.reconsider(time.Now())
		}
	}
	return nil
}

// work does everything that is due and returns when the next thing is.
func (l *loop) work(now time.Time) time.Time {
	next := l.system.work(now)
	if l.poller != nil {
		next = earlier(next, l.poller.work(now))
	}
	next = earlier(next, l.exits.work(l, now))
	next = earlier(next, l.places.work(now))
	for _, loss := range l.lost {
		if loss.problem == nil {
			continue
		}
		if due := loss.told.Add(lostEvery); due.After(now) {
			next = earlier(next, due)
			continue
		}
		l.tell(Event{Kind: Lost, At: now, Problem: loss.problem})
		loss.told, loss.problem = now, nil
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (l *loop) tell(ev Event) { l.batch = append(l.batch, ev) }

// started tells of a start that is wanted. For what the same process ran before it is the end,
// which is told first.
func (l *loop) started(now time.Time, pid int, path string) {
	before, known := l.system.follows(pid)
	if !known {
		before, known = l.recent.path(now, pid)
	}
	if known && before != "" && before != path {
		l.tell(Event{Kind: ProcessEnded, At: now, PID: pid})
		l.system.moved(pid, path)
		l.exits.moved(pid)
	}
	l.recent.add(now, pid, path)
	l.tell(Event{Kind: ProcessStarted, At: now, PID: pid, Path: path})
}

func (l *loop) ended(pid int) {
	l.recent.forget(pid)
	l.w.ended(pid)
	l.tell(Event{Kind: ProcessEnded, At: time.Now(), PID: pid})
}

// lose tells of a loss, soon.
func (l *loop) lose(problem detectors.Problem) {
	key := problem.Code + problem.Args["source"]
	if l.lost[key] == nil {
		l.lost[key] = &loss{}
	}
	l.lost[key].problem = &problem
}

// setMode notes how a subject is watched and why not better, and tells when that changed.
func (l *loop) setMode(now time.Time, subject, mode string, why *detectors.Problem) {
	changed := l.w.setMode(subject, mode) || !same(l.known[subject], why)
	l.known[subject] = why
	if changed && l.begun {
		l.tellMode(now)
	}
}

func (l *loop) tellMode(now time.Time) {
	why := l.known[subjectProcesses]
	if why == nil {
		why = l.known[subjectFiles]
	}
	l.tell(Event{Kind: ModeChanged, At: now, Problem: why})
}

func same(a, b *detectors.Problem) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Code == b.Code && a.Text == b.Text && maps.Equal(a.Args, b.Args)
}

// follow waits for the end of a process. One that by now runs something else than what was
// told of it has gone on before it could be followed.
func (l *loop) follow(pid int) {
	runs, err := runningPath(pid)
	path, told := l.recent.path(time.Now(), pid)
	if !told {
		path = runs
	}
	if told && err == nil && runs != path || !l.system.follow(pid, path) && !l.exits.follow(l, pid) {
		l.ended(pid)
	}
}

// recentFor is how long it is remembered what a process was told to have started: long enough
// for whoever takes the event to ask for its end.
const recentFor = 10 * time.Second

// recent remembers the starts told last.
type recent struct {
	starts [256]start
	next   int
}

type start struct {
	at   time.Time
	pid  int
	path string
}

func (r *recent) add(now time.Time, pid int, path string) {
	r.starts[r.next%len(r.starts)] = start{now, pid, path}
	r.next++
}

// path returns what was told last of a process.
func (r *recent) path(now time.Time, pid int) (string, bool) {
	for i := range r.starts {
		s := &r.starts[(r.next+len(r.starts)-1-i)%len(r.starts)]
		if s.pid == pid {
			return s.path, now.Sub(s.at) < recentFor
		}
	}
	return "", false
}

func (r *recent) forget(pid int) {
	for i := range r.starts {
		if r.starts[i].pid == pid {
			r.starts[i] = start{}
		}
	}
}
