package main

import (
	"beagle/agent/api"
	"beagle/agent/policy"
)

// findingsPage prints what an agent has found: the records of a scan, since when they are
// known, and how to get rid of what should not be there.
type findingsPage struct {
	scanPage
	clock clockwork
	own   bool
}

func (p *findingsPage) print(s *api.Snapshot, removal map[string][]api.Step) error {
	p.line("%s, %s", p.style.bold(hostText(s)), p.age(s))
	if !s.Privileged {
		p.line("%s", p.style.ruling(policy.Pending, rightsLine(p.own)))
	}
	p.blank()
	for i := range s.Records {
		p.stored(&s.Records[i], removal)
	}
	p.total(s)
	return p.err
}

// age says how old what is shown may be.
func (p *findingsPage) age(s *api.Snapshot) string {
	if s.LastSweep == nil {
		return "not looked at yet"
	}
	return "last looked at " + p.clock.ago(*s.LastSweep)
}

func rightsLine(own bool) string {
	if own {
		return "Your own agent, since the system has none: it sees nothing of other users."
	}
	return "An agent with the rights of one user: it sees nothing of other users."
}

// stored prints one record as a scan does, and what only an agent knows.
func (p *findingsPage) stored(r *api.Stored, removal map[string][]api.Step) {
	p.heading(&r.Record)
	p.copies(&r.Record)
	p.verdicts(r.Verdicts)
	p.line("  first seen %s, last seen %s", p.clock.at(r.FirstSeen), p.clock.at(r.LastSeen))
	if steps := stepsFor(&r.Record, removal[r.App.ID]); asksForAction(r.Verdict) && len(steps) > 0 {
		p.line("  to remove it:")
		for _, step := range steps {
			p.beside("    - ", step)
		}
	}
	p.line("  %s", p.style.dim("more: beagle explain "+shortID(r.ID)))
	p.blank()
}

func (p *findingsPage) total(s *api.Snapshot) {
	found := "Nothing prohibited was found."
	if counts := countsText(&s.Summary); counts != "" {
		found = "Found: " + counts + "."
	}
	p.line("%s", found)
	switch {
	case s.LastSweep == nil:
		p.line("%s", p.style.ruling(policy.Pending, "The first look is not done yet: beagle status says how far it is."))
	case !s.Summary.Complete:
		p.line("%s", p.style.ruling(policy.Pending, "Not everything could be looked at: beagle status says what."))
	}
}

// shortID is the beginning of a record's id that explain takes.
func shortID(id string) string {
	const enough = 8
	if len(id) > enough {
		id = id[:enough]
	}
	return clean(id)
}
