package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"beagle/gui/view"
)

// historyPage lists what happened, day by day, the newest first.
type historyPage struct {
	widget.BaseWidget
	lines  []historyLine
	list   *keyList
	empty  *scroller
	field  *canvas.Rectangle
	picked func(record string)
	clock  float32 // how wide the widest time is
}

// historyLine is a day or one change.
type historyLine struct {
	day string
	row view.HistoryRow
}

func newHistoryPage(picked func(record string)) *historyPage {
	p := &historyPage{picked: picked, empty: scrolling(column(0)), field: canvas.NewRectangle(theme.Color(colorSurface))}
	p.list = newList(
		func() int { return len(p.lines) },
		func() fyne.CanvasObject { return newHistoryItem() },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if i < len(p.lines) {
				o.(*historyItem).show(p.lines[i], p.clock)
			}
		})
	p.list.HideSeparators = true
	p.list.OnSelected = func(i widget.ListItemID) {
		p.list.Unselect(i)
		if i < len(p.lines) && p.lines[i].row.Record != "" {
			p.picked(p.lines[i].row.Record)
		}
	}
	p.ExtendBaseWidget(p)
	return p
}

func (p *historyPage) show(v view.HistoryPage) {
	p.lines, p.clock = p.lines[:0], 0
	for _, d := range v.Days {
		p.lines = append(p.lines, historyLine{day: d.Title})
		for _, r := range d.Rows {
			p.lines = append(p.lines, historyLine{row: r})
			p.clock = max(p.clock, caption().measure(r.When).Width)
		}
	}

	if v.Empty != nil {
		p.empty.show(true, emptyOf(*v.Empty))
	}
	p.list.Hidden, p.empty.Hidden = v.Empty != nil, v.Empty == nil
	p.list.Refresh()
	p.Refresh()
}

func (p *historyPage) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		p.field.Resize(size)
		width := min(size.Width, readable)
		left := (size.Width - width) / 2
		p.list.Move(fyne.NewPos(left, 8))
		p.list.Resize(fyne.NewSize(width, max(size.Height-8, 0)))
		p.empty.Resize(size)
	}
	return &drawing{
		parts:   []fyne.CanvasObject{p.field, p.list, p.empty},
		place:   place,
		least:   func() fyne.Size { return fyne.NewSize(320, 160) },
		restyle: func() { p.field.FillColor = theme.Color(colorSurface); canvas.Refresh(p.field); place(p.Size()) },
	}
}

// readable is the widest that a page of text is set.
const readable = 860

// historyItem draws one line: the name of a day, or what happened and when.
type historyItem struct {
	widget.BaseWidget
	day, when, title, text *line
	badge                  *pill
	isDay                  bool
	clock                  float32 // how wide the times of all lines are
}

func newHistoryItem() *historyItem {
	h := &historyItem{day: lineOf(subheading(), ""), when: lineOf(caption(), ""), title: lineOf(strong(), ""), text: lineOf(secondary(), ""), badge: pillOf(view.Badge{})}
	h.ExtendBaseWidget(h)
	return h
}

func (h *historyItem) show(l historyLine, clock float32) {
	h.clock = clock
	h.isDay = l.day != ""
	h.day.say(l.day)
	h.when.say(l.row.When)
	h.title.say(l.row.Title)
	h.text.say(l.row.Text)
	h.badge.show(l.row.Badge)
	h.day.Hidden = !h.isDay
	for _, o := range []fyne.CanvasObject{h.when, h.title, h.text} {
		if h.isDay {
			o.Hide()
		} else {
			o.Show()
		}
	}
	h.badge.Hidden = h.isDay || l.row.Badge.Text == ""
	h.Refresh()
}

func (h *historyItem) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		const side = 16
		put := func(o fyne.CanvasObject, x, y, width float32) {
			o.Move(fyne.NewPos(x, y))
			o.Resize(fyne.NewSize(max(width, 0), o.MinSize().Height))
		}
		if h.isDay {
			put(h.day, side, size.Height-h.day.MinSize().Height-4, size.Width-2*side)
			return
		}

		right := size.Width - side
		if !h.badge.Hidden {
			width := min(h.badge.MinSize().Width, size.Width*0.4)
			put(h.badge, right-width, (size.Height-h.badge.MinSize().Height)/2, width)
			right -= width + 10
		}
		lines := h.title.MinSize().Height + h.text.MinSize().Height + 2
		y := (size.Height - lines) / 2
		clock := min(h.clock+1, size.Width*0.3)
		put(h.when, side, y+1, clock)
		left := side + clock + 12
		put(h.title, left, y, right-left)
		put(h.text, left, y+h.title.MinSize().Height+2, right-left)
	}
	return &drawing{
		parts:   []fyne.CanvasObject{h.day, h.when, h.title, h.text, h.badge},
		place:   place,
		restyle: func() { place(h.Size()) },
		least: func() fyne.Size {
			return fyne.NewSize(240, h.title.MinSize().Height+h.text.MinSize().Height+16)
		},
	}
}
