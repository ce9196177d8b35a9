package policy

import (
	"cmp"
	"slices"
)

// Force is the legal state of a policy.
type Force string

// The legal states.
const (
	ForceNone      Force = "none"      // nothing has happened yet
	ForcePending   Force = "pending"   // made, but not begun
	ForceInForce   Force = "in_force"  // it binds
	ForceSuspended Force = "suspended" // stopped by a court or not enforced, not gone
	ForceEnded     Force = "ended"     // revoked, superseded, vacated or run out
)

// State is the legal state of a policy on a date for one kind of organisation, and how it
// came about.
type State struct {
	Force Force
	// Since is the day the state began.
	Since Date
	// Cause is the event that brought the state about; nil for ForceNone.
	Cause *Event
	// Starts and Condition say, while pending, when the rule is to begin and what is missing.
	Starts    Date
	Condition string
	// EverOperative tells a lifted ban from one that never began.
	EverOperative bool
	// LapsedOn is the last day of the time limit whose passing brought the state about.
	LapsedOn Date
}

// StateOn folds the events up to the day on, as far as the data had learnt of them by the
// day known, for one kind of organisation ("" for events that bind every kind).
//
// Signed, announced and amended change nothing but the planned start. Effective switches
// the rule on; enjoined and suspended stop it without ending it; vacated, revoked,
// superseded and expired end it, and what has ended is not ended again. Once the until of an
// event, its last day, is over, the state from before the event returns, or the rule has run
// out if it was effective; extended renews a limit that still runs.
func (p *Policy) StateOn(on, known Date, kind string) State {
	var f fold
	f.state.Force = ForceNone
	for _, ev := range p.ordered() {
		if cmp.Or(ev.Learnt, ev.Date) > known || ev.Date > on {
			continue
		}
		if ev.OrgKind != "" && !kindMatches(ev.OrgKind, kind) {
			continue
		}
		f.lapse(ev.Date)
		f.apply(ev)
	}
	f.lapse(on)
	return f.state
}

// ordered returns the events by date; events of one day keep the order of the file.
func (p *Policy) ordered() []*Event {
	events := make([]*Event, len(p.Events))
	for i := range p.Events {
		events[i] = &p.Events[i]
	}
	slices.SortStableFunc(events, func(a, b *Event) int { return cmp.Compare(a.Date, b.Date) })
	return events
}

// fold is the running state and, while a time limit runs, what to fall back to.
type fold struct {
	state  State
	until  Date
	before *fold
}

func (f *fold) apply(ev *Event) {
	switch ev.Status {
	case Signed, Announced, Amended:
		f.plan(ev)
	case Effective:
		f.enter(ForceInForce, ev)
		f.state.EverOperative = true
	case Enjoined, Suspended:
		if f.state.Force != ForceEnded {
			f.enter(ForceSuspended, ev)
		}
	case Vacated, Revoked, Superseded, Expired:
		if f.state.Force != ForceEnded || f.until != "" {
			f.enter(ForceEnded, ev)
		}
	case Extended:
		f.extend(ev)
	}
}

// plan notes a start that was set or moved; a rule that was made is pending until then.
func (f *fold) plan(ev *Event) {
	if f.state.Force == ForceNone && (ev.Status == Signed || ev.Starts != "") {
		f.enter(ForcePending, ev)
	}
	if ev.Starts != "" || ev.Condition != "" {
		f.state.Starts = cmp.Or(ev.Starts, f.state.Starts)
		f.state.Condition = ev.Condition
	}
}

func (f *fold) enter(force Force, ev *Event) {
	before := *f
	f.before, f.until = &before, ev.Until
	f.state.Force, f.state.Since, f.state.Cause, f.state.LapsedOn = force, ev.Date, ev, ""
}

// extend renews the limit of the state or, if it is stopped without a limit, of the rule
// beneath. What a court stopped stays stopped by that court.
func (f *fold) extend(ev *Event) {
	limited := f
	for limited.state.Force == ForceSuspended && limited.until == "" {
		limited = limited.before
	}
	if limited.until == "" {
		return
	}
	limited.until = ev.Until
	if limited.state.Cause.Status != Enjoined {
		limited.state.Cause = ev
	}
}

// lapse ends every state whose last day lies before the given day.
func (f *fold) lapse(day Date) {
	for f.state.Force != ForceInForce && f.passed(day) {
		f.back()
	}
	// A rule runs out also while it is suspended.
	rule := f
	for rule.state.Force == ForceSuspended {
		rule = rule.before
	}
	if rule.state.Force == ForceInForce && rule.passed(day) {
		ended := rule.until
		f.state.Cause = rule.state.Cause
		f.state.Force, f.state.Since, f.state.LapsedOn = ForceEnded, ended.next(), ended
		f.until = ""
	}
}

func (f *fold) passed(day Date) bool { return f.until != "" && f.until < day }

// back returns to the state from before the one whose limit passed.
func (f *fold) back() {
	ended, last := f.until, f.state
	*f = *f.before
	// The state it returns to may itself have come back from a later limit.
	f.state.Since, f.state.LapsedOn = max(ended.next(), last.Since), ended
	f.state.Starts, f.state.Condition, f.state.EverOperative = last.Starts, last.Condition, last.EverOperative
}
