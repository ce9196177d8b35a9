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
		if failed := failedAreas(areas); failed > 0 {
			args["failed"] = strconv.Itoa(failed)
		}
		c.put(topic{api.ConditionIncomplete, user}, api.SeverityWarning, args, time.Time{})
	}
	return len(missed) == 0 && looked(coverage)
}

// failedAreas counts the areas of the machine of which nothing at all was seen.
func failedAreas(areas []api.Coverage) (count int) {
	for i := range areas {
		if areas[i].Area == api.MachineOwner && areas[i].Status == string(detectors.Failed) {
			count++
		}
	}
	return count
}
