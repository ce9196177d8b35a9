package view

import (
	"slices"

	"beagle/agent/api"
)

// appeal is what the reader may say about a record, where the agent takes it, and what became
// of what was said.
func (p *Printer) appeal(n *Now, s *Subject) *Appeal {
	made := s.Record.Requests
	if !s.TakesRequests && len(made) == 0 {
		return nil
	}
	a := &Appeal{Dispute: p.appealButton(n, s, api.RequestDispute), Exemption: p.appealButton(n, s, api.RequestExemption)}
	for i := range made {
		r := &made[i]
		title, ok := p.coded("request", r.Kind)
		if !ok {
			title = clean(r.Kind)
		}
		if r.Until != "" {
			title = p.say("request.until", "title", said(title), "date", said(p.date(r.Until)))
		}
		row := RequestRow{Kind: clean(r.Kind), Title: title, Text: clean(r.Text), Status: p.requestBadge(r.Status)}
		if !r.At.IsZero() {
			row.When = p.moment(r.At, n.now())
		}
		a.Requests = append(a.Requests, row)
	}
	if len(made) == 0 || slices.ContainsFunc(made, func(r api.Request) bool { return r.Status == api.RequestKept }) {
		a.Note = p.say("appeal.note")
	}
	return a
}

func (p *Printer) appealButton(n *Now, s *Subject, kind string) Button {
	b := Button{Text: p.say("appeal." + kind)}
	waits := func(r api.Request) bool {
		return r.Kind == kind && r.Status != statusAccepted && r.Status != statusRejected
	}
	switch {
	case s.Record.ClosedAt != nil:
		b.Tip = p.say("appeal.gone")
	case n.Connection.Line != LineLive || !s.TakesRequests:
		b.Tip = p.say("look.lost")
	case slices.ContainsFunc(s.Record.Requests, waits):
		b.Tip = p.say("appeal.waits")
	default:
		b.Enabled = true
	}
	return b
}

// What a request may come to once the organisation hears of it.
const (
	statusAccepted = "accepted"
	statusRejected = "rejected"
)

func (p *Printer) requestBadge(status string) Badge {
	tone := TonePlain
	switch status {
	case statusAccepted:
		tone = ToneGood
	case statusRejected:
		tone = ToneWarn
	}
	return Badge{Code: status, Text: p.word("status.request", status), Tone: tone}
}
