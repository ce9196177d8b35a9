package budget_test

import (
	"context"
	"math"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"beagle/agent/internal/budget"
)

// week is how late a deep sweep may be.
const week = 7 * 24 * time.Hour

func TestADeepSweepIsSlowByItself(t *testing.T) {
	for _, c := range []struct {
		name       string
		share      float64 // of the time it works that it uses a core
		late       time.Duration
		want, wall float64 // shares of a core, and of the time, at most and nearly
	}{
		{"everything is in memory", 1, 0, 0.04, 0.04},
		{"everything is on a slow disk", 0.02, 0, 0.01, 0.5},
		{"a week late", 1, week, 0.01, 0.01},
	} {
		t.Run(c.name, func(t *testing.T) {
			govern(t, budget.Default(), func(t *testing.T, s *session) {
				// Given a deep sweep that uses that much,
				task := s.Begin(budget.Deep, time.Now().Add(-c.late))
				task.Pace(t.Context())
				begin, worked := time.Now(), time.Duration(0)
				// when it works for a while,
				for range 100 {
					s.work(100*time.Millisecond, c.share)
					worked += 100 * time.Millisecond
					task.Pace(t.Context())
				}
				// then it stays within its share of the budget, and uses it,
				took := time.Since(begin)
				for what, got := range map[string][2]float64{
					"of a core":   {float64(s.cpu) / float64(took), c.want},
					"of the time": {float64(worked) / float64(took), c.wall},
				} {
					if got[0] > got[1]*1.001 || got[0] < got[1]*0.9 {
						t.Errorf("used %.4f %s, want %.4f", got[0], what, got[1])
					}
				}
				task.End()
				// and nobody had to step in.
				s.wantHeard()
			})
		})
	}
}

func TestASweepIsHeldWhenTheBudgetIsUsedUp(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		// Given an inventory that uses a whole core and never ends,
		task := s.Begin(budget.Inventory, time.Time{})
		type point struct {
			at  time.Time
			cpu time.Duration
		}
		var points []point
		for begin := time.Now(); time.Since(begin) < 10*time.Minute; {
			task.Pace(t.Context())
			points = append(points, point{time.Now(), s.cpu})
			s.work(60*time.Millisecond, 1)
		}
		task.End()
		// then in no minute the process uses more than three seconds and the moment that it
		// takes to notice,
		worst := time.Duration(0)
		for i, p := range points {
			for j := i; j < len(points) && points[j].at.Sub(p.at) <= time.Minute; j++ {
				worst = max(worst, points[j].cpu-p.cpu)
			}
		}
		if worst > 3*time.Second+200*time.Millisecond {
			t.Errorf("used %s in a minute", worst)
		}
		// nor much less than it may,
		if s.cpu < 20*time.Second {
			t.Errorf("used only %s in ten minutes", s.cpu)
		}
		// and is held and let go now and then instead of all the time.
		if n := len(s.heard()); n < 2 || n > 80 {
			t.Errorf("%d decisions: %q", n, s.heard())
		}
		if s.heard()[0] != "paused over_cpu_budget" {
			t.Errorf("told %q", s.heard())
		}
	})
}

func TestTheFirstSweepIsExempt(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		// Given a first sweep that uses a core for two minutes,
		first := s.Begin(budget.First, time.Time{})
		begin := time.Now()
		for range 1200 {
			first.Pace(t.Context())
			s.work(100*time.Millisecond, 1)
		}
		// then it is never held,
		if took := time.Since(begin); took != 2*time.Minute {
			t.Errorf("took %s", took)
		}
		first.End()
		// and what it used is not held against the next.
		next := s.Begin(budget.Inventory, time.Time{})
		s.work(time.Second, 1)
		if took, held := s.held(next, 0); held {
			t.Errorf("held for %s", took)
		}
		next.End()
		s.wantHeard()
	})
}

func TestDeepSweepsKeepAwayFromBatteries(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		// Given a machine on battery,
		s.set(func(m *machine) { m.power = budget.Battery })
		deep, inventory := s.Begin(budget.Deep, time.Time{}), s.Begin(budget.Inventory, time.Time{})
		// then a deep sweep does not even begin, and a usual one runs.
		if took, held := s.held(inventory, 0); held {
			t.Errorf("the inventory is held for %s", took)
		}
		inventory.End()
		if took, held := s.held(deep, 59*time.Minute); !held {
			t.Errorf("held for %s only", took)
		}
		s.wantHeard("paused on_battery")
		// When it is plugged in, it begins soon.
		s.set(func(m *machine) { m.power = budget.Mains })
		if took, held := s.held(deep, 30*time.Second); held {
			t.Errorf("held for another %s", took)
		}
		// When it is unplugged and somebody allows it, it goes on at once.
		s.set(func(m *machine) { m.power = budget.Battery })
		s.work(10*time.Second, 0)
		limits := budget.Default()
		limits.OnBattery = true
		time.AfterFunc(20*time.Minute, func() { s.SetLimits(limits) })
		if took, _ := s.held(deep, 0); took < 20*time.Minute || took > 20*time.Minute+time.Second {
			t.Errorf("held for %s", took)
		}
		deep.End()
		s.wantHeard("paused on_battery", "free", "paused on_battery", "free")
	})
}

func TestDeepSweepsKeepAwayFromBusyMachines(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		// Given a deep sweep on a machine that becomes busy for ten minutes, now more, now less,
		deep := s.Begin(budget.Deep, time.Time{})
		deep.Pace(t.Context())
		over := make(chan struct{})
		go func() {
			defer close(over)
			for i := range 30 {
				load := [...]float64{1.2, 0.9}[i%2] // less is much too for one that is held
				s.set(func(m *machine) { m.load = load })
				<-time.After(20 * time.Second)
			}
			s.set(func(m *machine) { m.load = 0.1 })
		}()
		begin := time.Now()
		for time.Since(begin) < 20*time.Minute {
			s.work(100*time.Millisecond, 1)
			deep.Pace(t.Context())
		}
		deep.End()
		<-over
		// then it is held once, until a minute after.
		s.wantHeard("paused machine_busy", "free")
	})
}

func TestNothingIsPutOffForEver(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		// Given a machine that is always busy and on battery, and a deep sweep due six days ago,
		s.set(func(m *machine) { m.power, m.load = budget.Battery, 3 })
		deep := s.Begin(budget.Deep, time.Now().Add(-6*24*time.Hour))
		begin := time.Now()
		deep.Pace(t.Context())
		// then it is held for another day.
		if took := time.Since(begin); took < 24*time.Hour || took > 24*time.Hour+time.Minute {
			t.Errorf("held for %s", took)
		}
		deep.End()
		s.wantHeard("paused on_battery machine_busy", "free")
	})
}

func TestTooMuchMemory(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		// Given a sweep during which memory rises over the limit,
		task := s.Begin(budget.Inventory, time.Time{})
		task.Pace(t.Context())
		s.set(func(m *machine) { m.memory = 120 << 20 })
		s.work(10*time.Second, 0)
		s.wantHeard("paused over_memory_budget")
		if r := s.State().Reasons[0]; r.Args["mib"] != "120" || r.Args["limit"] != "100" {
			t.Errorf("the reason is %v", r)
		}
		// when it falls, but not by much, then the sweep is held,
		s.set(func(m *machine) { m.memory = 90 << 20 })
		time.AfterFunc(30*time.Second, func() { s.set(func(m *machine) { m.memory = 70 << 20 }) })
		// and goes on when it has fallen.
		if took, _ := s.held(task, 0); took < 30*time.Second || took > 35*time.Second {
			t.Errorf("held for %s", took)
		}
		s.wantHeard("paused over_memory_budget", "free")
		// When it never falls, then waiting is no help, and that there is too much is still told.
		s.set(func(m *machine) { m.memory = 200 << 20 })
		s.work(10*time.Second, 0)
		if took, _ := s.held(task, 0); took < time.Minute || took > 2*time.Minute {
			t.Errorf("held for %s", took)
		}
		s.wantHeard("paused over_memory_budget", "free", "paused over_memory_budget", "free over_memory_budget")
		task.End()
	})
}

func TestAStormOfOtherWorkStopsNoSweep(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		// Given an agent that uses a tenth of a core without any sweep,
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			defer close(over)
			for ctx.Err() == nil {
				s.work(time.Second, 0.1)
			}
		}()
		<-time.After(5 * time.Minute)
		// when a sweep begins
		// and a person waits for it, then it is not held,
		asked := s.Begin(budget.Asked, time.Time{})
		if took, held := s.held(asked, time.Second); held {
			t.Errorf("one for which a person waits is held for %s", took)
		}
		asked.End()
		// while one on schedule
		begin, task := time.Now(), s.Begin(budget.Inventory, time.Time{})
		task.Pace(t.Context())
		for range 10 {
			s.work(50*time.Millisecond, 1)
			task.Pace(t.Context())
		}
		// that takes half a second takes its time, and ends.
		if took := time.Since(begin); took < 15*time.Minute || took > 30*time.Minute {
			t.Errorf("took %s", took)
		}
		task.End()
		s.wantHeard("free over_cpu_budget", "paused over_cpu_budget", "free over_cpu_budget")
		cancel()
		<-over
	})
}

func TestAHeldSweepEndsWithItsContext(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		s.set(func(m *machine) { m.power = budget.Battery })
		deep := s.Begin(budget.Deep, time.Time{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		deep.Pace(ctx) // held
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("returned after %s", took)
		}
		deep.Pace(ctx)
		s.set(func(m *machine) { m.power = budget.Mains })
		deep.Pace(t.Context())
		s.work(10*time.Second, 1)
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin = time.Now()
		deep.Pace(ctx) // at rest
		if took := time.Since(begin); took != time.Second {
			t.Errorf("returned after %s", took)
		}
		deep.End()
	})
}

func TestWhatCannotBeMeasuredHoldsNothing(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		s.set(func(m *machine) { m.err = errNoAnswer })
		deep := s.Begin(budget.Deep, time.Time{})
		if took, held := s.held(deep, 0); held {
			t.Errorf("held for %s", took)
		}
		s.wantHeard("free no memory no power no load no cpu")
		deep.End()
	})
}

func TestIdleCostsNextToNothing(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		<-time.After(time.Hour)
		synctest.Wait()
		// In an hour without sweeps the process looks at itself once a minute, and never at
		// the machine.
		if own, other := s.times(budget.SourceCPU, budget.SourceMemory), s.times(budget.SourcePower, budget.SourceLoad); own > 124 || other > 0 {
			t.Errorf("asked %d times and %d times", own, other)
		}
		s.wantHeard()
	})
}

func TestWaitingForPowerCostsLittle(t *testing.T) {
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		s.set(func(m *machine) { m.power = budget.Battery })
		deep := s.Begin(budget.Deep, time.Time{})
		s.held(deep, 0) // for an hour
		if n := s.times(budget.SourcePower); n > 122 {
			t.Errorf("asked %d times", n)
		}
		deep.End()
	})
}

func TestTheHeapIsLimited(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	// Given no limit by GOMEMLIMIT, then most of the budget is that of the heap, as long as the
	// governor runs.
	debug.SetMemoryLimit(math.MaxInt64)
	govern(t, budget.Default(), func(t *testing.T, s *session) {
		if got := debug.SetMemoryLimit(-1); got != 60<<20 {
			t.Errorf("got %d", got)
		}
		s.SetLimits(budget.Limits{CPU: 1, Memory: 50 << 20})
		if got := debug.SetMemoryLimit(-1); got != 30<<20 {
			t.Errorf("got %d", got)
		}
	})
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64 {
		t.Errorf("afterwards %d", got)
	}
	// Given a smaller one, then that stays.
	debug.SetMemoryLimit(10 << 20)
	govern(t, budget.Default(), func(*testing.T, *session) {
		if got := debug.SetMemoryLimit(-1); got != 10<<20 {
			t.Errorf("got %d", got)
		}
	})
}
