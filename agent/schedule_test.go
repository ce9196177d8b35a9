package agent

import (
	"slices"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/budget"
	"beagle/detectors"
)

// weekly are settings for an agent that watches nothing and makes deep sweeps.
const weekly = "watch: {processes: off, files: false}\n"

func TestAClockThatWasAheadPutsNothingOff(t *testing.T) {
	// Given an agent that wrote down a deep sweep while its clock was a year ahead,
	r := agentOn(t, newMachine(t))
	r.agent.memory.remember(t.Context(), metaLastDeep, time.Now().AddDate(1, 0, 0))
	r.end()
	r.set(weekly)
	// when it starts with the right time, then the next one is soon, and there was none yet.
	r.start()
	s, err := r.client.Snapshot(t.Context())
	if err != nil || s.NextDeep == nil || s.NextDeep.After(s.At.Add(2*deepDelay)) || s.LastDeep != nil {
		t.Errorf("got the next one at %v after %v, %v", s.NextDeep, s.LastDeep, err)
	}
}

// onBattery is a machine that has no mains.
type onBattery struct{ idleMachine }

func (onBattery) Power() (budget.Power, error) { return budget.Battery, nil }

func TestALateDeepSweepIsNotPutOffByEveryStart(t *testing.T) {
	for _, c := range []struct {
		name, key string
		days      int
	}{
		{"the last was long ago", metaLastDeep, 20},
		{"there never was one", metaFirstRun, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a machine that is always on battery, whose deep sweep is a week late,
			r := agentOn(t, newMachine(t))
			r.agent.memory.remember(t.Context(), c.key, time.Now().AddDate(0, 0, -c.days))
			r.end()
			r.set(weekly)
			r.change = func(w *world) { w.sources = onBattery{} }
			// when it is switched on again and the sweep's time comes, then it waits no longer.
			r.start()
			r.m.change(func() { r.m.ahead += 2 * deepDelay })
			r.until("a deep sweep", func(s api.Snapshot) bool { return s.LastDeep != nil && s.LastDeep.After(time.Now()) })
		})
	}
}

func TestADeepSweepThatWaitsGivesWayToOneThatIsAskedFor(t *testing.T) {
	// Given a machine on battery, on which a deep sweep waits for mains,
	m := newMachine(t)
	portable(t, m)
	r := agentOn(t, m)
	r.end()
	r.set(weekly)
	r.change = func(w *world) { w.sources = onBattery{} }
	r.start()
	m.change(func() { m.ahead += 2 * deepDelay })
	r.until("a pause", func(s api.Snapshot) bool { return s.Activity == activityPaused })
	// when a usual sweep is over, then it is still shown as waiting,
	m.change(func() { m.ahead += time.Minute })
	before := time.Now().Add(2 * deepDelay)
	if err := r.agent.RequestScan(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	s := r.until("a sweep", func(s api.Snapshot) bool {
		return s.LastSweep.After(before) && s.Activity != activityScanning
	})
	if s.Activity != activityPaused || condition(s, api.ConditionPaused) == nil {
		t.Errorf("got %q, %+v, want that it waits", s.Activity, s.Conditions)
	}
	// and when somebody asks for it, then it goes on.
	if err := r.agent.RequestScan(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	r.until("the copy", func(s api.Snapshot) bool { return found(s) == loose && s.LastDeep != nil && s.Activity == activityIdle })
}

func TestWhatHappenedOnceIsShownForADay(t *testing.T) {
	// Given something that happened while the clock was a year ahead, and the right time since,
	now := time.Now().AddDate(1, 0, 0)
	clock := func() time.Time { return now }
	board := newBoard(clock, api.Snapshot{})
	c := newConditions(clock, discard(), board)
	c.happened(api.ConditionStalled, api.SeverityWarning, nil)
	now = now.AddDate(-1, 0, 0)
	c.expire()
	if condition(board.Snapshot(), api.ConditionStalled) == nil {
		t.Error("it is not shown")
	}
	// when a day is over, then it is shown no more.
	now = now.Add(shownFor + time.Minute)
	c.expire()
	if got := condition(board.Snapshot(), api.ConditionStalled); got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestAChangedScheduleHolds(t *testing.T) {
	// Given an agent that makes a deep sweep every month, when it is to make one every day, then
	// the next one is within a day or little more.
	r := agentOn(t, newMachine(t))
	r.agent.memory.remember(t.Context(), metaLastDeep, time.Now())
	r.end()
	r.set(weekly + "schedule: {deep: 30d}\n")
	r.start()
	r.until("a plan", func(s api.Snapshot) bool { return s.NextDeep != nil && s.NextDeep.After(s.At.AddDate(0, 0, 20)) })
	r.set(weekly + "schedule: {deep: 1d}\n")
	r.until("another plan", func(s api.Snapshot) bool { return s.NextDeep != nil && s.NextDeep.Before(s.At.Add(30*time.Hour)) })
}

func TestADeepSweepTriesAgainWhatFailed(t *testing.T) {
	// Given a deep sweep that is through with one place and could not look into another, when it
	// goes on, then only the first is left out.
	var state deepState
	for _, area := range []detectors.AreaResult{
		{Area: "/opt", Outcome: detectors.Failed, Problem: &detectors.Problem{Code: detectors.CodeError}},
		{Area: "/srv", Outcome: detectors.Partial, Problem: &detectors.Problem{Code: detectors.CodeUnreadable}},
		{Area: "/usr/local", Outcome: detectors.Finished},
	} {
		l := look{host: &detectors.Host{}}
		l.brought(&detectors.Sighting{Probes: []detectors.ProbeResult{{Name: probePortable, Areas: []detectors.AreaResult{area}}}})
		state.through(&l, area.Area)
	}
	if !slices.Equal(state.Done, []string{"/srv", "/usr/local"}) {
		t.Errorf("got %q", state.Done)
	}
}
