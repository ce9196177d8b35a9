package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// scroller shows a column that may be higher than there is room. It can be reached with the
// Tab key, and the keys of a reader move it.
type scroller struct {
	widget.BaseWidget
	content *stack
	scroll  *container.Scroll
	ring    *canvas.Rectangle
	focused bool
}

func scrolling(content *stack) *scroller {
	s := &scroller{content: content, scroll: container.NewVScroll(content), ring: canvas.NewRectangle(rgba(0))}
	s.ring.StrokeWidth, s.ring.CornerRadius = 2, 6
	s.ring.Hide()
	s.ExtendBaseWidget(s)
	return s
}

func (s *scroller) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		s.content.heightFor(size.Width) // before the toolkit asks how high the content is
		s.scroll.Resize(size)
		s.scroll.Refresh()
		s.ring.Resize(size)
	}
	return &drawing{
		parts: []fyne.CanvasObject{s.scroll, s.ring},
		place: place,
		least: func() fyne.Size { return fyne.NewSize(s.content.least().Width, 80) },
		restyle: func() {
			s.ring.StrokeColor = theme.Color(theme.ColorNamePrimary)
			s.ring.Hidden = !s.focused
			place(s.Size())
			canvas.Refresh(s.ring)
		},
	}
}

// show replaces what is shown; top says whether to begin at its top again.
func (s *scroller) show(top bool, items ...fyne.CanvasObject) {
	s.content.set(items...)
	s.content.heightFor(s.Size().Width)
	if top {
		s.scroll.ScrollToTop()
	}
	s.Refresh()
}

// FocusGained is called when the Tab key reaches it.
func (s *scroller) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost is called when something else is reached.
func (s *scroller) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune does nothing: words are not written here.
func (s *scroller) TypedRune(rune) {}

// TypedKey moves what is shown.
func (s *scroller) TypedKey(e *fyne.KeyEvent) {
	if !s.turn(e.Name) {
		passOn(s, e)
	}
}

// turn moves by a key and reports whether it is one for that.
func (s *scroller) turn(key fyne.KeyName) bool {
	page := s.scroll.Size().Height * 0.9
	switch key {
	case fyne.KeyDown:
		s.moveTo(s.scroll.Offset.Y + 40)
	case fyne.KeyUp:
		s.moveTo(s.scroll.Offset.Y - 40)
	case fyne.KeyPageDown, fyne.KeySpace:
		s.moveTo(s.scroll.Offset.Y + page)
	case fyne.KeyPageUp:
		s.moveTo(s.scroll.Offset.Y - page)
	case fyne.KeyHome:
		s.moveTo(0)
	case fyne.KeyEnd:
		s.moveTo(s.content.MinSize().Height)
	default:
		return false
	}
	return true
}

func (s *scroller) moveTo(y float32) {
	y = min(y, s.scroll.Content.Size().Height-s.scroll.Size().Height)
	s.scroll.ScrollToOffset(fyne.NewPos(0, max(y, 0)))
}

// disclosure is a title that shows and hides what is below it.
type disclosure struct {
	*stack
	title  *button
	open   bool
	turned bool
	make   func() []fyne.CanvasObject // called when it is opened for the first time
	moved  func(open bool)            // it was opened or closed, and so is as high as before no more
}

func disclosed(title string, open bool, content func() []fyne.CanvasObject, moved func(open bool)) *disclosure {
	d := &disclosure{stack: column(8), make: content, moved: moved}
	d.title = newQuietButton(title, "", func() { d.turn(!d.open) })
	d.title.Alignment = widget.ButtonAlignLeading
	d.items = []fyne.CanvasObject{d.title}
	d.turn(open)
	return d
}

func (d *disclosure) turn(open bool) {
	d.open = open
	icon := "right"
	if open {
		icon = "down"
	}
	d.title.SetIcon(iconOf(icon))
	d.items = d.items[:1]
	if open {
		d.items = append(d.items, d.make()...)
	}
	d.Refresh()
	if d.turned {
		d.moved(open)
	}
	d.turned = true
}
