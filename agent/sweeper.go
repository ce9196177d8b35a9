package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/budget"
	"beagle/agent/internal/local"
)

// tick is how often the sweeper looks at the clock. Everything that waits for a time does so
// here, so that an idle agent has one timer.
const tick = 10 * time.Second

// How soon after one sweep another may be asked for, and how soon after the start the first
// deep sweep begins, so that it does not compete with people who log on.
const (
	sweepSpacing = 10 * time.Second
	deepSpacing  = 10 * time.Minute
	deepDelay    = 10 * time.Minute
	retryDelay   = 10 * time.Minute // after a look that did not come to its end
)

// sweeper decides when to look at what. It and the looks that it starts are the only ones that
// change what is known. All its fields belong to its one goroutine.
type sweeper struct {
	*Agent
	looks sync.WaitGroup
	// done are the ends of looks. At most one look at the installed things and one deep look
	// are under way at a time.
	done chan finish
	main *task // under way, or nil
	deep *task
	// waiting are looks for when the first is done, without the same one twice.
	waiting []task

	clocks      reading
	nextMain    time.Time
	nextDeep    time.Time
	dueDeep     time.Time // since when, or from when, one should have been made
	endedMain   time.Time
	endedDeep   time.Time
	fingerprint string             // of the settings in force
	changing    string             // of what there was at the last tick
	followed    map[int][]evidence // running programs that matched, by process
	exited      []evidence
	around      map[string]time.Time // folders that were looked into because a program ran there
	left        map[string]bool      // folders in which a program ended
	begun       bool                 // the first look
	stopDeep    context.CancelFunc   // ends the deep look that is under way
	askedDeep   bool                 // another one is to go on from there, for somebody who waits
}

// task is what a look is for.
type task struct {
	kind    string
	probes  []string // of a part
	record  string   // of a recheck
	folders []string
	asked   bool // somebody waits for it
	first   bool // nothing was known before
	due     time.Time
}

// kindOfWork is what the governor has to know of a task.
func (t *task) kindOfWork() budget.Kind {
	switch {
	case t.kind == taskDeep && t.asked:
		return budget.AskedDeep
	case t.kind == taskDeep:
		return budget.Deep
	case t.first:
		return budget.First
	case t.asked:
		return budget.Asked
	}
	return budget.Inventory
}

// The kinds of tasks.
const (
	taskInventory = "inventory"
	taskDeep      = "deep"
	taskPart      = "part"    // some of the probes of an inventory
	taskFolders   = "folders" // where something appeared or ran
	taskRecheck   = "recheck" // what one record rests on
)

// ask is a wish of a client. The answer says whether it is granted, not when it is done.
type ask struct {
	task
	answer chan error
}

// finish is the end of a look.
type finish struct {
	task
	missed bool // it did not come to its end
	err    error
}

// keepTrue runs the sweeper.
func (a *Agent) keepTrue(ctx context.Context) error {
	s := &sweeper{Agent: a, done: make(chan finish), followed: map[int][]evidence{}, around: map[string]time.Time{}, left: map[string]bool{}}
	return s.run(ctx)
}

// run is the sweeper's life. It ends with ctx, after all looks ended.
func (s *sweeper) run(ctx context.Context) error {
	defer s.looks.Wait()
	if err := s.begin(ctx); err != nil {
		return ending(ctx, err)
	}
	ticker := time.NewTicker(s.world.tick)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			err = s.onTick(ctx)
		case <-s.config.Reload:
			s.reload(ctx)
		case a := <-s.asks:
			a.answer <- s.grant(ctx, a.task)
		case <-s.again:
			s.queue(task{kind: taskInventory})
			s.deepSoon(s.world.clocks().wall)
			s.next(ctx)
		case batch := <-s.events:
			err = s.happened(ctx, batch)
		case f := <-s.done:
			err = s.finished(ctx, f)
		}
		if err = s.memory.recover(ctx, err); err != nil {
			return ending(ctx, err)
		}
	}
}

// ending tells an error from the end of everything.
func ending(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// begin judges anew what was known when the agent last ran, since rules and days may have
// changed since, and starts the first sweep.
func (s *sweeper) begin(ctx context.Context) error {
	s.clocks = s.world.clocks()
	s.fingerprint = s.rules.places.Fingerprint()
	s.changing = s.fingerprint
	s.restoreTimes(ctx)
	coverage, err := s.Coverage(ctx)
	if err != nil {
		return fmt.Errorf("read what was looked at: %w", err)
	}
	s.watchClock(s.clocks, s.clocks)
	l := look{index: s.rules.catalog}
	if host, err := s.host(ctx); err == nil {
		l.retired = retired(coverage, everyProbe(host, s.rules.catalog))
	}
	if err := s.sweep(ctx, &l); err != nil {
		return err
	}
	s.start(ctx, task{kind: taskInventory, first: len(coverage) == 0})
	return nil
}

// onTick does what its time has come for.
func (s *sweeper) onTick(ctx context.Context) error {
	s.config.Alive()
	now := s.world.clocks()
	missed := s.watchClock(s.clocks, now)
	s.clocks = now
	s.conditions.expire()
	s.lookForSettings(ctx)
	if s.rules.turn(now.wall) {
		if err := s.rejudge(ctx); err != nil {
			return err
		}
	}
	if err := s.memory.retry(ctx); err != nil {
		return err
	}
	if err := s.withdrawExited(ctx); err != nil {
		return err
	}
	s.lookWhereLeft()
	if missed {
		s.queue(task{kind: taskInventory})
	}
	s.due(ctx, now.wall)
	return nil
}

// queue puts a look in line, or joins it with one in line that looks at something alike.
func (s *sweeper) queue(t task) {
	for i := range s.waiting {
		w := &s.waiting[i]
		switch {
		case w.kind == taskInventory && t.kind == taskPart:
			return
		case w.kind == t.kind && w.record == t.record:
			w.probes = union(w.probes, t.probes)
			w.folders = union(w.folders, t.folders)
			if len(w.folders) > maxFolders { // so much happens that only a look at everything helps
				w.folders = w.folders[:maxFolders]
				s.deepSoon(s.world.clocks().wall)
			}
			return
		}
	}
	s.waiting = append(s.waiting, t)
}

// Bounds of what is in line: of records to look at again, for which somebody waits, and of
// folders to look into.
const (
	maxWaiting = 64
	maxFolders = 256
)

func union(list, more []string) []string {
	list = slices.Clip(list)
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// next starts the first look in line, if none is under way.
func (s *sweeper) next(ctx context.Context) {
	if s.main != nil || len(s.waiting) == 0 {
		return
	}
	t := s.waiting[0]
	s.waiting = s.waiting[1:]
	s.start(ctx, t)
}

// grant answers a client's wish.
func (s *sweeper) grant(ctx context.Context, t task) error {
	now := s.world.clocks().wall
	switch t.kind {
	case taskDeep:
		return s.grantDeep(ctx, t, now)
	case taskInventory:
		if s.main != nil && s.main.kind == taskInventory {
			return local.ErrScanning
		}
		if wait := sweepSpacing - now.Sub(s.endedMain); wait > 0 && wait <= sweepSpacing {
			return &local.TooSoonError{Wait: wait}
		}
	case taskRecheck:
		if len(s.waiting) >= maxWaiting {
			return &local.TooSoonError{Wait: sweepSpacing}
		}
	}
	s.queue(t)
	s.next(ctx)
	return nil
}

// grantDeep begins a deep sweep. One that only waits for mains power or a quiet machine gives
// way to that of somebody who asks, which goes on where it stopped.
func (s *sweeper) grantDeep(ctx context.Context, t task, now time.Time) error {
	if s.deep != nil {
		if s.deep.asked || s.askedDeep || !s.governor.State().Paused {
			return local.ErrScanning
		}
		s.askedDeep = true
		s.stopDeep()
		return nil
	}
	if wait := deepSpacing - now.Sub(s.endedDeep); wait > 0 && wait <= deepSpacing {
		return &local.TooSoonError{Wait: wait}
	}
	s.start(ctx, t)
	return nil
}

// finished goes on after a look.
func (s *sweeper) finished(ctx context.Context, f finish) error {
	now := s.world.clocks().wall
	asked := false
	if f.kind == taskDeep {
		s.stopDeep()
		s.deep, asked, s.askedDeep = nil, s.askedDeep, false
	} else {
		s.main = nil
	}
	switch {
	case f.missed && asked:
		s.start(ctx, task{kind: taskDeep, asked: true})
		return nil
	case f.missed || f.err != nil:
		s.retry(&f.task, now)
		s.next(ctx)
		s.showTimes(ctx, finish{}, now)
		return f.err
	}
	switch f.kind {
	case taskInventory:
		s.endedMain = now
		if !slices.ContainsFunc(s.waiting, func(t task) bool { return t.kind == taskInventory }) {
			s.conditions.clear(api.ConditionEventsLost)
		}
	case taskDeep:
		s.endedDeep = now
	}
	err := s.withdrawExited(ctx)
	if err == nil {
		err = s.follow(ctx)
	}
	if err != nil {
		return err
	}
	s.next(ctx)
	s.showTimes(ctx, f, now)
	return nil
}

// rejudge compares what is known with rules that changed.
func (s *sweeper) rejudge(ctx context.Context) error {
	return s.sweep(ctx, &look{index: s.rules.catalog})
}

// lookForSettings reads them again when they changed and then stayed the same for a tick: a
// file that is just being written must not be taken for one that says less.
func (s *sweeper) lookForSettings(ctx context.Context) {
	before := s.changing
	s.changing = s.rules.places.Fingerprint()
	if s.changing == before && s.changing != s.fingerprint {
		s.fingerprint = s.changing
		s.reload(ctx)
	}
}

// reload takes over changed settings, or keeps the old ones and says why.
func (s *sweeper) reload(ctx context.Context) {
	now := s.world.clocks().wall
	before := s.rules.settings()
	resolved, err := s.rules.reload(now)
	s.settingsAre(ctx, err)
	if err != nil {
		return
	}
	s.log.Info("settings read")
	s.apply(before, resolved)
	s.reschedule(before, resolved, now)
	if err := s.rejudge(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("what is known could not be judged anew", "error", err)
	}
}
