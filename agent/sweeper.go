package agent

import (
	"context"
	"fmt"
	"math/rand/v2"
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
	endedMain   time.Time
	endedDeep   time.Time
	fingerprint string             // of the settings in force
	changing    string             // of what there was at the last tick
	followed    map[int][]evidence // running programs that matched, by process
	exited      []evidence
	around      map[string]time.Time // folders that were looked into because a program ran there
	left        map[string]bool      // folders in which a program ended
	begun       bool                 // the first look
	swept       bool                 // the first sweep is over
}

// task is what a look is for.
type task struct {
	kind   string
	probes []string // of a part
	record string   // of a recheck
	folder string
	asked  bool // somebody waits for it
	first  bool // nothing was known before
	due    time.Time
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
	taskFolder    = "folder"  // where something appeared or ran
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
	err error
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
			err = s.next(ctx)
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
	host, err := s.world.host(ctx)
	if err != nil {
		return fmt.Errorf("look at this machine: %w", err)
	}
	s.watchClock(s.clocks, s.clocks)
	l := look{host: host, index: s.rules.catalog, retired: retired(coverage, everyProbe(host, s.rules.catalog))}
	if err := s.sweep(ctx, l); err != nil {
		return err
	}
	return s.start(ctx, task{kind: taskInventory, first: len(coverage) == 0})
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
	return s.due(ctx, now.wall)
}

// due starts the sweeps that are. A clock that was set back must not put them off for long.
func (s *sweeper) due(ctx context.Context, now time.Time) error {
	schedule := s.rules.settings().Settings.Schedule
	s.nextMain = earlier(s.nextMain, now.Add(2*schedule.Inventory.Duration()))
	if !now.Before(s.nextMain) {
		s.queue(task{kind: taskInventory})
		s.nextMain = s.later(now, schedule.Inventory.Duration())
	}
	if schedule.Deep.Off() {
		return s.next(ctx)
	}
	s.nextDeep = earlier(s.nextDeep, now.Add(2*schedule.Deep.Duration()))
	if !now.Before(s.nextDeep) && s.deep == nil {
		due := s.nextDeep
		s.nextDeep = s.later(now, schedule.Deep.Duration())
		if err := s.start(ctx, task{kind: taskDeep, due: due}); err != nil {
			return err
		}
	}
	return s.next(ctx)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// later is a while from now, with some chance in it, so that the machines of an organisation
// do not all work at once.
func (s *sweeper) later(now time.Time, d time.Duration) time.Time {
	jitter := s.rules.settings().Settings.Schedule.Jitter
	return now.Add(time.Duration(float64(d) * (1 + jitter*rand.Float64())))
}

// queue puts a look in line, unless one in line brings the same.
func (s *sweeper) queue(t task) {
	for i := range s.waiting {
		w := &s.waiting[i]
		switch {
		case w.kind == taskInventory && t.kind == taskPart:
			return
		case w.kind == t.kind && t.kind == taskPart:
			w.probes = append(w.probes, t.probes...)
			return
		case w.kind == t.kind && w.record == t.record && w.folder == t.folder:
			return
		}
	}
	if len(s.waiting) >= maxWaiting { // so much happens that one look at everything is cheaper
		s.waiting = []task{{kind: taskInventory}}
		return
	}
	s.waiting = append(s.waiting, t)
}

// maxWaiting bounds what is in line.
const maxWaiting = 64

// next starts the first look in line, if none is under way.
func (s *sweeper) next(ctx context.Context) error {
	if s.main != nil || len(s.waiting) == 0 {
		return nil
	}
	t := s.waiting[0]
	s.waiting = s.waiting[1:]
	return s.start(ctx, t)
}

// grant answers a client's wish.
func (s *sweeper) grant(ctx context.Context, t task) error {
	now := s.world.clocks().wall
	switch t.kind {
	case taskDeep:
		if s.deep != nil {
			return local.ErrScanning
		}
		if wait := deepSpacing - now.Sub(s.endedDeep); wait > 0 && wait <= deepSpacing {
			return &local.TooSoonError{Wait: wait}
		}
		return s.start(ctx, t)
	case taskInventory:
		if s.main != nil && s.main.kind == taskInventory {
			return local.ErrScanning
		}
		if wait := sweepSpacing - now.Sub(s.endedMain); wait > 0 && wait <= sweepSpacing {
			return &local.TooSoonError{Wait: wait}
		}
	}
	s.queue(t)
	return s.next(ctx)
}

// finished goes on after a look.
func (s *sweeper) finished(ctx context.Context, f finish) error {
	now := s.world.clocks().wall
	if f.kind == taskDeep {
		s.deep, s.endedDeep = nil, now
	} else {
		s.main = nil
	}
	if f.err != nil {
		s.showTimes(ctx, finish{}, now)
		return f.err
	}
	if f.kind == taskInventory {
		s.endedMain = now
		s.conditions.clear(api.ConditionEventsLost)
	}
	if err := s.follow(ctx); err != nil {
		return err
	}
	s.showTimes(ctx, f, now)
	return s.next(ctx)
}

// rejudge compares what is known with rules that changed.
func (s *sweeper) rejudge(ctx context.Context) error {
	return s.sweep(ctx, look{index: s.rules.catalog})
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
	s.nextMain = earlier(s.nextMain, s.later(now, resolved.Settings.Schedule.Inventory.Duration()))
	if err := s.rejudge(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("what is known could not be judged anew", "error", err)
	}
}
