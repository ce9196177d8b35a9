package view

import (
	"cmp"
	"slices"

	"beagle/agent/api"
)

// Header returns what stands above all tabs. It holds ages: ask again every minute.
func (p *Printer) Header(n Now) Header {
	h := Header{State: p.State(n), Look: p.look(n)}
	if n.Snapshot == nil {
		return h
	}
	s, now := n.Snapshot, n.now()
	if c := n.Connection; c.Line == LineStale || c.Line == LineUnreachable {
		h.Lines = append(h.Lines, p.say("header.stale", "when", said(p.moment(c.Since, now)), "ago", said(p.ago(c.Since, now))))
	}
	if s.LastSweep == nil {
		h.Lines = append(h.Lines, p.say("header.never"))
	} else {
		h.Lines = append(h.Lines, p.say("header.last", "ago", said(p.ago(*s.LastSweep, now))))
	}
	live := n.Connection.Line == LineLive
	if s.NextSweep != nil && live && s.Activity != activityScanning {
		h.Lines = append(h.Lines, p.say("header.next", "in", said(p.until(*s.NextSweep, now))))
	}
	if live && s.Activity == activityScanning {
		h.Progress = p.progress(&n, s.Progress)
	}
	h.Notices = p.notices(n)
	return h
}

func (p *Printer) progress(n *Now, at *api.Progress) *Progress {
	if at == nil {
		return &Progress{Text: p.say("progress.looking")}
	}
	share := at.Share
	if !(share >= 0) { // not a number either
		share = 0
	}
	key := "progress.looking"
	if at.Deep {
		key = "progress.deep"
	}
	text := p.say(key)
	if at.Probe != "" {
		text = p.say("progress.at", "text", said(text), "probe", said(p.probeText(at.Probe)))
	}
	if at.Examined > 0 {
		text = p.say("progress.examined", "text", said(text), "examined", said(p.amount(at.Examined, at.Unit)))
	}
	return &Progress{Share: min(share, 1), Text: text}
}

// amount writes how many things were looked at.
func (p *Printer) amount(n int64, unit string) string {
	if unit == "" {
		unit = "things"
	}
	if _, known := p.other["unit."+unit]; known {
		return p.count("unit."+unit, int(n))
	}
	return p.number(n) + " " + clean(unit)
}

// notices are the conditions of the agent, the gravest first.
func (p *Printer) notices(n Now) []Notice {
	s, now := n.Snapshot, n.now()
	list := make([]Notice, 0, len(s.Conditions))
	for i := range s.Conditions {
		c := &s.Conditions[i]
		notice := Notice{Code: c.Code, Tone: severityTone(c.Severity), Text: p.conditionText(&n, c), Todo: p.conditionTodo(c)}
		if !c.Since.IsZero() {
			notice.Since = p.say("notice.since", "when", said(p.moment(c.Since, now)))
		}
		if n.os() == osMacOS && (c.Code == api.ConditionNotPrivileged || c.Code == api.ConditionIncomplete) {
			notice.Open = p.fullDiskAccess()
		}
		list = append(list, notice)
	}
	slices.SortStableFunc(list, func(a, b Notice) int { return cmp.Compare(toneRank(a.Tone), toneRank(b.Tone)) })
	return list
}

func severityTone(severity string) Tone {
	switch severity {
	case api.SeverityError:
		return ToneBad
	case api.SeverityWarning:
		return ToneWarn
	}
	return TonePlain
}

func toneRank(t Tone) int { return slices.Index([]Tone{ToneBad, ToneWarn, TonePlain, ToneGood}, t) }
