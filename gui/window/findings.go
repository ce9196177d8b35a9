package window

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"beagle/gui/view"
)

// findingsPage is the list of findings with what helps to find one in it.
type findingsPage struct {
	widget.BaseWidget
	search  *searchEntry
	filters *choices
	codes   []view.Filter
	list    *keyList
	empty   *scroller
	back    *canvas.Rectangle
	rows    []view.Row
	chosen  string // the record, "" if none
	asked   func(f view.Filter, query string)
	picked  func(id string)
	bare    bool // there is nothing to search in
	quiet   bool // a selection by the program, not by a person
}

func newFindingsPage(hint string, asked func(f view.Filter, query string), picked func(id string)) *findingsPage {
	p := &findingsPage{asked: asked, picked: picked, empty: scrolling(column(0)), back: canvas.NewRectangle(theme.Color(colorSurface))}
	p.search = newSearchEntry(hint, func(string) { p.ask() })
	p.filters = newChoices(func(int) { p.ask() })
	p.list = newList(
		func() int { return len(p.rows) },
		func() fyne.CanvasObject { return newFindingRow() },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if i < len(p.rows) { // the list may ask for what it last knew
				o.(*findingRow).show(p.rows[i])
			}
		})
	p.list.OnSelected = func(i widget.ListItemID) {
		if !p.quiet && i < len(p.rows) {
			p.chosen = p.rows[i].ID
			p.picked(p.chosen)
		}
	}
	p.ExtendBaseWidget(p)
	return p
}

func (p *findingsPage) filter() view.Filter {
	if p.filters.at < len(p.codes) {
		return p.codes[p.filters.at]
	}
	return view.FilterAll
}

// wish is what the reader asks for.
func (p *findingsPage) wish() (view.Filter, string) { return p.filter(), p.search.Text }

func (p *findingsPage) ask() { p.asked(p.wish()) }

// show replaces the list by another, and keeps what is chosen.
func (p *findingsPage) show(v view.List) {
	p.showFilters(v.Filters)
	p.rows = v.Rows
	p.bare = v.Empty != nil && p.search.Text == "" && !slices.ContainsFunc(v.Filters, func(c view.FilterChoice) bool { return c.Count > 0 })
	show(p.search, !p.bare)
	show(p.filters.cloud, !p.bare)
	p.quiet = true
	if i := slices.IndexFunc(p.rows, func(r view.Row) bool { return r.ID == p.chosen }); i >= 0 {
		p.list.Select(i)
	} else {
		p.list.UnselectAll()
	}
	p.quiet = false
	p.list.Refresh()
	p.list.Hidden, p.empty.Hidden = v.Empty != nil, v.Empty == nil
	if v.Empty != nil {
		p.empty.show(true, emptyOf(*v.Empty))
	}
	p.Refresh()
}

func (p *findingsPage) showFilters(list []view.FilterChoice) {
	same := len(list) == len(p.codes)
	for i := range list {
		text := fmt.Sprintf("%s  %d", list[i].Text, list[i].Count)
		if same = same && list[i].Filter == p.codes[i]; same {
			p.filters.list[i].say(text)
			continue
		}
	}
	if same {
		return
	}
	was := p.filter()
	fresh := newChoices(func(int) { p.ask() })
	p.codes = nil
	for i := range list {
		p.codes = append(p.codes, list[i].Filter)
		fresh.add(newChoice(fmt.Sprintf("%s  %d", list[i].Text, list[i].Count), "", false, nil))
	}
	p.filters.list, p.filters.items = fresh.list, fresh.items
	for i, c := range p.filters.list {
		c.pressed = func() { p.filters.choose(i) }
		c.move = func(by int) { p.filters.step(i, by) }
	}
	p.filters.mark(max(slices.Index(p.codes, was), 0))
	p.filters.Refresh()
}

// choose selects a record without telling anybody.
func (p *findingsPage) choose(id string) {
	p.chosen, p.quiet = id, true
	if i := slices.IndexFunc(p.rows, func(r view.Row) bool { return r.ID == id }); i >= 0 {
		p.list.Select(i)
	} else {
		p.list.UnselectAll()
	}
	p.quiet = false
}

func (p *findingsPage) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{
		parts: []fyne.CanvasObject{p.back, p.search, p.filters.cloud, p.list, p.empty},
		place: p.place,
		least: func() fyne.Size { return fyne.NewSize(240, 200) },
		restyle: func() {
			p.back.FillColor = theme.Color(colorSurface)
			canvas.Refresh(p.back)
			p.place(p.Size())
		},
	}
}

func (p *findingsPage) place(size fyne.Size) {
	const side = 12
	p.back.Resize(size)
	inner := size.Width - 2*side
	y := float32(side)
	put := func(o fyne.CanvasObject, x, width, height float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
		y += height + 8
	}
	if !p.bare {
		put(p.search, side, inner, p.search.MinSize().Height)
		put(p.filters.cloud, side, inner, p.filters.heightFor(inner))
	}
	rest := max(size.Height-y, 0)
	p.list.Move(fyne.NewPos(0, y))
	p.list.Resize(fyne.NewSize(size.Width, rest))
	p.empty.Move(fyne.NewPos(0, y))
	p.empty.Resize(fyne.NewSize(size.Width, rest))
}

// more counts what is not shown, in no language.
func more(n int) string { return fmt.Sprintf("+ %d", n) }
