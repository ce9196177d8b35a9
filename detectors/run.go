package detectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"beagle/detectors/catalog"
)

// Sighting is everything that one run of the probes saw.
type Sighting struct {
	Evidence []catalog.Evidence
	Probes   []ProbeResult
}

// Progress says how far a run is.
type Progress struct {
	Probe    string  // the one at work, "" at the end
	Unit     string  // what Examined counts
	Examined int64   // by the current probe
	Share    float64 // of the whole run, from 0 to 1; it never falls
}

// Limits bound a run.
type Limits struct {
	// Probe is the time one probe may take; 0 means one minute.
	Probe time.Duration
	// Progress is called now and then, never concurrently. It may be nil.
	Progress func(Progress)
	// Pace makes a gentle run: it is called from the goroutine in which a probe works, before
	// it begins and then many times a second, and returns when the probe may go on. What it
	// waits does not count towards the probe's time. It must return soon after ctx ends. Nil
	// never waits.
	Pace func(ctx context.Context)
	// Thread is called on the goroutine of each heavy probe before it begins, and what it
	// returns when it ended: to do that work on a thread of low priority. It may be nil.
	Thread func() (restore func())
}

// defaultLimit is far above what any inventory probe was seen to take (under one second).
const defaultLimit = time.Minute

// grace is how long a probe may go on after its time is up before it is left alone.
const grace = 2 * time.Second

// Run runs the probes one after the other: gentle on the machine, and each probe's time is
// its own. It always returns what was seen, also when ctx ends; probes not run by then
// are reported as failed.
func Run(ctx context.Context, host *Host, probes []Probe, limits Limits) Sighting {
	var seen Sighting
	total, done := 0.0, 0.0
	for i := range probes {
		total += probes[i].weight()
	}
	for i := range probes {
		p := &probes[i]
		before := done
		done += p.weight()
		report := &Report{probe: p.Name, rest: func() {}, progress: func(fraction float64, examined int64) {
			if limits.Progress != nil {
				limits.Progress(Progress{p.Name, p.Unit, examined, (before + fraction*p.weight()) / total})
			}
		}}
		report.progress(0, 0)
		result := look(ctx, host, p, report, limits)
		seen.Evidence = append(seen.Evidence, report.evidence...)
		seen.Probes = append(seen.Probes, result)
	}
	if limits.Progress != nil {
		limits.Progress(Progress{Share: 1})
	}
	return seen
}

// look runs one probe in a goroutine of its own, so that one that hangs in the kernel (a
// dead disk, a stuck network mount) is reported and left behind instead of waited for.
func look(ctx context.Context, host *Host, p *Probe, report *Report, limits Limits) ProbeResult {
	limit := cmp.Or(p.Limit, limits.Probe, defaultLimit)
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := newWorktime(limit, func() { cancel(context.DeadlineExceeded) })
	report.rest = limits.rest(within, work)
	done := make(chan *Problem, 1)
	go func() { done <- p.work(within, host, report, limits.Thread) }()
	problem := wait(within, done, limit)
	return report.close(p, problem, work.stop())
}

// work is the life of the goroutine of a probe. It returns what the probe died of.
func (p *Probe) work(ctx context.Context, host *Host, report *Report, thread func() func()) (problem *Problem) {
	defer func() {
		if r := recover(); r != nil {
			problem = &Problem{Code: CodePanic, Text: fmt.Sprintf("%v at %s", r, panicPlace())}
		}
	}()
	if p.Heavy && thread != nil {
		defer thread()()
	}
	report.rest()
	p.Look(ctx, host, report)
	return nil
}

// wait returns what the probe died of, nil if it ended by itself.
func wait(ctx context.Context, done <-chan *Problem, limit time.Duration) *Problem {
	select {
	case problem := <-done:
		return stopped(ctx, problem, limit)
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case problem := <-done:
		return stopped(ctx, problem, limit)
	case <-late.C:
		return stopped(ctx, nil, limit)
	}
}

// stopped tells a probe that ended because it had to from one that was through.
func stopped(ctx context.Context, problem *Problem, limit time.Duration) *Problem {
	switch {
	case problem != nil:
		return problem
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return &Problem{Code: CodeTimeout, Args: map[string]string{"limit": limit.String()}}
	case ctx.Err() != nil:
		return &Problem{Code: CodeCancelled}
	}
	return nil
}

// panicPlace names the line of Beagle's own code that panicked.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "beagle/") {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// close ends the report; what a probe says afterwards is dropped.
func (r *Report) close(p *Probe, problem *Problem, took time.Duration) ProbeResult {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	result := ProbeResult{Name: p.Name, Unit: p.Unit, Outcome: Skipped, Examined: r.examined, Duration: took, Problem: problem}
	brought, missed := r.examined > 0 || len(r.evidence) > 0, problem != nil
	for _, a := range r.areas {
		if problem != nil && a.outcome == Finished {
			// Which areas were through is not known any more.
			a.outcome, a.problem = Partial, problem
		}
		brought = brought || a.outcome == Finished || a.outcome == Partial && problem == nil
		missed = missed || a.outcome.Incomplete()
		if !a.part {
			result.Areas = append(result.Areas, AreaResult{a.name, a.outcome, a.problem, a.examined})
		} else if result.Problem == nil {
			result.Problem = a.problem
		}
		if a.outcome == Finished {
			result.Outcome = Finished
		}
	}
	switch {
	case missed && brought:
		result.Outcome = Partial
	case missed:
		result.Outcome = Failed
	}
	return result
}
