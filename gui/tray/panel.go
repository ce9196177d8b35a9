//go:build !darwin || cgo

package tray

import (
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"

	"fyne.io/systray"

	"beagle/gui/tray/icons"
	"beagle/gui/view"
)

// panel is the system's tray. There is one in a program, since the module behind it keeps
// its state in variables.
type panel struct {
	log   *slog.Logger
	click func(view.Item)
	shown view.Menu
	drawn bool
	items []*entry
	done  chan struct{} // closed when the items are replaced
}

// entry is an item in the menu, with what it stands for now.
type entry struct {
	in   *systray.MenuItem // nil for a line
	item atomic.Pointer[view.Item]
}

func newPanel(log *slog.Logger, click func(view.Item)) (*panel, error) {
	return &panel{log: log, click: click}, nil
}

// draw shows a menu. Items that stay where they are change in place, so that an open menu
// stays open.
func (p *panel) draw(menu view.Menu) {
	if !p.drawn || menu.State.Kind != p.shown.State.Kind {
		p.icon(menu.State.Kind)
	}
	if !p.drawn || menu.Tooltip != p.shown.Tooltip {
		systray.SetTooltip(menu.Tooltip)
	}
	if p.drawn && sameShape(menu.Items, p.shown.Items) {
		for i := range menu.Items {
			p.change(p.items[i], &p.shown.Items[i], &menu.Items[i])
		}
	} else {
		p.rebuild(menu.Items)
	}
	p.shown, p.drawn = menu, true
}

func (p *panel) icon(kind view.Kind) {
	picture, err := icons.Tray(string(kind))
	if err != nil {
		p.log.Error("the icon stays as it is", "error", err)
		return
	}
	systray.SetIcon(picture)
}

func (p *panel) change(e *entry, from, to *view.Item) {
	if e.in == nil {
		return
	}
	e.item.Store(to)
	if from.Text != to.Text {
		e.in.SetTitle(label(to.Text))
	}
	if from.Enabled != to.Enabled {
		enable(e.in, to.Enabled)
	}
}

// rebuild replaces all items.
func (p *panel) rebuild(items []view.Item) {
	if p.done != nil {
		close(p.done)
		for _, e := range p.items {
			if e.in != nil {
				// Removing an item closes its channel, and a click at that moment would be sent
				// on it (systray.go, systrayMenuItemSelected and Remove).
				e.in.ClickedCh = nil
			}
		}
		systray.ResetMenu()
	}
	p.items, p.done = make([]*entry, len(items)), make(chan struct{})
	for i := range items {
		e := &entry{}
		p.items[i] = e
		if items[i].ID == view.ItemLine {
			systray.AddSeparator()
			continue
		}
		e.item.Store(&items[i])
		e.in = systray.AddMenuItem(label(items[i].Text), items[i].Tip)
		enable(e.in, items[i].Enabled)
		go p.listen(e, e.in.ClickedCh, p.done)
	}
}

// listen passes clicks on until the item is replaced. A click that nobody waits for is lost
// (systray.go), so each item has a listener.
func (p *panel) listen(e *entry, clicked <-chan struct{}, done <-chan struct{}) {
	for {
		select {
		case <-clicked:
			p.click(*e.item.Load())
		case <-done:
			return
		}
	}
}

func enable(item *systray.MenuItem, enabled bool) {
	switch {
	case enabled == !item.Disabled():
	case enabled:
		item.Enable()
	default:
		item.Disable()
	}
}

func sameShape(a, b []view.Item) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if (a[i].ID == view.ItemLine) != (b[i].ID == view.ItemLine) {
			return false
		}
	}
	return true
}

// label doubles the character that would mark the key for an item: menus on the session bus
// take "_" for it (com.canonical.dbusmenu, property "label"), Windows "&".
func label(text string) string {
	switch runtime.GOOS {
	case "windows":
		return strings.ReplaceAll(text, "&", "&&")
	case "darwin":
		return text
	}
	return strings.ReplaceAll(text, "_", "__")
}
