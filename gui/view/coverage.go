package view

import (
	"cmp"
	"slices"
	"time"

	"beagle/agent/api"
)

// Coverage says what was looked at, how that ended, and what cannot be seen.
func (p *Printer) Coverage(n Now) CoveragePage {
	var page CoveragePage
	missed := 0
	at := map[string]int{}
	for i := range n.Coverage {
		c := &n.Coverage[i]
		j, ok := at[c.Probe]
		if !ok {
			j = len(page.Probes)
			at[c.Probe] = j
			page.Probes = append(page.Probes, ProbeRow{Name: clean(c.Probe), Title: p.probeText(c.Probe)})
		}
		row := p.areaRow(&n, c)
		page.Probes[j].Areas = append(page.Probes[j].Areas, row)
		if incomplete(c.Status) {
			page.Probes[j].Missed++
			missed++
		}
	}
	for i := range page.Probes {
		p.sumUp(&n, &page.Probes[i])
	}
	// What was missed comes first, since that is what one looks for here.
	slices.SortStableFunc(page.Probes, func(a, b ProbeRow) int { return cmp.Compare(min(b.Missed, 1), min(a.Missed, 1)) })
	page.Limits = p.limits(&n)
	switch {
	case len(n.Coverage) == 0:
		page.Tone, page.Summary = TonePlain, p.say("coverage.none")
		page.Empty = &Empty{Kind: KindUnprotected, Title: p.say("coverage.none"), Text: p.say("coverage.none.text")}
	case missed > 0:
		page.Tone, page.Summary = ToneWarn, p.count("coverage.missed", missed, "all", len(n.Coverage))
	default:
		page.Tone, page.Summary = ToneGood, p.count("coverage.all", len(n.Coverage))
	}
	return page
}

func incomplete(status string) bool {
	return status == statusPartial || status == statusFailed || status == statusUnreachable
}

func (p *Printer) areaRow(n *Now, c *api.Coverage) AreaRow {
	row := AreaRow{Title: p.areaText(n, c.Area), Badge: p.statusBadge(c.Status), Why: p.problemText(c.Status, c.Error)}
	when := ""
	if !c.At.IsZero() {
		when = p.ago(c.At, n.now())
	}
	switch looked := c.Examined > 0 || c.Unit != "" && (c.Status == statusFinished || c.Status == statusPartial); {
	case looked && when != "":
		row.Text = p.say("coverage.area", "amount", said(p.amount(c.Examined, c.Unit)), "ago", said(when))
	case looked:
		row.Text = p.amount(c.Examined, c.Unit)
	default:
		row.Text = when
	}
	if incomplete(c.Status) && c.LastFinished != nil {
		row.Text = p.say("coverage.lastfull", "text", said(row.Text), "ago", said(p.ago(*c.LastFinished, n.now())))
	}
	return row
}

func (p *Printer) statusBadge(status string) Badge {
	tone := TonePlain
	switch status {
	case statusFinished:
		tone = ToneGood
	case statusPartial, statusUnreachable:
		tone = ToneWarn
	case statusFailed:
		tone = ToneBad
	}
	return Badge{Code: status, Text: p.word("status", status), Tone: tone}
}

// problemText says why an area was not looked at, "" if that is not known or it was.
func (p *Printer) problemText(status string, e *api.Error) string {
	if e == nil {
		return ""
	}
	switch {
	case status == statusUnreachable && e.Code == "absent":
		return p.say("problem.unplugged")
	case e.Code == "unreadable" || e.Code == "malformed":
		return p.count("problem."+e.Code, atLeastOne(e.Args["count"]), "first", e.Args["first"], "text", e.Text)
	case e.Code == "timeout":
		if limit, err := time.ParseDuration(e.Args["limit"]); err == nil {
			return p.say("problem.timeout", "limit", said(p.span(limit)))
		}
	}
	args := append(arguments(e.Args), "text", e.Text)
	if text, ok := p.coded("problem", e.Code, args...); ok {
		return text
	}
	if e.Text != "" {
		return clean(e.Text)
	}
	return p.unknown(e.Code, e.Args)
}

// sumUp says how a probe did, by its areas: as well as the worst of those that were there.
func (p *Printer) sumUp(n *Now, row *ProbeRow) {
	status, text := statusSkipped, ""
	finished, failed := false, false
	var examined int64
	unit := ""
	var last *api.Coverage
	for i := range n.Coverage {
		c := &n.Coverage[i]
		if clean(c.Probe) != row.Name {
			continue
		}
		examined += c.Examined
		unit = cmp.Or(unit, c.Unit)
		finished = finished || c.Status == statusFinished || c.Status == statusPartial
		failed = failed || incomplete(c.Status)
		if last == nil || c.At.After(last.At) {
			last = c
		}
	}
	switch {
	case failed && finished:
		status = statusPartial
	case failed:
		status = statusFailed
	case finished:
		status = statusFinished
	}
	text = p.amount(examined, unit)
	if last != nil && !last.At.IsZero() {
		text = p.say("coverage.area", "amount", said(text), "ago", said(p.ago(last.At, n.now())))
	}
	row.Badge, row.Text = p.statusBadge(status), text
	if status == statusSkipped {
		row.Text = p.say("coverage.nothing")
	}
}

// limits say what this machine does not let Beagle see or notice.
func (p *Printer) limits(n *Now) []string {
	s := n.Snapshot
	if s == nil {
		return nil
	}
	var list []string
	if !s.Privileged {
		list = append(list, p.say("limit.rights"))
	}
	list = append(list,
		p.say("limit.processes", "how", said(p.watchMode(s.Watching))),
		p.say("limit.files", "how", said(p.watchMode(s.WatchingFiles))),
	)
	switch {
	case s.LastDeep != nil:
		list = append(list, p.say("limit.deep", "ago", said(p.ago(*s.LastDeep, n.now()))))
	case s.NextDeep != nil:
		list = append(list, p.say("limit.deep.next", "in", said(p.until(*s.NextDeep, n.now()))))
	default:
		list = append(list, p.say("limit.deep.off"))
	}
	return append(list, p.say("limit.places"))
}
