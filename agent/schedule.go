package agent

import (
	"context"
	"math/rand/v2"
	"time"

	"beagle/agent/api"
)

// restoreTimes takes over when the last sweeps were, so that an agent that starts anew neither
// forgets a deep sweep that is due nor repeats one that is not. What a clock that was ahead
// wrote down does not count.
func (s *sweeper) restoreTimes(ctx context.Context) {
	now := s.clocks.wall
	past := func(key string) (at time.Time) {
		if s.memory.recall(ctx, key, &at); at.After(now) {
			return time.Time{}
		}
		return at
	}
	last, deep, first := past(metaLastSweep), past(metaLastDeep), past(metaFirstRun)
	if first.IsZero() {
		first = now
		s.memory.remember(ctx, metaFirstRun, first.UTC())
	}
	schedule := s.rules.settings().Settings.Schedule
	s.nextMain = s.later(now, schedule.Inventory.Duration())
	// One that was never made, however often the agent was ended since it was installed, is
	// late since then.
	if s.dueDeep = first; !deep.IsZero() {
		s.dueDeep = deep.Add(schedule.Deep.Duration())
	}
	s.nextDeep = s.dueDeep
	if soon := now.Add(deepDelay); s.nextDeep.Before(soon) {
		s.nextDeep = soon
	}
	s.board.set(func(b *api.Snapshot) {
		b.LastSweep, b.LastDeep = orNil(last), orNil(deep)
		b.NextSweep, b.NextDeep = s.planned()
	})
}

// planned says when the next sweeps are due.
func (s *sweeper) planned() (inventory, deep *time.Time) {
	if s.rules.settings().Settings.Schedule.Deep.Off() {
		return orNil(s.nextMain), nil
	}
	return orNil(s.nextMain), orNil(s.nextDeep)
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// due starts the sweeps that are. A clock that was set back must not put them off for long.
func (s *sweeper) due(ctx context.Context, now time.Time) {
	schedule := s.rules.settings().Settings.Schedule
	s.nextMain = earlier(s.nextMain, now.Add(2*schedule.Inventory.Duration()))
	if !now.Before(s.nextMain) {
		s.queue(task{kind: taskInventory})
		s.nextMain = s.later(now, schedule.Inventory.Duration())
	}
	if !schedule.Deep.Off() {
		s.nextDeep = earlier(s.nextDeep, now.Add(2*schedule.Deep.Duration()))
		if !now.Before(s.nextDeep) && s.deep == nil {
			due := earlier(s.dueDeep, s.nextDeep)
			s.nextDeep = s.later(now, schedule.Deep.Duration())
			s.dueDeep = s.nextDeep
			s.start(ctx, task{kind: taskDeep, due: due})
		}
	}
	s.next(ctx)
}

// retry makes a look due again in a while that did not come to its end.
func (s *sweeper) retry(t *task, now time.Time) {
	switch t.kind {
	case taskInventory:
		s.nextMain = earlier(s.nextMain, s.later(now, retryDelay))
	case taskDeep:
		s.nextDeep = earlier(s.nextDeep, s.later(now, retryDelay))
		if !t.due.IsZero() {
			s.dueDeep = earlier(s.dueDeep, t.due)
		}
	}
}

// deepSoon makes a deep sweep due, where something may be gone or have come that only such a
// sweep finds.
func (s *sweeper) deepSoon(now time.Time) {
	s.nextDeep = earlier(s.nextDeep, now.Add(deepDelay))
	s.dueDeep = earlier(s.dueDeep, s.nextDeep)
}

// reschedule follows changed settings.
func (s *sweeper) reschedule(before, resolved *ResolvedSettings, now time.Time) {
	was, schedule := before.Settings.Schedule, resolved.Settings.Schedule
	s.nextMain = earlier(s.nextMain, s.later(now, schedule.Inventory.Duration()))
	switch {
	case schedule.Deep.Off():
	case was.Deep.Off():
		s.nextDeep, s.dueDeep = now.Add(deepDelay), now.Add(deepDelay)
	default:
		s.nextDeep = earlier(s.nextDeep, s.later(now, schedule.Deep.Duration()))
		s.dueDeep = earlier(s.dueDeep, s.nextDeep)
	}
	s.board.set(func(b *api.Snapshot) { b.NextSweep, b.NextDeep = s.planned() })
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

// showTimes shows and remembers that a look is over.
func (s *sweeper) showTimes(ctx context.Context, f finish, now time.Time) {
	at := now.UTC()
	switch f.kind {
	case taskInventory:
		s.memory.remember(ctx, metaLastSweep, at)
	case taskDeep:
		s.memory.remember(ctx, metaLastDeep, at)
	default:
		// Small looks are many; whoever follows is not sent everything for each.
		if b := s.board.Snapshot(); same(b.NextSweep, s.nextMain) && (b.NextDeep == nil || same(b.NextDeep, s.nextDeep)) {
			s.board.activity(s.activity())
			return
		}
	}
	s.board.set(func(b *api.Snapshot) {
		switch f.kind {
		case taskInventory:
			b.LastSweep = &at
		case taskDeep:
			b.LastDeep = &at
		}
		b.Activity = s.activity()
		b.NextSweep, b.NextDeep = s.planned()
		if b.Activity == activityIdle {
			b.Progress = nil
		}
	})
}

func same(shown *time.Time, t time.Time) bool { return shown != nil && shown.Equal(t) }

// activity is what the sweeper does now.
func (s *sweeper) activity() string {
	switch {
	case s.main != nil:
		return activityScanning
	case s.deep == nil:
		return activityIdle
	case s.governor.State().Paused:
		return activityPaused
	}
	return activityScanning
}
