package agent

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/budget"
	"beagle/agent/internal/settings"
	"beagle/detectors"
)

// restoreTimes takes over when the last sweeps were, so that an agent that starts anew neither
// forgets a deep sweep that is due nor repeats one that is not.
func (s *sweeper) restoreTimes(ctx context.Context) {
	now := s.clocks.wall
	var last, deep time.Time
	s.memory.recall(ctx, metaLastSweep, &last)
	s.memory.recall(ctx, metaLastDeep, &deep)
	schedule := s.rules.settings().Settings.Schedule
	s.nextMain = s.later(now, schedule.Inventory.Duration())
	s.nextDeep = deep.Add(schedule.Deep.Duration())
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

// showTimes shows and remembers that a look is over.
func (s *sweeper) showTimes(ctx context.Context, f finish, now time.Time) {
	at := now.UTC()
	switch f.kind {
	case taskInventory:
		s.memory.remember(ctx, metaLastSweep, at)
	case taskDeep:
		s.memory.remember(ctx, metaLastDeep, at)
	}
	activity := activityIdle
	if s.main != nil || s.deep != nil {
		activity = activityScanning
	}
	s.board.set(func(b *api.Snapshot) {
		switch f.kind {
		case taskInventory:
			b.LastSweep = &at
		case taskDeep:
			b.LastDeep = &at
		}
		b.Activity = activity
		b.NextSweep, b.NextDeep = s.planned()
		if activity == activityIdle {
			b.Progress = nil
		}
	})
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// progress shows how far a sweep is. One that takes milliseconds shows little.
func (a *Agent) progress(began time.Time, deep bool, share func(detectors.Progress) float64) func(detectors.Progress) {
	var last time.Time
	return func(p detectors.Progress) {
		now := time.Now()
		if now.Sub(last) < progressEvery {
			return
		}
		last = now
		a.board.tell(api.Event{Kind: api.EventProgress, Progress: &api.Progress{
			Probe: p.Probe, Unit: p.Unit, Examined: p.Examined, Share: share(p), Began: began, Deep: deep,
		}})
	}
}

// shareOf turns the share of one of several runs into that of all.
func shareOf(done, all int) func(detectors.Progress) float64 {
	return func(p detectors.Progress) float64 { return (float64(done) + p.Share) / float64(all) }
}

// progressEvery is how often progress is told: often enough for a bar that moves.
const progressEvery = 250 * time.Millisecond

// govern keeps the agent within its budget and shows when sweeps have to wait.
func (a *Agent) govern(ctx context.Context) error {
	shown := map[string]bool{}
	return a.governor.Run(ctx, func(state budget.State) {
		held := map[string]bool{}
		for _, r := range state.Reasons {
			if !state.Paused {
				break // it would hold a sweep, but there is none
			}
			held[r.Code] = true
			args := map[string]string{"reason": r.Code}
			for name, value := range r.Args {
				args[name] = value
			}
			a.conditions.put(topic{api.ConditionPaused, r.Code}, api.SeverityInfo, args, time.Time{})
		}
		for code := range shown {
			if !held[code] {
				a.conditions.drop(topic{api.ConditionPaused, code})
			}
		}
		shown = held
		switch activity := a.board.Snapshot().Activity; {
		case state.Paused && activity == activityScanning:
			a.board.activity(activityPaused)
		case !state.Paused && activity == activityPaused:
			a.board.activity(activityScanning)
		}
	})
}

// apply hands changed settings to the rooms that follow them.
func (a *Agent) apply(before, now *settings.Resolved) {
	a.governor.SetLimits(limits(now))
	a.followLevel(now)
	changed := now.Changed(before)
	if w := a.watcher.Load(); w != nil && slices.ContainsFunc(changed, func(key string) bool { return strings.HasPrefix(key, "watch.") }) {
		w.stop()
	}
}

// followLevel logs as much as the settings say, where the caller lets them.
func (a *Agent) followLevel(resolved *settings.Resolved) {
	if a.config.Level != nil {
		a.config.Level.Set(resolved.Settings.Log.Level)
	}
}

// limits are what the settings allow the agent to use.
func limits(resolved *settings.Resolved) budget.Limits {
	l := resolved.Settings.Limits
	return budget.Limits{CPU: l.CPU / 100, Memory: int64(l.Memory) << 20, OnBattery: l.DeepOnBattery}
}

// covered says what could not be looked at, and reports whether that is nothing. What
// concerns one user is said to that user alone.
func (c *conditions) covered(coverage []api.Coverage) bool {
	missed := map[string][]api.Coverage{}
	for i := range coverage {
		if detectors.Outcome(coverage[i].Status).Incomplete() {
			user, _ := strings.CutPrefix(coverage[i].Area, areaUser)
			if user == coverage[i].Area {
				user = ""
			}
			missed[user] = append(missed[user], coverage[i])
		}
	}
	for _, t := range c.topics(api.ConditionIncomplete) {
		if missed[t.about] == nil {
			c.drop(t)
		}
	}
	for user, areas := range missed {
		args := map[string]string{"count": strconv.Itoa(len(areas)), "probe": areas[0].Probe, "area": areas[0].Area}
		if user != "" {
			args["user"] = user
		}
		c.put(topic{api.ConditionIncomplete, user}, api.SeverityWarning, args, time.Time{})
	}
	return len(missed) == 0 && looked(coverage)
}
