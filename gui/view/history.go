package view

import (
	"slices"
	"time"

	"beagle/agent/api"
)

// History returns what happened, day by day, the newest first.
func (p *Printer) History(n Now, entries []api.HistoryEntry) HistoryPage {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b api.HistoryEntry) int { return b.Time.Compare(a.Time) })
	var page HistoryPage
	names := map[string]string{}
	var last time.Time
	for i := range sorted {
		e := &sorted[i]
		at := e.Time.In(p.zone)
		if len(page.Days) == 0 || !sameDay(at, last) {
			page.Days = append(page.Days, HistoryDay{Title: p.dayTitle(at, n.now())})
		}
		last = at
		name, ok := names[e.App]
		if !ok {
			name = n.appOf(e.App)
			names[e.App] = name
		}
		row := p.historyRow(e)
		row.When = p.clock(at)
		row.Title = p.say("history.title", "app", name, "owner", said(p.ownerText(&n, e.Owner)))
		day := &page.Days[len(page.Days)-1]
		day.Rows = append(day.Rows, row)
	}
	if len(page.Days) == 0 {
		page.Empty = &Empty{Kind: KindClean, Title: p.say("history.empty"), Text: p.say("history.empty.text")}
	}
	return page
}

// recordHistory is the history of one record, the newest first.
func (p *Printer) recordHistory(n *Now, entries []api.HistoryEntry) []HistoryRow {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b api.HistoryEntry) int { return b.Time.Compare(a.Time) })
	var rows []HistoryRow
	for i := range sorted {
		row := p.historyRow(&sorted[i])
		row.When = p.moment(sorted[i].Time, n.now())
		rows = append(rows, row)
	}
	return rows
}

func (p *Printer) historyRow(e *api.HistoryEntry) HistoryRow {
	row := HistoryRow{Record: e.RecordID, Badge: p.verdictBadge(e.Verdict)}
	switch e.What {
	case api.RecordClosed:
		row.Text = p.closedText(e.Reason)
		row.Badge = Badge{Code: e.What, Text: p.say("history.gone"), Tone: ToneGood}
	case api.RecordChanged:
		text, ok := p.coded("changed", e.Reason)
		if !ok {
			text = p.say("changed.unknown")
		}
		row.Text = text
	case api.RecordOpened, api.RecordReopened:
		row.Text = p.word("history", e.What)
	default:
		row.Text = p.unknown(e.What, nil)
	}
	return row
}

// dayTitle names a day as people do.
func (p *Printer) dayTitle(at, now time.Time) string {
	now = now.In(p.zone)
	switch {
	case sameDay(at, now):
		return p.say("date.today")
	case sameDay(at, now.AddDate(0, 0, -1)):
		return p.say("date.yesterday")
	}
	return p.day(at)
}
