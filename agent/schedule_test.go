package agent

import (
	"os"
	"path/filepath"
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
	// Given a deep sweep that could not look into one place and is at another,
	m := newMachine(t)
	if err := os.RemoveAll(filepath.Join(m.dir, "opt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("opt", filepath.Join(m.dir, "opt")); err != nil { // a link to itself
		t.Fatal(err)
	}
	m.write(t, "srv/x", "")
	reached := newGate()
	m.alter = func(h *detectors.Host) { h.Files = &slowFiles{Files: h.Files, at: "/srv", gate: reached} }
	r := agentOn(t, m)
	if err := r.agent.RequestScan(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	reached.wait(t)
	// when it is interrupted, then it will try that place again.
	var state deepState
	if !r.agent.memory.recall(t.Context(), metaDeep, &state) || !slices.Contains(state.Done, "user:alice") || slices.Contains(state.Done, "/opt") {
		t.Errorf("got %+v, want alice's home done and /opt not", state)
	}
	close(reached.open)
}

// slowFiles holds whoever looks at a folder, once it was looked at for the first time.
type slowFiles struct {
	detectors.Files
	at   string
	gate *gate
}

func (f *slowFiles) Stat(name string) (info os.FileInfo, err error) {
	if name == f.at {
		select {
		case <-f.gate.reached:
			<-f.gate.open
		default:
			f.gate.hold()
		}
	}
	return f.Files.Stat(name)
}
