package view

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"beagle/agent/api"
)

// ReportingOf reads what the doctor says about the endpoint.
func ReportingOf(d api.Doctor) Reporting {
	for i := range d.Checks {
		if c := &d.Checks[i]; c.Code == api.CheckEndpoint {
			return Reporting{Known: c.Args["problem"] == "none" || c.Args["endpoint"] != "", Endpoint: c.Args["endpoint"]}
		}
	}
	return Reporting{}
}

// ReportingOfSent reads what the agent reported last.
func ReportingOfSent(s api.Sent) Reporting {
	r := Reporting{Known: true, Endpoint: s.Endpoint}
	if s.At != nil {
		r.At = *s.At
	}
	for _, report := range s.Reports {
		var b bytes.Buffer
		if json.Indent(&b, report, "", "  ") != nil { // sent like that all the same
			b.Reset()
			b.Write(report)
		}
		r.Sent += b.String() + "\n"
	}
	return r
}

// Privacy says what is collected, what never is, what was sent and how to get a copy.
func (p *Printer) Privacy(n Now, r Reporting) []Section {
	collected := Section{ID: "collected", Title: p.say("privacy.collected"), Text: []string{p.say("privacy.collected.text")}, Points: p.points("privacy.collected", 5)}
	never := Section{ID: "never", Title: p.say("privacy.never"), Points: p.points("privacy.never", 5)}
	who := Section{ID: "who", Title: p.say("privacy.who"), Points: p.points("privacy.who", 3)}
	export := Section{ID: "export", Title: p.say("privacy.export"), Text: []string{p.say("privacy.export.text")}}
	return []Section{collected, never, p.sent(&n, &r), who, export}
}

func (p *Printer) points(key string, n int) []string {
	var list []string
	for i := range n {
		list = append(list, p.say(key+"."+string(rune('1'+i))))
	}
	return list
}

func (p *Printer) sent(n *Now, r *Reporting) Section {
	s := Section{ID: "sent", Title: p.say("privacy.sent")}
	switch {
	case !r.Known:
		s.Text = []string{p.say("privacy.sent.unknown")}
	case r.Endpoint == "":
		s.Text = []string{p.say("privacy.sent.nowhere")}
	default:
		s.Text = []string{p.say("privacy.sent.to", "endpoint", r.Endpoint)}
		if r.Sent == "" {
			s.Text = append(s.Text, p.say("privacy.sent.nothing"))
		}
	}
	if r.Sent != "" {
		s.Mono = document(r.Sent)
		s.Text = append(s.Text, p.say("privacy.sent.last", "when", said(p.moment(r.At, n.now()))))
		s.Action = &Action{Kind: ActionCopy, Label: p.say("action.copy"), Payload: r.Sent}
	}
	return s
}

// document is clean for text of several lines.
func document(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = clean(strings.ReplaceAll(strings.TrimSuffix(line, "\r"), "\t", "  "))
	}
	return strings.Join(lines, "\n")
}

// About says what runs here, for whom, and how current it is.
func (p *Printer) About(n Now, program Program) []Section {
	about := Section{ID: "about", Title: p.say("about.title"), Text: []string{p.say("about.text")}}
	add := func(s *Section, key, value string) {
		if value != "" {
			s.Facts = append(s.Facts, Fact{Label: p.say("fact." + key), Value: value})
		}
	}
	versions := Section{ID: "versions", Title: p.say("about.versions")}
	add(&versions, "program", clean(program.Version))
	if s := n.Snapshot; s != nil {
		add(&versions, "service", clean(s.AgentVersion))
		if s.AgentVersion != "" && program.Version != "" && s.AgentVersion != program.Version {
			versions.Text = append(versions.Text, p.say("about.differ"))
		}
		add(&versions, "catalog", p.catalogText(s, n.now()))
		if !s.Started.IsZero() {
			add(&versions, "running", p.moment(s.Started, n.now()))
		}
		add(&versions, "host", clean(s.Host.Hostname))
	} else {
		versions.Text = append(versions.Text, p.say("about.noservice"))
	}
	contact := Section{ID: "contact", Title: p.say("about.contact")}
	add(&contact, "organisation", clean(program.Organisation))
	add(&contact, "contact", clean(program.Contact))
	if program.Organisation == "" && program.Contact == "" {
		contact.Text = []string{p.say("about.contact.none")}
	}
	list := []Section{about, versions, contact}
	if program.Credits != "" {
		list = append(list, Section{ID: "credits", Title: p.say("about.credits"), Mono: document(program.Credits)})
	}
	return list
}

func (p *Printer) catalogText(s *api.Snapshot, now time.Time) string {
	if s.CatalogVersion == "" {
		return ""
	}
	age := p.age(s.CatalogDate, now)
	if age == "" {
		return clean(s.CatalogVersion)
	}
	return p.say("about.catalog", "version", s.CatalogVersion, "date", said(p.date(s.CatalogDate)), "age", said(age))
}

// Words returns the fixed words of the window.
func (p *Printer) Words() Words {
	say := func(key string) string { return p.say("word." + key) }
	return Words{
		App: say("app"), TabFindings: say("findings"), TabHistory: say("history"), TabCoverage: say("coverage"),
		TabPrivacy: say("privacy"), TabAbout: say("about"),
		Search: say("search"), NothingChosen: say("nothing_chosen"),
		What: say("what"), Where: say("where"), Why: say("why"), Removal: say("removal"), Wrong: say("wrong"),
		Past: say("past"), OtherRules: say("other_rules"),
		Back: say("back"), Close: say("close"), Cancel: say("cancel"), Send: say("send"), Copied: say("copied"),
		Export: say("export"), Saved: say("saved"), Refresh: say("refresh"),
		DisputeTitle: say("dispute.title"), DisputeHint: say("dispute.hint"),
		ExemptionTitle: say("exemption.title"), ExemptionHint: say("exemption.hint"), Until: say("exemption.until"),
		TrayHint: say("tray_hint"), RecheckDone: say("recheck_done"), LookAsked: say("look_asked"), RequestSent: say("request_sent"), RequestNote: p.say("appeal.note"),
	}
}
