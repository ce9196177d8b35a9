package detectors

import (
	"context"
	"strconv"
	"sync"
	"time"

	"beagle/detectors/catalog"
)

// Probe looks at one kind of place on a host.
type Probe struct {
	// Name is stable: it is shown, stored and sent.
	Name string
	// Unit says what Examined counts, in the plural.
	Unit string
	// Limit bounds the time of one look; 0 means the Run's limit.
	Limit time.Duration
	// Weight is how long the probe takes beside others; 0 means 1. It is only for progress.
	Weight float64
	// Heavy marks a probe that may work for minutes: it runs on the thread that the Run's
	// limits have for such work.
	Heavy bool
	// Look reports what it finds and how each area ended. It returns soon after ctx ends.
	Look func(ctx context.Context, host *Host, out *Report)
}

func (p *Probe) weight() float64 {
	if p.Weight == 0 {
		return 1
	}
	return p.Weight
}

// Outcome says how looking at an area, or at all areas of a probe, ended.
type Outcome string

// The outcomes. Only in a finished area does the absence of evidence mean anything.
const (
	Finished    Outcome = "finished"
	Partial     Outcome = "partial"
	Failed      Outcome = "failed"
	Skipped     Outcome = "skipped"
	Unreachable Outcome = "unreachable"
)

// Incomplete reports whether something there may have been missed.
func (o Outcome) Incomplete() bool { return o == Partial || o == Failed || o == Unreachable }

// Problem says why an area did not end well, or why there was nothing to look at.
type Problem struct {
	Code string
	Args map[string]string
	Text string
}

// Problem codes.
const (
	CodeAbsent     = "absent"     // skipped: nothing of the kind on this host: what
	CodeUnreadable = "unreadable" // some things could not be read: count, first, text
	CodeMalformed  = "malformed"  // some things could not be understood: count, first
	CodeTimeout    = "timeout"    // the time limit passed: limit
	CodePanic      = "panic"      // a defect in the probe: text
	CodeCancelled  = "cancelled"  // the scan was stopped
	CodeForeign    = "foreign"    // skipped: not a file system of this machine's disks: type
	CodeLimit      = "limit"      // more than the probe takes: limit
	CodeError      = "error"      // anything else: text
)

// AreaResult is how looking at one area ended.
type AreaResult struct {
	Area     string
	Outcome  Outcome
	Problem  *Problem
	Examined int64
}

// ProbeResult is how one probe ended: finished, partial, failed or skipped. It is partial if
// any area ended worse than finished while another brought something. Areas of which only a
// part was looked at ([Report.Part]) are not among its areas.
type ProbeResult struct {
	Name     string
	Unit     string
	Outcome  Outcome
	Examined int64
	// Duration is how long the probe worked, without what it waited in [Limits.Pace].
	Duration time.Duration
	Areas    []AreaResult
	Problem  *Problem
}

// Report collects what one probe says. Its methods may be called from several goroutines.
type Report struct {
	probe    string
	progress func(fraction float64, examined int64)
	rest     func() // waits as long as the run's limits ask for

	mu       sync.Mutex
	closed   bool
	areas    []*Area
	evidence []catalog.Evidence
	examined int64
}

// Area begins an area; it ends finished unless something else is said. Asking for the
// same name again continues that area.
func (r *Report) Area(name string) *Area { return r.area(name, false) }

// Part takes evidence for an area of which only a part is looked at. How that ends says
// nothing about the area, which is therefore not in the result: what is not found in a part
// may well be there.
func (r *Report) Part(name string) *Area { return r.area(name, true) }

func (r *Report) area(name string, part bool) *Area {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.areas {
		if a.name == name && a.part == part {
			return a
		}
	}
	a := &Area{report: r, name: name, part: part, outcome: Finished}
	r.areas = append(r.areas, a)
	return a
}

// Progress says how much of the probe's work is done, from 0 to 1. Like Examined it is where
// a run that is to be gentle makes the probe wait; so a probe that works for long calls one of
// the two several times a second, from the goroutine that works.
func (r *Report) Progress(fraction float64) {
	r.mu.Lock()
	if !r.closed {
		r.progress(fraction, r.examined)
	}
	r.mu.Unlock()
	r.rest()
}

// Area is one piece of what a probe covers.
type Area struct {
	report  *Report
	name    string
	part    bool // not looked at as a whole
	outcome Outcome
	problem *Problem
	unread  int
	// examined counts what was looked at here; the report counts what was looked at at all.
	examined int64
}

// Name is the name the area is shown under.
func (a *Area) Name() string { return a.name }

// Found reports evidence. Probe, area and time are filled in, and the owner where the probe
// left it out.
func (a *Area) Found(ev catalog.Evidence) {
	a.report.mu.Lock()
	defer a.report.mu.Unlock()
	if a.report.closed {
		return
	}
	ev.Probe, ev.Area, ev.Seen = a.report.probe, a.name, time.Now()
	if ev.Owner == "" {
		ev.Owner = catalog.MachineOwner
	}
	a.report.evidence = append(a.report.evidence, ev)
}

// Examined adds to the number of things looked at. It may wait, see [Report.Progress].
func (a *Area) Examined(n int64) {
	a.report.mu.Lock()
	a.examined += n
	a.report.examined += n
	a.report.mu.Unlock()
	a.report.rest()
}

// Unread notes something in the area that could not be read. The area ends partial; the
// first such thing is named and the rest are counted.
func (a *Area) Unread(what string, err error) {
	a.report.mu.Lock()
	defer a.report.mu.Unlock()
	a.unread++
	if a.outcome == Finished || a.problem != nil && a.problem.Code == CodeUnreadable {
		a.outcome = Partial
		if a.problem == nil {
			a.problem = &Problem{Code: CodeUnreadable, Args: map[string]string{"first": what}, Text: err.Error()}
		}
		a.problem.Args["count"] = strconv.Itoa(a.unread)
	}
}

// End says how the area ended, unless something worse was said before.
func (a *Area) End(outcome Outcome, problem Problem) {
	a.report.mu.Lock()
	defer a.report.mu.Unlock()
	if a.outcome == Finished || severity(outcome) > severity(a.outcome) {
		a.outcome, a.problem = outcome, &problem
	}
}

// Skip says that there is nothing of the kind to look at.
func (a *Area) Skip(what string) {
	a.End(Skipped, Problem{Code: CodeAbsent, Args: map[string]string{"what": what}})
}

// Fail says that the area could not be looked at.
func (a *Area) Fail(err error) { a.End(Failed, Problem{Code: CodeError, Text: err.Error()}) }

func severity(o Outcome) int {
	switch o {
	case Failed:
		return 4
	case Unreachable:
		return 3
	case Partial:
		return 2
	case Finished:
		return 1
	}
	return 0 // skipped: a probe of several areas did its work if one of them had something
}
