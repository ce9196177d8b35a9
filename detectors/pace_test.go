package detectors_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

func TestWaitingDoesNotUseUpAProbesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a run that lets probes work a tenth of the time, and one that works for 50 seconds,
		pace := func(ctx context.Context) { <-time.After(9 * time.Second) }
		steady := probe("steady", func(ctx context.Context, out *detectors.Report) {
			area := out.Area("machine")
			for range 50 {
				<-time.After(time.Second)
				area.Examined(1)
			}
			if ctx.Err() != nil {
				t.Errorf("out of time: %v", context.Cause(ctx))
			}
		})
		// when it may work for a minute,
		begin := time.Now()
		seen := detectors.Run(t.Context(), &detectors.Host{}, []detectors.Probe{steady}, detectors.Limits{Probe: time.Minute, Pace: pace})
		// then it comes to its end, and only its work is counted.
		p := seen.Probes[0]
		if p.Outcome != detectors.Finished || p.Examined != 50 {
			t.Errorf("got %+v", p)
		}
		if took := time.Since(begin); took != 51*9*time.Second+50*time.Second || p.Duration != 50*time.Second {
			t.Errorf("took %s, of which %s at work", took, p.Duration)
		}
	})
}

func TestAGentleRunStillNoticesAHungProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a probe that waits for an hour in all and then hangs,
		release := make(chan struct{})
		hung := probe("hung", func(_ context.Context, out *detectors.Report) {
			<-time.After(5 * time.Second)
			out.Area("machine").Examined(1)
			<-release
		})
		pace := func(ctx context.Context) { <-time.After(30 * time.Minute) }
		// when it may work for ten seconds,
		begin := time.Now()
		seen := detectors.Run(t.Context(), &detectors.Host{}, []detectors.Probe{hung}, detectors.Limits{Probe: 10 * time.Second, Pace: pace})
		close(release)
		// then five seconds after it went on it is left behind.
		if took := time.Since(begin) - time.Hour; took < 10*time.Second || took > 15*time.Second {
			t.Errorf("took an hour and %s", took)
		}
		if p := seen.Probes[0]; p.Problem == nil || p.Problem.Code != detectors.CodeTimeout {
			t.Errorf("got %+v", p)
		}
	})
}

func TestAWaitEndsWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a run that makes every probe wait for ever,
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, errors.New("the service stops"))
		defer cancel()
		began := false
		p := probe("p", func(context.Context, *detectors.Report) { began = true })
		begin := time.Now()
		seen := detectors.Run(ctx, &detectors.Host{}, []detectors.Probe{p, p}, detectors.Limits{Pace: func(ctx context.Context) { <-ctx.Done() }})
		// then it ends at once with its context, and says why nothing was seen.
		if took := time.Since(begin); took != time.Hour || !began {
			t.Errorf("took %s; began: %v", took, began)
		}
		for _, p := range seen.Probes {
			if p.Problem == nil || p.Problem.Code != detectors.CodeCancelled || p.Duration != 0 {
				t.Errorf("got %+v", p)
			}
		}
	})
}

func TestPaceIsAskedOftenButNotForEveryThing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a probe that looks at a thousand things a second for ten seconds,
		asked := 0
		busy := probe("busy", func(_ context.Context, out *detectors.Report) {
			for range 10_000 {
				<-time.After(time.Millisecond)
				out.Area("x").Examined(1)
			}
		})
		detectors.Run(t.Context(), &detectors.Host{}, []detectors.Probe{busy}, detectors.Limits{Pace: func(context.Context) { asked++ }})
		// then it is made to wait some fifty times a second.
		if asked < 400 || asked > 600 {
			t.Errorf("asked %d times", asked)
		}
	})
}

func TestOnlyHeavyProbesGetTheThread(t *testing.T) {
	var log []string
	limits := detectors.Limits{Thread: func() func() {
		log = append(log, "lower")
		return func() { log = append(log, "restore") }
	}}
	light := probe("light", func(context.Context, *detectors.Report) { log = append(log, "light") })
	heavy := probe("heavy", func(context.Context, *detectors.Report) { log = append(log, "heavy") })
	broken := probe("broken", func(context.Context, *detectors.Report) { panicNow() })
	heavy.Heavy, broken.Heavy = true, true
	detectors.Run(t.Context(), &detectors.Host{}, []detectors.Probe{light, heavy, broken, light}, limits)
	// Each heavy probe begins and ends there, also one that panics.
	want := "light lower heavy restore lower restore light"
	if got := strings.Join(log, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAPartClaimsNothing(t *testing.T) {
	// Given a probe that looks at a part of one area and at all of another,
	p := probe("p", func(_ context.Context, out *detectors.Report) {
		out.Part("user:alice").Found(catalog.Evidence{Value: "x"})
		out.Part("user:alice").Unread("/home/alice/y", errors.New("no"))
		out.Area("machine").Examined(1)
	})
	seen := detectors.Run(t.Context(), &detectors.Host{}, []detectors.Probe{p}, detectors.Limits{})
	// then evidence names the area, of which nothing else is said; what went wrong is.
	got := seen.Probes[0]
	if len(seen.Evidence) != 1 || seen.Evidence[0].Area != "user:alice" || len(got.Areas) != 1 || got.Areas[0].Area != "machine" {
		t.Errorf("got %+v, %+v", seen.Evidence, got)
	}
	if got.Outcome != detectors.Partial || got.Problem == nil || got.Problem.Code != detectors.CodeUnreadable {
		t.Errorf("got %+v", got)
	}
}

func TestSearchWaitsAndStops(t *testing.T) {
	// Given a folder full of candidates, and a run that is stopped while the search waits,
	host := hosttest.New(t, "os: linux\ndir: /etc\n"+decoys(300))
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		waits := 0
		limits := detectors.Limits{Pace: func(ctx context.Context) {
			if waits++; waits == 2 {
				cancel()
				<-ctx.Done()
			}
		}}
		p := detectors.Probe{Name: "search", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
			<-time.After(time.Second) // whoever worked for a while has to wait again
			s := detectors.Search{Index: index, Dir: "/srv"}
			s.Run(ctx, host, out.Area("/srv"))
		}}
		seen := detectors.Run(ctx, host, []detectors.Probe{p}, limits)
		// then it looks at nothing more, and the area does not pass for finished.
		if n := len(seen.Evidence); n != 1 || waits != 2 {
			t.Errorf("%d candidates were looked at, with %d waits", n, waits)
		}
		if area := seen.Probes[0].Areas[0]; area.Outcome != detectors.Partial {
			t.Errorf("the area ended %s", area.Outcome)
		}
	})
}

// decoys are files that a search wants to look at.
func decoys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "program: /srv/%d/et elf\n", i)
	}
	return b.String()
}
