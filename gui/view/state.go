package view

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"beagle/agent/api"
)

const (
	// patience is how long connecting may take before it counts as failed.
	patience = 10 * time.Second
	// late is how long a full look may be overdue: a machine may have been asleep.
	late = 24 * time.Hour
	// tooOld is how old the last full look may be where none is planned.
	tooOld = 7 * day
)

// What the agent does, as [api.Snapshot] writes it.
const (
	activityStarting = "starting"
	activityScanning = "scanning"
	activityPaused   = "paused"
)

// State says in words how this machine is, by what needs a person most.
func (p *Printer) State(n Now) TrayState {
	if state, lost := p.lost(n); lost {
		return state
	}
	s := n.Snapshot
	busy := s.Activity == activityScanning
	state := p.known(n, s)
	if busy && state.Kind == KindClean {
		state = p.state(KindScanning, "looking")
	}
	state.Busy = busy
	return state
}

// lost is the state where nothing fresh is known.
func (p *Printer) lost(n Now) (TrayState, bool) {
	c := n.Connection
	switch {
	case c.Line == LineLive && n.Snapshot != nil:
		return TrayState{}, false
	case c.Line == LineConnecting && n.At.Sub(c.Since) > patience:
		c.Cause = CauseNoAnswer
	case c.Line == LineConnecting || c.Line == LineLive:
		return p.state(KindScanning, "connecting"), true
	}
	text, ok := p.coded("lost", string(c.Cause))
	if !ok {
		text = p.say("lost.other")
	}
	return TrayState{Kind: KindUnprotected, Title: p.say("state.lost"), Text: text}, true
}

// known is the state by a fresh snapshot.
func (p *Printer) known(n Now, s *api.Snapshot) TrayState {
	banned, pending, unconfirmed := apps(s, api.VerdictProhibited, s.Summary.Prohibited), apps(s, api.VerdictPending, s.Summary.Pending),
		apps(s, api.VerdictUnconfirmed, s.Summary.Unconfirmed)
	switch {
	case banned > 0:
		return p.counted(KindProhibited, "prohibited", banned)
	case s.LastSweep == nil && s.Activity == activityPaused:
		return TrayState{Kind: KindUnprotected, Title: p.say("state.never"), Text: p.pauseText(s)}
	case s.LastSweep == nil && (s.Activity == activityScanning || s.Activity == activityStarting):
		return p.state(KindScanning, "first")
	case s.LastSweep == nil:
		return p.state(KindUnprotected, "never")
	case overdue(s, n.now()):
		return TrayState{Kind: KindUnprotected, Title: p.say("state.late"), Text: p.say("state.late.text", "when", said(p.day(s.LastSweep.In(p.zone))))}
	case !s.Privileged:
		return p.state(KindUnprotected, "blind")
	case blind(s.Conditions):
		return p.state(KindUnprotected, "unseen")
	}
	if c := gravest(s.Conditions); c != nil {
		return TrayState{Kind: KindAttention, Title: p.say("state.trouble"), Text: p.conditionText(&n, c)}
	}
	switch {
	case pending > 0:
		return p.counted(KindAttention, "pending", pending)
	case unconfirmed > 0:
		return p.counted(KindAttention, "unconfirmed", unconfirmed)
	case unknownVerdicts(s) > 0:
		return p.counted(KindAttention, "strange", unknownVerdicts(s))
	case !s.Summary.Complete && !onlyDrives(s):
		return p.state(KindAttention, "incomplete")
	}
	return p.state(KindClean, "clean")
}

func (p *Printer) state(kind Kind, key string) TrayState {
	return TrayState{Kind: kind, Title: p.say("state." + key), Text: p.say("state." + key + ".text")}
}

func (p *Printer) counted(kind Kind, key string, n int) TrayState {
	return TrayState{Kind: kind, Title: p.count("state."+key, n), Text: p.count("state."+key+".text", n)}
}

// now is the reader's time, that of the snapshot where it is not given.
func (n *Now) now() time.Time {
	if n.At.IsZero() && n.Snapshot != nil {
		return n.Snapshot.At
	}
	return n.At
}

// apps counts the different apps with a verdict: one may be there for several owners. Where
// half a snapshot lacks its records, the count that came with it holds.
func apps(s *api.Snapshot, verdict string, stated int) int {
	ids := map[string]bool{}
	for i := range s.Records {
		if r := &s.Records[i]; r.ClosedAt == nil && r.Verdict == verdict {
			ids[r.App.ID] = true
		}
	}
	if len(ids) == 0 {
		return max(stated, 0)
	}
	return len(ids)
}

// overdue reports whether nobody looked for too long, though nothing is under way.
func overdue(s *api.Snapshot, now time.Time) bool {
	if s.Activity == activityScanning || s.Activity == activityStarting {
		return false
	}
	if s.NextSweep != nil {
		return now.Sub(*s.NextSweep) > late
	}
	return now.Sub(*s.LastSweep) > tooOld
}

// blind reports whether some probe saw nothing at all of the machine, as far as the agent says.
// It does not look at the coverage, which the tray does not ask for: tray and window must not
// differ.
func blind(conditions []api.Condition) bool {
	return slices.ContainsFunc(conditions, func(c api.Condition) bool {
		n, err := strconv.Atoi(c.Args["failed"])
		return c.Code == api.ConditionIncomplete && err == nil && n > 0
	})
}

// onlyDrives reports whether all that could not be looked at is drives, as far as the agent
// says: one that is not plugged in is no trouble.
func onlyDrives(s *api.Snapshot) bool {
	some := false
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if c.Code != api.ConditionIncomplete {
			continue
		}
		some = true
		if c.Args["count"] != "1" || !strings.HasPrefix(c.Args["area"], areaDrive) {
			return false
		}
	}
	return some
}

// gravest is the first condition under which Beagle does not do what it is for.
func gravest(conditions []api.Condition) *api.Condition {
	for i := range conditions {
		if conditions[i].Severity == api.SeverityError {
			return &conditions[i]
		}
	}
	return nil
}

func unknownVerdicts(s *api.Snapshot) int {
	n := 0
	for i := range s.Records {
		if s.Records[i].ClosedAt == nil && rank(s.Records[i].Verdict) == unknownRank {
			n++
		}
	}
	return n
}

// unknownRank is that of verdicts that this version does not know.
const unknownRank = 8

// rank orders verdicts, the worst first; one that is not known comes last.
func rank(verdict string) int {
	switch verdict {
	case api.VerdictProhibited:
		return 0
	case api.VerdictPending:
		return 1
	case api.VerdictSuspended:
		return 2
	case api.VerdictExempt:
		return 3
	case api.VerdictUnconfirmed:
		return 4
	case api.VerdictLifted:
		return 5
	case api.VerdictAllowed:
		return 6
	case api.VerdictNotApplicable:
		return 7
	}
	return unknownRank
}

// asksForAction reports whether somebody has to do something about a verdict, now or soon. A
// verdict that is not known may.
func asksForAction(verdict string) bool {
	return verdict == api.VerdictProhibited || verdict == api.VerdictPending || verdict == api.VerdictUnconfirmed ||
		rank(verdict) == unknownRank
}

// order sorts records: the worst first, what runs before what does not, what lives in another
// app last, then by name.
func order(a, b *api.Stored) int {
	return cmp.Or(
		cmp.Compare(actionRank(a.Verdict), actionRank(b.Verdict)),
		cmp.Compare(carried(a), carried(b)),
		cmp.Compare(still(a), still(b)),
		cmp.Compare(a.App.Name, b.App.Name),
		cmp.Compare(a.Owner, b.Owner),
		cmp.Compare(a.ID, b.ID),
	)
}

// actionRank is rank, but puts what needs somebody before what does not.
func actionRank(verdict string) int {
	r := rank(verdict)
	if !asksForAction(verdict) {
		r += 100
	}
	return r
}

func carried(r *api.Stored) int {
	if r.ImpliedBy != nil {
		return 1
	}
	return 0
}

// still is 0 for what runs.
func still(r *api.Stored) int {
	if slices.Contains(r.Presence, presenceRunning) {
		return 0
	}
	return 1
}
