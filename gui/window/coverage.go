package window

import (
	"reflect"

	"fyne.io/fyne/v2"

	"beagle/gui/view"
)

// maxAreas is how many areas of one probe are shown: a machine may have thousands of users.
const maxAreas = 100

// coveragePage says what was looked at, when, and what could not be seen.
type coveragePage struct {
	*scroller
	open map[string]bool // probes that are unfolded or folded by hand
	last view.CoveragePage
}

func newCoveragePage() *coveragePage {
	return &coveragePage{scroller: reading(), open: map[string]bool{}}
}

// reading is a page of text, no wider than can be read.
func reading() *scroller {
	s := column(14)
	s.inset = edges{24, 20, 24, 28}
	s.widest = readable
	return scrolling(s)
}

func (c *coveragePage) show(v view.CoveragePage) {
	if reflect.DeepEqual(c.last, v) {
		return
	}
	c.last = v
	c.draw()
}

func (c *coveragePage) draw() {
	if c.last.Empty != nil {
		c.scroller.show(false, emptyOf(*c.last.Empty))
		return
	}
	v := c.last
	var items []fyne.CanvasObject
	if v.Summary != "" {
		items = append(items, tinted(tintColor(v.Tone), across(10, beside(pictureOf(toneIcon(v.Tone), 20)), textOf(strong(), v.Summary))))
	}
	if len(v.Limits) > 0 {
		items = append(items, points(v.Limits))
	}
	for _, p := range v.Probes {
		items = append(items, c.probe(p))
	}
	c.scroller.show(false, items...)
}

func (c *coveragePage) probe(p view.ProbeRow) fyne.CanvasObject {
	open, turned := c.open[p.Name]
	if !turned {
		open = p.Missed > 0
	}
	icon := "right"
	if open {
		icon = "down"
	}
	turn := newQuietButton("", icon, func() { c.open[p.Name] = !open; c.draw() })
	show(turn, len(p.Areas) > 0)
	box := card(across(10, beside(turn), column(2, textOf(strong(), p.Title), textOf(secondary(), p.Text)), pillOf(p.Badge)))
	for i, a := range p.Areas {
		switch {
		case !open:
		case i < maxAreas:
			box.add(areaOf(a))
		case i == maxAreas:
			box.add(textOf(secondary(), more(len(p.Areas)-maxAreas)))
		}
	}
	return box
}

func areaOf(a view.AreaRow) fyne.CanvasObject {
	words := column(1, textOf(body(), a.Title), textOf(caption(), a.Text))
	if a.Why != "" {
		words.add(textOf(secondary(), a.Why))
	}
	r := column(0, across(10, nil, words, pillOf(a.Badge)))
	r.inset.left = 46
	return r
}

// points is a list with dots.
func points(list []string) *stack {
	s := column(6)
	for _, text := range list {
		s.add(across(8, beside(fixedText(secondary(), "•", "•")), textOf(body(), text)))
	}
	return s
}
