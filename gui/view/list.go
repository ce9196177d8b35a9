package view

import (
	"slices"
	"strings"

	"beagle/agent/api"
)

// Findings returns the records that a filter lets through and in which every word of the query
// is found: in names, other names, paths, owners and what the machine itself calls the app.
// The worst come first.
func (p *Printer) Findings(n Now, filter Filter, query string) List {
	var list List
	var open []*api.Stored
	if n.Snapshot != nil {
		for i := range n.Snapshot.Records {
			if r := &n.Snapshot.Records[i]; r.ClosedAt == nil {
				open = append(open, r)
			}
		}
	}
	for _, f := range []Filter{FilterAll, FilterAction, FilterMine, FilterMachine} {
		choice := FilterChoice{Filter: f, Text: p.say("filter." + string(f))}
		for _, r := range open {
			if n.passes(f, r) {
				choice.Count++
			}
		}
		list.Filters = append(list.Filters, choice)
	}
	words := strings.Fields(strings.ToLower(query))
	rows := slices.DeleteFunc(open, func(r *api.Stored) bool { return !n.passes(filter, r) || !n.matches(r, words) })
	slices.SortStableFunc(rows, order)
	list.Rows = make([]Row, 0, len(rows))
	memo := rowMemo{p: p, n: &n, verdicts: map[string]Badge{}, presence: map[string]Badge{}, owners: map[string]string{}}
	for _, r := range rows {
		list.Rows = append(list.Rows, memo.row(r))
	}
	if len(list.Rows) == 0 {
		list.Empty = p.noFindings(n, len(open) > 0 || len(words) > 0)
	}
	return list
}

// passes reports whether a filter lets a record through; an unknown one lets all.
func (n *Now) passes(f Filter, r *api.Stored) bool {
	switch f {
	case FilterAction:
		return asksForAction(r.Verdict)
	case FilterMine:
		return r.Owner != api.MachineOwner && (n.Viewer == "" || sameOwner(n.os(), r.Owner, n.Viewer))
	case FilterMachine:
		return r.Owner == api.MachineOwner
	}
	return true
}

// matches reports whether every word, in lower case, is somewhere in what a record says.
func (n *Now) matches(r *api.Stored, words []string) bool {
	if len(words) == 0 {
		return true
	}
	var b strings.Builder
	add := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(text)
			b.WriteByte('\n')
		}
	}
	add(r.App.Name, r.App.NativeName, r.App.ID, r.App.Vendor, r.Owner)
	add(n.Apps[r.App.ID].Aliases...)
	for i := range r.Instances {
		in := &r.Instances[i]
		add(in.Root, in.Edition, in.Version)
		for j := range in.Evidence {
			ev := &in.Evidence[j]
			add(ev.Value, ev.Path, ev.Attributes["display_name"], ev.Attributes["publisher"])
		}
	}
	text := strings.ToLower(b.String())
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// rowMemo keeps the words that many rows share: a list may have 10,000.
type rowMemo struct {
	p                  *Printer
	n                  *Now
	verdicts, presence map[string]Badge
	owners             map[string]string
}

func (m *rowMemo) row(r *api.Stored) Row {
	row := Row{ID: r.ID, Title: clean(appName(&r.App)), Place: clean(firstPlace(r))}
	verdict, ok := m.verdicts[r.Verdict]
	if !ok {
		verdict = m.p.verdictBadge(r.Verdict)
		m.verdicts[r.Verdict] = verdict
	}
	row.Verdict = verdict
	for _, code := range r.Presence {
		badge, ok := m.presence[code]
		if !ok {
			badge = m.p.presenceBadges([]string{code})[0]
			m.presence[code] = badge
		}
		row.Presence = append(row.Presence, badge)
	}
	owner, ok := m.owners[r.Owner]
	if !ok {
		owner = m.p.ownerText(m.n, r.Owner)
		m.owners[r.Owner] = owner
	}
	row.Text = owner
	if !r.FirstSeen.IsZero() {
		row.Text = m.p.say("row.since", "owner", said(owner), "when", said(m.p.day(r.FirstSeen.In(m.p.zone))))
	}
	return row
}

// firstPlace is where the first copy lies that lies somewhere.
func firstPlace(r *api.Stored) string {
	for i := range r.Instances {
		if root := r.Instances[i].Root; root != "" {
			return root
		}
	}
	for i := range r.Instances {
		for j := range r.Instances[i].Evidence {
			if path := r.Instances[i].Evidence[j].Path; path != "" {
				return path
			}
		}
	}
	return ""
}

// noFindings says why a list is empty: nothing was found, or nothing was chosen.
func (p *Printer) noFindings(n Now, hidden bool) *Empty {
	if hidden {
		return &Empty{Kind: KindClean, Title: p.say("empty.search"), Text: p.say("empty.search.text")}
	}
	state := p.State(n)
	switch state.Kind {
	case KindClean:
		return &Empty{Kind: KindClean, Title: p.say("empty.clean"), Text: p.say("empty.clean.text")}
	case KindProhibited, KindAttention: // of what this list cannot show
		return &Empty{Kind: state.Kind, Title: p.say("empty.attention"), Text: state.Text}
	}
	return &Empty{Kind: state.Kind, Title: state.Title, Text: state.Text}
}
