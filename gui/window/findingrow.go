package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"beagle/gui/view"
)

// findingRow is one finding in the list: the app by its names, whose and since when, where,
// and its badges. All rows are equally high, so that the list can hold any number.
type findingRow struct {
	widget.BaseWidget
	title, text, place *line
	verdict            *pill
	presence           []*pill // as many as there is room for
}

// shownPresence is how many presence badges a row has.
const shownPresence = 2

func newFindingRow() *findingRow {
	r := &findingRow{title: lineOf(strong(), ""), text: lineOf(secondary(), ""), place: lineOf(caption(), ""), verdict: pillOf(view.Badge{})}
	r.place.front = true
	for range shownPresence {
		r.presence = append(r.presence, pillOf(view.Badge{}))
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *findingRow) show(v view.Row) {
	r.title.say(v.Title)
	r.text.say(v.Text)
	r.place.say(v.Place)
	r.verdict.show(v.Verdict)
	for i, p := range r.presence {
		p.Hidden = i >= len(v.Presence)
		if !p.Hidden {
			p.show(v.Presence[i])
		}
	}
	r.Refresh()
}

func (r *findingRow) CreateRenderer() fyne.WidgetRenderer {
	parts := []fyne.CanvasObject{r.title, r.text, r.place, r.verdict}
	for _, p := range r.presence {
		parts = append(parts, p)
	}
	return &drawing{parts: parts, place: r.lay, restyle: func() { r.lay(r.Size()) }, least: func() fyne.Size {
		lines := r.title.MinSize().Height + r.text.MinSize().Height + r.place.MinSize().Height
		return fyne.NewSize(200, max(lines, 3*theme.Size(theme.SizeNameText))+24)
	}}
}

func (r *findingRow) lay(size fyne.Size) {
	const side, top = 14, 10
	right := size.Width - side
	put := func(o fyne.CanvasObject, x, y, width float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(max(width, 0), o.MinSize().Height))
	}
	y := float32(top)
	badge := r.verdict.MinSize()
	badge.Width = min(badge.Width, size.Width*0.5)
	put(r.verdict, right-badge.Width, y, badge.Width)
	put(r.title, side, y, right-badge.Width-side-8)
	y += r.title.MinSize().Height + 2
	put(r.text, side, y, right-side)
	y += r.text.MinSize().Height + 2
	room := float32(0.4)
	if r.presence[1].Hidden {
		room = 0.65
	}
	edge := right
	for i := len(r.presence) - 1; i >= 0; i-- {
		p := r.presence[i]
		if p.Hidden {
			continue
		}
		width := min(p.MinSize().Width, size.Width*room)
		put(p, edge-width, y-1, width)
		edge -= width + 4
	}
	put(r.place, side, y, edge-side-4)
}

// emptyOf says why there is nothing to show.
func emptyOf(e view.Empty) fyne.CanvasObject {
	title, text := textOf(subheading(), e.Title), textOf(secondary(), e.Text)
	title.centred, text.centred = true, true
	s := column(10, centred(pictureOf(kindIcon(e.Kind), 64)), title, text)
	s.inset = edges{32, 48, 32, 32}
	return s
}

// centred keeps an object in the middle of the width.
func centred(o fyne.CanvasObject) fyne.CanvasObject {
	m := &middle{object: o}
	m.ExtendBaseWidget(m)
	return m
}

type middle struct {
	widget.BaseWidget
	object fyne.CanvasObject
}

func (m *middle) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{
		parts: []fyne.CanvasObject{m.object},
		place: func(size fyne.Size) {
			least := m.object.MinSize()
			m.object.Resize(least)
			m.object.Move(fyne.NewPos((size.Width-least.Width)/2, 0))
		},
		least: func() fyne.Size { return m.object.MinSize() },
	}
}
