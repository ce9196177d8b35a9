package detectors_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

func probe(name string, look func(context.Context, *detectors.Report)) detectors.Probe {
	return detectors.Probe{Name: name, Unit: "things", Look: func(ctx context.Context, _ *detectors.Host, out *detectors.Report) {
		look(ctx, out)
	}}
}

func TestRunOutcomes(t *testing.T) {
	found := catalog.Evidence{Kind: catalog.KindFile, Value: "x"}
	for _, c := range []struct {
		name    string
		look    func(context.Context, *detectors.Report)
		outcome detectors.Outcome
		code    string // of the probe's problem, or else of its first area's
		seen    int
	}{
		{"finished", func(_ context.Context, out *detectors.Report) { out.Area("machine").Found(found) }, detectors.Finished, "", 1},
		{"skipped", func(_ context.Context, out *detectors.Report) { out.Area("machine").Skip("no database") }, detectors.Skipped, "absent", 0},
		{"no area at all", func(context.Context, *detectors.Report) {}, detectors.Skipped, "", 0},
		{"partial", func(_ context.Context, out *detectors.Report) {
			out.Area("machine").Found(found)
			out.Area("user:bob").Unread("/home/bob", errors.New("no"))
			out.Area("user:bob").Unread("/home/bob/x", errors.New("no"))
		}, detectors.Partial, "", 1},
		{"failed", func(_ context.Context, out *detectors.Report) { out.Area("machine").Fail(errors.New("no")) }, detectors.Failed, "error", 0},
		{"worst area counts", func(_ context.Context, out *detectors.Report) {
			out.Area("a").Skip("x")
			out.Area("b").Fail(errors.New("no"))
		}, detectors.Failed, "absent", 0},
		{"a failure is not talked down", func(_ context.Context, out *detectors.Report) {
			out.Area("a").Fail(errors.New("no"))
			out.Area("a").Unread("x", errors.New("no"))
			out.Area("a").Skip("x")
		}, detectors.Failed, "error", 0},
		{"panic", func(context.Context, *detectors.Report) { panicNow() }, detectors.Failed, "panic", 0},
		{"panic after evidence", func(_ context.Context, out *detectors.Report) {
			out.Area("machine").Found(found)
			panicNow()
		}, detectors.Partial, "panic", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a probe that behaves so, and a good one after it,
			good := probe("good", func(_ context.Context, out *detectors.Report) { out.Area("machine").Examined(3) })
			// when both are run,
			seen := detectors.Run(context.Background(), &detectors.Host{}, []detectors.Probe{probe("p", c.look), good}, detectors.Limits{})
			// then the first ends as said and the second is not touched by it.
			p := seen.Probes[0]
			code := ""
			if p.Problem != nil {
				code = p.Problem.Code
			} else if len(p.Areas) > 0 && p.Areas[0].Problem != nil {
				code = p.Areas[0].Problem.Code
			}
			if p.Outcome != c.outcome || code != c.code || len(seen.Evidence) != c.seen {
				t.Errorf("got %s %q with %d evidence, want %s %q with %d", p.Outcome, code, len(seen.Evidence), c.outcome, c.code, c.seen)
			}
			if seen.Probes[1].Outcome != detectors.Finished || seen.Probes[1].Examined != 3 {
				t.Errorf("the next probe: %+v", seen.Probes[1])
			}
		})
	}
}

func panicNow() { panic("a defect") }

func TestRunDoesNotWaitForAHungProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a probe that hangs in the kernel and never hears of its context,
		release := make(chan struct{})
		hung := probe("hung", func(_ context.Context, out *detectors.Report) {
			area := out.Area("machine")
			area.Found(catalog.Evidence{Value: "before"})
			<-release
			area.Found(catalog.Evidence{Value: "too late"})
		})
		// when it is run with a limit of ten seconds,
		started := time.Now()
		seen := detectors.Run(t.Context(), &detectors.Host{}, []detectors.Probe{hung}, detectors.Limits{Probe: 10 * time.Second})
		close(release)
		synctest.Wait()
		// then the run ends soon after, says so, and keeps what was seen in time.
		if took := time.Since(started); took < 10*time.Second || took > 15*time.Second {
			t.Errorf("took %s", took)
		}
		p := seen.Probes[0]
		if p.Outcome != detectors.Partial || p.Problem.Code != detectors.CodeTimeout || p.Areas[0].Outcome != detectors.Partial {
			t.Errorf("got %+v", p)
		}
		if len(seen.Evidence) != 1 || seen.Evidence[0].Value != "before" {
			t.Errorf("evidence: %+v", seen.Evidence)
		}
	})
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	first := probe("first", func(ctx context.Context, out *detectors.Report) {
		out.Area("machine")
		cancel()
		<-ctx.Done()
	})
	never := probe("second", func(ctx context.Context, out *detectors.Report) { out.Area("machine") })
	seen := detectors.Run(ctx, &detectors.Host{}, []detectors.Probe{first, never}, detectors.Limits{})
	for _, p := range seen.Probes {
		if p.Problem == nil || p.Problem.Code != detectors.CodeCancelled || p.Outcome != detectors.Failed {
			t.Errorf("%s: got %s, %+v", p.Name, p.Outcome, p.Problem)
		}
	}
}

func TestProgressNeverFalls(t *testing.T) {
	var shares []float64
	walker := probe("walker", func(_ context.Context, out *detectors.Report) {
		out.Progress(0.5)
		out.Progress(1)
	})
	walker.Weight = 20
	quick := probe("quick", func(context.Context, *detectors.Report) {})
	detectors.Run(context.Background(), &detectors.Host{}, []detectors.Probe{quick, walker, quick},
		detectors.Limits{Progress: func(p detectors.Progress) { shares = append(shares, p.Share) }})
	for i := 1; i < len(shares); i++ {
		if shares[i] < shares[i-1] {
			t.Errorf("fell: %v", shares)
		}
	}
	if len(shares) == 0 || shares[len(shares)-1] != 1 {
		t.Errorf("does not end at 1: %v", shares)
	}
}
