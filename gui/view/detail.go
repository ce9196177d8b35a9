package view

import (
	"cmp"
	"strings"

	"beagle/agent/api"
)

// Detail explains one record.
func (p *Printer) Detail(n Now, s Subject) Page {
	r := &s.Record
	page := Page{
		ID: r.ID, Title: clean(appName(&r.App)), Verdict: p.verdictBadge(r.Verdict), Closed: r.ClosedAt != nil,
		Summary: p.summaryText(r), Facts: p.facts(&n, &s), Copies: p.copies(&n, &s),
		Removal: p.removal(&n, &s), Appeal: p.appeal(&n, &s), History: p.recordHistory(&n, s.History),
	}
	if s.App != nil {
		page.About = clean(s.App.Summary)
	}
	page.Badges = append([]Badge{page.Verdict}, p.presenceBadges(r.Presence)...)
	if r.Confidence != "" {
		page.Badges = append(page.Badges, p.confidenceBadge(r.Confidence))
	}
	page.Rules, page.Others = p.rules(&n, &s)
	return page
}

func (p *Printer) confidenceBadge(code string) Badge {
	return Badge{Code: code, Text: p.word("confidence", code), Tone: TonePlain}
}

// summaryText says whether the app must go.
func (p *Printer) summaryText(r *api.Stored) string {
	if r.ClosedAt != nil {
		return p.closedText(r.ClosedReason)
	}
	if r.Verdict == api.VerdictAllowed && len(r.Presence) == 1 {
		if text, ok := p.coded("summary.only", r.Presence[0]); ok {
			return text
		}
	}
	if text, ok := p.coded("summary", r.Verdict); ok {
		return text
	}
	return p.say("summary.unknown", "verdict", r.Verdict)
}

func (p *Printer) closedText(reason string) string {
	if text, ok := p.coded("closed", reason); ok {
		return text
	}
	return p.say("closed.unknown")
}

// facts say whose the app is, since when it is known, and how sure that is.
func (p *Printer) facts(n *Now, s *Subject) []Fact {
	r, now := &s.Record, n.now()
	facts := []Fact{{Label: p.say("fact.owner"), Value: p.ownerText(n, r.Owner)}}
	add := func(key, value string, mono bool) {
		if value != "" {
			facts = append(facts, Fact{Label: p.say("fact." + key), Value: value, Mono: mono})
		}
	}
	if r.ImpliedBy != nil {
		add("inside", p.say("fact.inside.text", "app", n.appOf(*r.ImpliedBy)), false)
	}
	if !r.FirstSeen.IsZero() {
		add("first", p.moment(r.FirstSeen, now), false)
	}
	if !r.LastSeen.IsZero() {
		add("last", p.moment(r.LastSeen, now), false)
	}
	if r.ClosedAt != nil {
		add("gone", p.moment(*r.ClosedAt, now), false)
	}
	add("sure", p.confidenceText(r.Confidence), false)
	add("maker", clean(companyName(r.App.Vendor)), false)
	if s.App != nil {
		add("aliases", clean(strings.Join(s.App.Aliases, p.say("list.comma"))), false)
	}
	add("id", clean(r.ID), true)
	return facts
}

// confidenceText explains how sure it is that this is the app.
func (p *Printer) confidenceText(code string) string {
	if text, ok := p.coded("confidence", code+".why"); ok {
		return text
	}
	return p.word("confidence", code)
}

// Limits on one page: a record is kept whole by the agent, but nobody reads more.
const (
	maxCopies   = 50
	maxEvidence = 50
)

func (p *Printer) copies(n *Now, s *Subject) []Copy {
	r := &s.Record
	var copies []Copy
	for i := range r.Instances {
		if i == maxCopies {
			copies = append(copies, Copy{Title: p.count("copies.more", len(r.Instances)-i)})
			break
		}
		copies = append(copies, p.copyOf(n, s.App, &r.Instances[i]))
	}
	return copies
}

func (p *Printer) copyOf(n *Now, app *api.AppPage, in *api.Instance) Copy {
	c := Copy{Title: clean(in.Root), Open: p.folderAction(n.os(), in.Root)}
	if c.Title == "" {
		c.Title = p.say("copies.nowhere")
	}
	add := func(key, value string) {
		if value != "" {
			c.Facts = append(c.Facts, Fact{Label: p.say("fact." + key), Value: value})
		}
	}
	add("version", clean(in.Version))
	add("edition", clean(editionName(app, in.Edition)))
	var ways []string
	for _, code := range in.Presence {
		ways = append(ways, p.word("presence", code))
	}
	add("presence", p.list(ways))
	for i := range in.Evidence {
		if i == maxEvidence {
			c.Evidence = append(c.Evidence, EvidenceLine{Text: p.count("evidence.more", len(in.Evidence)-i)})
			break
		}
		c.Evidence = append(c.Evidence, p.evidence(n, &in.Evidence[i]))
	}
	return c
}

// evidence says in plain words what was seen and what it is worth.
func (p *Printer) evidence(n *Now, ev *api.Evidence) EvidenceLine {
	a := ev.Attributes
	value := cmp.Or(a["display_name"], ev.Value)
	text, ok := p.coded("evidence", ev.Kind, "value", value, "pid", a["pid"])
	if !ok {
		text = p.say("evidence.unknown", "kind", ev.Kind, "value", value)
	}
	parts := []string{text}
	if a["version"] != "" {
		parts = append(parts, p.say("evidence.with.version", "version", a["version"]))
	}
	if a["publisher"] != "" {
		parts = append(parts, p.say("evidence.with.publisher", "publisher", a["publisher"]))
	}
	if user := a["user"]; user != "" {
		parts = append(parts, p.say("evidence.with.user", "user", user))
	}
	if a["deleted"] != "" {
		parts = append(parts, p.say("evidence.with.deleted"))
	}
	if a["loose"] != "" {
		parts = append(parts, p.say("evidence.with.loose"))
	}
	if a["beside"] != "" {
		parts = append(parts, p.say("evidence.with.beside", "names", strings.ReplaceAll(a["beside"], "/", ", ")))
	}
	if gone := a["gone"]; gone != "" {
		parts = append(parts, p.word("gone", gone))
	}
	return EvidenceLine{Text: p.list(parts), Place: clean(ev.Path), Strength: p.strengthBadge(ev.Strength)}
}

func (p *Printer) strengthBadge(code string) Badge {
	if code == "" {
		return Badge{}
	}
	return Badge{Code: code, Text: p.word("strength", code), Tone: TonePlain}
}
