package policy

import (
	"fmt"
	"slices"

	"beagle/detectors/catalog"
	"beagle/detectors/catalog/yamldoc"
)

// Problem is one thing that lint holds against a policy.
type Problem struct {
	Policy string
	Text   string
}

func (p Problem) String() string { return p.Policy + ": " + p.Text }

// Acts lists the acts a policy can forbid.
func Acts() []string {
	return []string{"install", "use", "network-access", "byod", "distribute", "host", "transact", "download", "procure", "maintain"}
}

// Lint checks every rule of a policy file that a program can check. A product that no entry
// describes is no problem: policies may name more than Beagle can find.
func Lint(set *Set, index *catalog.Index) []Problem {
	var found []Problem
	seen := map[string]bool{}
	for i := range set.Policies {
		p := &set.Policies[i]
		l := linter{policy: p}
		if seen[p.ID] {
			l.complain("the id is used twice")
		}
		seen[p.ID] = true
		for _, fault := range check(p) {
			l.complain("%s", fault)
		}
		l.fields()
		l.events()
		l.apps(index)
		l.companies()
		found = append(found, l.found...)
	}
	return found
}

type linter struct {
	policy *Policy
	found  []Problem
}

func (l *linter) complain(format string, args ...any) {
	l.found = append(l.found, Problem{l.policy.ID, fmt.Sprintf(format, args...)})
}

// check finds what makes a policy unusable: a word that the judge does not know would
// otherwise be a rule that is silently never in force.
func check(p *Policy) []yamldoc.Fault {
	var faults []yamldoc.Fault
	demand := func(ok bool, field, where, format string, args ...any) {
		if !ok {
			faults = append(faults, yamldoc.Fault{Field: field, Where: where, Text: fmt.Sprintf(format, args...)})
		}
	}
	demand(p.ID != "", "id", "", "is missing")
	demand(p.Title != "", "title", "", "is missing")
	demand(p.Nature == Law || p.Nature == Company, "nature", "", "is %.40q, want law or company", p.Nature)
	for n, act := range p.Acts {
		demand(slices.Contains(Acts(), act), fmt.Sprintf("acts[%d]", n), fmt.Sprintf("act %d", n+1),
			"unknown act %.40q, want one of %v", act, Acts())
	}
	demand(len(p.Events) > 0, "events", "", "are missing: a policy without a timeline cannot be judged")
	for n := range p.Events {
		ev, part, where := &p.Events[n], fmt.Sprintf("events[%d]", n), eventName(n, &p.Events[n])
		demand(ev.Date != "", part+".date", where, "no date")
		demand(slices.Contains(Statuses(), ev.Status), part+".status", where,
			"unknown status %.40q, want one of %v", ev.Status, Statuses())
		demand(slices.Contains(confidences(), ev.Confidence), part+".confidence", where,
			"unknown confidence %.40q, want one of %v", ev.Confidence, confidences())
	}
	return faults
}

func confidences() []string { return []string{"high", "medium", "low", "unsourced"} }

func eventName(n int, ev *Event) string {
	if ev.Date == "" {
		return fmt.Sprintf("event %d", n+1)
	}
	return fmt.Sprintf("event %d (%s)", n+1, ev.Date)
}

func (l *linter) fields() {
	p := l.policy
	for _, field := range [][2]string{
		{"authority", p.Authority}, {"jurisdiction", p.Jurisdiction},
		{"citation", p.Citation}, {"latest_source", p.LatestSource},
	} {
		if field[1] == "" {
			l.complain("%s is missing", field[0])
		}
	}
	if len(p.OrgKinds) == 0 && len(p.Apps) > 0 {
		l.complain("names apps but binds no kind of organisation")
	}
	onDevice := slices.Contains(p.Acts, "install") || slices.Contains(p.Acts, "use") || slices.Contains(p.Acts, "byod")
	if p.DeviceRelevant && !onDevice {
		l.complain("device_relevant, but none of install, use and byod is forbidden")
	}
}

func (l *linter) events() {
	for n := range l.policy.Events {
		ev := &l.policy.Events[n]
		where := eventName(n, ev)
		if n > 0 && ev.Date != "" && ev.Date < l.policy.Events[n-1].Date {
			l.complain("%s: earlier than the event before it", where)
		}
		if ev.Text == "" || ev.Source == "" {
			l.complain("%s: text and source are needed", where)
		}
		if ev.Until != "" && ev.Until < ev.Date {
			l.complain("%s: until %s is before it begins", where, ev.Until)
		}
		if ev.Status == Extended && ev.Until == "" {
			l.complain("%s: extended without until", where)
		}
		if ev.OrgKind != "" && !l.policy.BindsKind(ev.OrgKind) {
			l.complain("%s: org_kind %q is not bound by the policy", where, ev.OrgKind)
		}
	}
}

func (l *linter) apps(index *catalog.Index) {
	seen := map[string]bool{}
	for _, n := range l.policy.Apps {
		if n.ID == "" {
			l.complain("app %q has no id", n.Name)
			continue
		}
		if seen[n.ID] {
			l.complain("app %q is listed twice", n.ID)
		}
		seen[n.ID] = true
		if _, known := index.App(n.ID); !known && n.Name == "" {
			l.complain("app %q is in no catalog entry: give its name", n.ID)
		}
	}
}

func (l *linter) companies() {
	seen := map[string]bool{}
	for _, c := range l.policy.Companies {
		switch {
		case c.ID == "":
			l.complain("a company has no id")
		case seen[c.ID]:
			l.complain("company %q is listed twice", c.ID)
		}
		seen[c.ID] = true
	}
}
