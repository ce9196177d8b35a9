package view

import (
	"slices"

	"beagle/agent/api"
)

// maxMenu is how many findings the menu names.
const maxMenu = 3

// Tray returns the menu. It holds no ages and no progress, so that it changes only when
// something does.
func (p *Printer) Tray(n Now) Menu {
	m := Menu{State: p.State(n)}
	m.Tooltip = p.say("tray.tooltip", "state", said(m.State.Title))
	m.Items = append(m.Items, Item{ID: ItemState, Text: m.State.Title, Tip: m.State.Text, Enabled: true})
	m.Items = append(m.Items, p.worst(n)...)
	look := p.look(n)
	m.Items = append(m.Items,
		Item{ID: ItemLine},
		Item{ID: ItemLook, Text: look.Text, Tip: look.Tip, Enabled: look.Enabled},
		Item{ID: ItemOpen, Text: p.say("tray.open"), Enabled: true},
		Item{ID: ItemLine},
		Item{ID: ItemSent, Text: p.say("tray.sent"), Enabled: true},
		Item{ID: ItemAbout, Text: p.say("tray.about"), Enabled: true},
		Item{ID: ItemQuit, Text: p.say("tray.quit"), Tip: p.say("tray.quit.tip"), Enabled: true},
	)
	return m
}

// Equal reports whether two menus look the same.
func (m Menu) Equal(other Menu) bool {
	return m.State == other.State && m.Tooltip == other.Tooltip && slices.Equal(m.Items, other.Items)
}

// worst are the worst findings about which somebody has to do something.
func (p *Printer) worst(n Now) []Item {
	if n.Snapshot == nil {
		return nil
	}
	var first []*api.Stored // sorted, at most maxMenu
	open := 0
	for i := range n.Snapshot.Records {
		r := &n.Snapshot.Records[i]
		if r.ClosedAt != nil || !asksForAction(r.Verdict) {
			continue
		}
		open++
		at, _ := slices.BinarySearchFunc(first, r, order)
		if first = slices.Insert(first, at, r); len(first) > maxMenu {
			first = first[:maxMenu]
		}
	}
	var items []Item
	for _, r := range first {
		items = append(items, Item{ID: ItemFinding, Record: r.ID, Text: p.menuText(n, r), Enabled: true})
	}
	if more := open - len(first); more > 0 {
		items = append(items, Item{ID: ItemMore, Text: p.count("tray.more", more), Enabled: true})
	}
	return items
}

func (p *Printer) menuText(n Now, r *api.Stored) string {
	name, verdict := short(appName(&r.App)), p.word("verdict", r.Verdict)
	if slices.Contains(r.Presence, presenceRunning) {
		verdict = p.say("tray.running", "verdict", said(verdict))
	}
	if r.Owner == api.MachineOwner || n.Viewer == "" || sameOwner(n.os(), r.Owner, n.Viewer) {
		return p.say("tray.finding", "app", name, "verdict", said(verdict))
	}
	return p.say("tray.finding.owner", "app", name, "verdict", said(verdict), "owner", short(r.Owner))
}

// short cuts a name that would make a menu as wide as the screen.
func short(name string) string {
	const most = 40
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}

// look is the button that asks for a look.
func (p *Printer) look(n Now) Button {
	b := Button{Text: p.say("look.now")}
	switch {
	case n.Connection.Line != LineLive || n.Snapshot == nil:
		b.Tip = p.say("look.lost")
	case n.Snapshot.Activity == activityScanning:
		b.Tip = p.say("look.running")
	case n.Snapshot.Activity == activityPaused:
		b.Tip = p.pauseText(n.Snapshot)
	case n.Snapshot.Activity == activityStarting:
		b.Tip = p.say("look.starting")
	default:
		b.Enabled = true
	}
	return b
}
