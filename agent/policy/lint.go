package policy

import (
	"fmt"
	"slices"

	"beagle/detectors/catalog"
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

func (l *linter) fields() {
	p := l.policy
	for _, field := range [][2]string{
		{"id", p.ID}, {"title", p.Title}, {"authority", p.Authority}, {"jurisdiction", p.Jurisdiction},
		{"citation", p.Citation}, {"latest_source", p.LatestSource},
	} {
		if field[1] == "" {
			l.complain("%s is missing", field[0])
		}
	}
	if p.Nature != Law && p.Nature != Company {
		l.complain("nature is %q, want law or company", p.Nature)
	}
	if len(p.OrgKinds) == 0 && len(p.Apps) > 0 {
		l.complain("names apps but binds no kind of organisation")
	}
	for _, act := range p.Acts {
		if !slices.Contains(Acts(), act) {
			l.complain("unknown act %q, want one of %v", act, Acts())
		}
	}
	onDevice := slices.Contains(p.Acts, "install") || slices.Contains(p.Acts, "use") || slices.Contains(p.Acts, "byod")
	if p.DeviceRelevant && !onDevice {
		l.complain("device_relevant, but none of install, use and byod is forbidden")
	}
}

func (l *linter) events() {
	if len(l.policy.Events) == 0 {
		l.complain("no events: a policy without a timeline cannot be judged")
	}
	for n := range l.policy.Events {
		ev := &l.policy.Events[n]
		where := fmt.Sprintf("event %d (%s)", n+1, ev.Date)
		switch {
		case ev.Date == "":
			l.complain("event %d: no date", n+1)
		case n > 0 && ev.Date < l.policy.Events[n-1].Date:
			l.complain("%s: earlier than the event before it", where)
		}
		if !slices.Contains(Statuses(), ev.Status) {
			l.complain("%s: unknown status %q, want one of %v", where, ev.Status, Statuses())
		}
		if ev.Text == "" || ev.Source == "" {
			l.complain("%s: text and source are needed", where)
		}
		if !slices.Contains([]string{"high", "medium", "low", "unsourced"}, ev.Confidence) {
			l.complain("%s: unknown confidence %q", where, ev.Confidence)
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
