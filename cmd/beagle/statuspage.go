package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
)

// statusPage is one screen: is this machine fine, and does the agent do its work.
type statusPage struct {
	page
	clock clockwork
}

// How much of a long list the page shows.
const maxListed = 5

func (p *statusPage) print(s *api.Snapshot, own bool, coverage []api.Coverage) error {
	p.line("%s", p.style.bold(hostText(s)))
	p.blank()
	ruling, text := headline(s)
	p.wrappedIn(ruling, text)
	p.found(s)
	p.blank()
	p.fact("Now", activityText(s, p.clock))
	p.fact("Last look", p.look(s.LastSweep, s.NextSweep, "none since the agent was installed"))
	p.fact("Deep look", p.look(s.LastDeep, s.NextDeep, "none yet"))
	p.fact("Noticed", "programs that start: "+watchText(s.Watching))
	p.fact("", "new files and packages: "+watchText(s.WatchingFiles))
	missed := p.notSeen(coverage)
	p.blank()
	p.fact("Agent", fmt.Sprintf("version %s, running since %s%s", clean(s.AgentVersion), p.clock.at(s.Started), p.running(s)))
	p.fact("Rights", rightsText(s, own))
	p.fact("Catalog", p.catalog(s))
	p.conditions(s.Conditions, missed)
	return p.err
}

func hostText(s *api.Snapshot) string {
	name := "this machine"
	if s.Host.Hostname != "" {
		name = clean(s.Host.Hostname)
	}
	return "Beagle on " + name + " (" + clean(s.Host.OS) + ")"
}

// wrappedIn writes a sentence in the colour of a ruling.
func (p *statusPage) wrappedIn(r policy.Ruling, text string) {
	for _, line := range wrap(text, p.columns()-2) {
		p.line("  %s", p.style.ruling(r, line))
	}
}

// headline answers the question for which people come, by what needs action most.
func headline(s *api.Snapshot) (policy.Ruling, string) {
	n := &s.Summary
	switch {
	case n.Prohibited > 0:
		return policy.Prohibited, plural(n.Prohibited, "prohibited app was", "prohibited apps were") + " found; what to do: beagle findings"
	case s.LastSweep == nil:
		return policy.Pending, "Not known yet: the first look at this machine is not done."
	case !n.Complete:
		return policy.Pending, "Nothing prohibited was found, but not everything could be looked at."
	case n.Pending > 0:
		return policy.Pending, "Nothing is prohibited today, but " + plural(n.Pending, "app that was found is", "apps that were found are") + " to be banned; when: beagle findings"
	case n.Unconfirmed > 0:
		return policy.Unconfirmed, "Nothing prohibited was found for certain, but " + plural(n.Unconfirmed, "thing looks", "things look") + " like a banned app; what: beagle findings"
	}
	if !s.Privileged {
		return policy.Allowed, "Nothing prohibited was found in what one user may see."
	}
	return policy.Allowed, "This machine is fine: nothing prohibited was found."
}

// found lists the worst of what was found.
func (p *statusPage) found(s *api.Snapshot) {
	counts := countsText(&s.Summary)
	if counts == "" {
		return
	}
	p.blank()
	p.fact("Found", counts)
	records := slices.Clone(s.Records)
	sortRecords(records)
	records = slices.DeleteFunc(records, func(r api.Stored) bool { return !asksForAction(r.Verdict) })
	for i := range records {
		if i == maxListed {
			p.item(fmt.Sprintf("%d more", len(records)-i))
			break
		}
		r := &records[i]
		p.item(p.style.ruling(policy.Ruling(r.Verdict), verdictWord(r.Verdict)) + "  " +
			appName(&r.App) + ", " + ownerText(r.Owner) + " (" + clean(strings.Join(r.Presence, ", ")) + ")")
	}
}

// asksForAction reports whether somebody has to do something about a verdict, now or soon.
func asksForAction(verdict string) bool {
	return slices.Contains([]string{api.VerdictProhibited, api.VerdictPending, api.VerdictUnconfirmed}, verdict)
}

// fact writes a fact beside its name.
func (p *statusPage) fact(name, text string) {
	if text != "" {
		p.beside("  "+padded(name, 12), text)
	}
}

// item writes one of several facts of the same name.
func (p *statusPage) item(text string) {
	p.beside("  "+padded("", 12)+"- ", text)
}

// activityText says what the agent does at this moment.
func activityText(s *api.Snapshot, clock clockwork) string {
	switch s.Activity {
	case "starting":
		return "starting"
	case "idle":
		return "watching; nothing else to do until the next look"
	case "paused":
		text := "a look waits"
		for i := range s.Conditions {
			if c := &s.Conditions[i]; c.Code == api.ConditionPaused {
				text += ": " + clean(pauseText(c.Args["reason"]))
			}
		}
		return text
	case "scanning":
		return progressText(s.Progress, clock)
	}
	return clean(s.Activity)
}

func progressText(at *api.Progress, clock clockwork) string {
	if at == nil {
		return "looking"
	}
	text := "looking"
	if at.Deep {
		text = "looking deeply"
	}
	if !at.Began.IsZero() {
		text += " for " + span(clock.now.Sub(at.Began))
	}
	text += fmt.Sprintf(": %.0f %% done", 100*at.Share)
	if at.Probe != "" {
		text += ", now " + clean(at.Probe)
	}
	if at.Examined > 0 {
		text += ", " + grouped(at.Examined) + " " + clean(at.Unit)
	}
	return text
}

// look says when a look of a kind ended last, or that there was none, and when the next is due.
func (p *statusPage) look(last, next *time.Time, none string) string {
	text := none
	if last != nil {
		text = p.clock.ago(*last)
	}
	if next != nil {
		text += "; the next " + p.clock.until(*next)
	}
	return text
}

// notSeen names the areas that could not be looked at fully, and reports whether there are any.
func (p *statusPage) notSeen(coverage []api.Coverage) bool {
	missed := slices.DeleteFunc(slices.Clone(coverage), func(c api.Coverage) bool {
		return !detectors.Outcome(c.Status).Incomplete()
	})
	switch {
	case len(coverage) == 0:
		return false
	case len(missed) == 0:
		p.fact("Looked at", fmt.Sprintf("everything: %s", plural(len(coverage), "area", "areas")))
		return false
	}
	p.fact("Not seen", p.style.ruling(policy.Pending, fmt.Sprintf("%d of %s could not be looked at fully", len(missed), plural(len(coverage), "area", "areas"))))
	for i := range missed {
		if i == maxListed-2 {
			p.item(fmt.Sprintf("%d more", len(missed)-i))
			break
		}
		c := &missed[i]
		p.item(clean(areaText(c.Probe, c.Area) + missedText(c.Status, c.Error)))
	}
	p.fact("", p.style.dim("→ ")+whyNotSeen)
	return true
}

func (p *statusPage) running(s *api.Snapshot) string {
	if d := p.clock.now.Sub(s.Started); d > 0 {
		return " (" + span(d) + ")"
	}
	return ""
}

// rightsText says what the agent can see at all.
func rightsText(s *api.Snapshot, own bool) string {
	switch {
	case s.Privileged:
		return "those of the system: it sees the files and programs of all users"
	case own:
		return "yours alone, since no agent of the system is here: it sees nothing of other users"
	}
	return "those of one user: it sees nothing of other users"
}

func (p *statusPage) catalog(s *api.Snapshot) string {
	text := "version " + clean(s.CatalogVersion)
	if day, err := policy.ParseDate(s.CatalogDate); err == nil {
		text += " of " + string(day) + " (" + daysOld(string(day), p.clock.now) + ")"
	}
	return text
}

// conditions say what somebody should know about the agent itself, but for what the page has
// told already.
func (p *statusPage) conditions(list []api.Condition, missed bool) {
	list = slices.DeleteFunc(slices.Clone(list), func(c api.Condition) bool { return missed && c.Code == api.ConditionIncomplete })
	if len(list) == 0 {
		return
	}
	p.blank()
	p.line("%s", p.style.bold("What to know about the agent"))
	for i := range list {
		c := &list[i]
		text := conditionText(c, p.clock)
		word := padded(clean(severityWord(c.Severity)), 8)
		switch c.Severity {
		case api.SeverityError:
			word = p.style.ruling(policy.Prohibited, word)
		case api.SeverityWarning:
			word = p.style.ruling(policy.Pending, word)
		}
		p.advice("  "+word+" ", clean(text.what)+" (since "+p.clock.at(c.Since)+")", particulars(c.Code, c.Args["text"]), text.todo)
	}
}
