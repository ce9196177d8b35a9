package agent

import (
	"time"

	"beagle/agent/api"
)

// reading is what the clocks say at one moment.
type reading struct {
	wall time.Time // as people set it
	// elapsed is time since the machine started, with the time it slept; running is without.
	elapsed, running time.Duration
}

// What counts as more than a slow tick.
const (
	// maxSlew is how far the clock may differ from what elapsed: time servers correct a clock
	// by less, a person by more.
	maxSlew = 2 * time.Minute
	// maxStall is how long a tick may be overdue while the machine runs.
	maxStall = 20 * time.Second
	// maxSleep is how long a machine may have slept without everything being looked at again.
	maxSleep = time.Minute
)

// passed says what happened between two ticks.
type passed struct {
	set     bool // somebody set the clock
	stalled bool // the agent was kept from running: stopped by a signal or a debugger, starved
	slept   bool // the machine slept
}

func (r reading) since(before reading) passed {
	elapsed, running := r.elapsed-before.elapsed, r.running-before.running
	slew := r.wall.Sub(before.wall) - elapsed
	return passed{
		set:     slew > maxSlew || slew < -maxSlew,
		stalled: running > tick+maxStall,
		slept:   elapsed-running > maxSleep,
	}
}

// watchClock compares the clocks with those of the last tick and tells what was odd. It
// reports whether events may have been missed in between.
func (a *Agent) watchClock(before, now reading) (missed bool) {
	p := now.since(before)
	if p.set {
		a.conditions.happened(api.ConditionClockChanged, api.SeverityWarning, map[string]string{
			"from": before.wall.Add(now.elapsed - before.elapsed).UTC().Format(time.RFC3339), "to": now.wall.UTC().Format(time.RFC3339),
		})
	}
	if p.stalled {
		a.conditions.happened(api.ConditionStalled, api.SeverityWarning, map[string]string{
			"from": now.wall.Add(-(now.elapsed - before.elapsed)).UTC().Format(time.RFC3339), "to": now.wall.UTC().Format(time.RFC3339),
		})
	}
	if made := a.made; now.wall.Before(made.AddDate(0, 0, -1)) {
		a.conditions.set(api.ConditionClockBehind, api.SeverityError, map[string]string{
			"now": now.wall.UTC().Format(time.DateOnly), "made": made.Format(time.DateOnly),
		})
	} else {
		a.conditions.clear(api.ConditionClockBehind)
	}
	return p.stalled || p.slept
}
