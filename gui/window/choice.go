package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// choice is one of several words of which one is chosen: a tab, or a filter. It can be
// reached with the Tab key, and the arrow keys go to its neighbours.
type choice struct {
	widget.BaseWidget
	text    string
	icon    string // "": none
	tab     bool   // underlined where chosen, instead of filled
	chosen  bool
	pressed func()
	move    func(by int)

	focused, hovered bool
	field, underline *canvas.Rectangle
	label            *canvas.Text
	image            *canvas.Image
}

func newChoice(text, icon string, tab bool, pressed func()) *choice {
	c := &choice{text: text, icon: icon, tab: tab, pressed: pressed}
	c.ExtendBaseWidget(c)
	return c
}

func (c *choice) choose(chosen bool) {
	if c.chosen != chosen {
		c.chosen = chosen
		c.Refresh()
	}
}

func (c *choice) say(text string) {
	if c.text != text {
		c.text = text
		c.Refresh()
	}
}

// Tapped is a click.
func (c *choice) Tapped(*fyne.PointEvent) { c.pressed() }

// FocusGained is called when the Tab key or a click reaches it.
func (c *choice) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost is called when something else is reached.
func (c *choice) FocusLost() { c.focused = false; c.Refresh() }

// TypedRune does nothing: words are not written here.
func (c *choice) TypedRune(rune) {}

// TypedKey chooses by Space and Enter, and moves by the arrow keys.
func (c *choice) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.pressed()
	case fyne.KeyLeft, fyne.KeyUp:
		if c.move != nil {
			c.move(-1)
		}
	case fyne.KeyRight, fyne.KeyDown:
		if c.move != nil {
			c.move(1)
		}
	default:
		passOn(c, e)
	}
}

// MouseIn is called when the pointer comes.
func (c *choice) MouseIn(*desktop.MouseEvent) { c.hovered = true; c.Refresh() }

// MouseMoved does nothing.
func (c *choice) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is called when the pointer leaves.
func (c *choice) MouseOut() { c.hovered = false; c.Refresh() }

func (c *choice) face() face {
	f := secondary()
	if c.chosen {
		f = f.in(theme.ColorNameForeground)
		f.style.Bold = c.tab
	}
	return f
}

// widest is the face in which the text is measured, so that a tab keeps its place when it is
// chosen.
func (c *choice) widest() face {
	f := c.face()
	f.style.Bold = c.tab
	return f
}

const choiceIcon = 16

func (c *choice) CreateRenderer() fyne.WidgetRenderer {
	c.field, c.underline = canvas.NewRectangle(theme.Color(theme.ColorNameHover)), canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
	c.underline.CornerRadius = 1.5
	c.label = canvas.NewText(c.text, theme.Color(theme.ColorNameForeground))
	c.label.Alignment = fyne.TextAlignCenter
	parts := []fyne.CanvasObject{c.field, c.underline, c.label}
	if c.icon != "" {
		c.image = canvas.NewImageFromResource(c.glyph())
		c.image.FillMode = canvas.ImageFillContain
		parts = append(parts, c.image)
	}
	c.style()
	return &drawing{parts: parts, place: c.place, least: c.least, restyle: func() {
		c.style()
		c.place(c.Size())
		for _, o := range parts {
			o.Refresh()
		}
	}}
}

func (c *choice) glyph() glyph {
	if c.chosen {
		return glyph{c.icon, theme.ColorNamePrimary}
	}
	return glyph{c.icon, colorSecondary}
}

func (c *choice) iconSide() float32 { return choiceIcon * theme.Size(theme.SizeNameText) / 13 }

func (c *choice) least() fyne.Size {
	size := c.widest().measure(c.text)
	pad := fyne.NewSize(14, 8)
	if c.tab {
		pad = fyne.NewSize(24, 18)
	}
	if c.icon != "" {
		pad.Width += c.iconSide() + 6
	}
	return size.Add(pad)
}

func (c *choice) place(size fyne.Size) {
	c.field.Resize(size)
	if c.tab {
		c.field.Move(fyne.NewPos(0, 3))
		c.field.Resize(fyne.NewSize(size.Width, size.Height-8))
	}
	c.underline.Move(fyne.NewPos(8, size.Height-3))
	c.underline.Resize(fyne.NewSize(size.Width-16, 3))
	left := float32(0)
	if c.icon != "" {
		side := c.iconSide()
		c.image.Resize(fyne.NewSquareSize(side))
		c.image.Move(fyne.NewPos(12, (size.Height-side)/2-1))
		left = 12 + side + 6 - 12
	}
	c.label.Move(fyne.NewPos(left, -1))
	c.label.Resize(fyne.NewSize(size.Width-left, size.Height))
}

func (c *choice) style() {
	c.face().apply(c.label, c.text)
	c.underline.Hidden = !c.tab || !c.chosen
	c.underline.FillColor = theme.Color(theme.ColorNamePrimary)
	c.field.CornerRadius = 6
	c.field.StrokeColor, c.field.StrokeWidth = theme.Color(theme.ColorNamePrimary), 0
	switch {
	case c.chosen && !c.tab:
		c.field.FillColor = theme.Color(theme.ColorNameSelection)
	case c.hovered:
		c.field.FillColor = theme.Color(theme.ColorNameHover)
	default:
		c.field.FillColor = rgba(0)
	}
	if c.focused {
		c.field.StrokeWidth = 2
	}
	if c.image != nil {
		c.image.Resource = c.glyph()
	}
}

// choices is a line of words of which one is chosen.
type choices struct {
	*cloud
	list []*choice
	at   int
	took func(i int)
}

func newChoices(took func(i int)) *choices { return &choices{cloud: wrapped(4), took: took} }

func (s *choices) add(c *choice) {
	i := len(s.list)
	c.pressed = func() { s.choose(i) }
	c.move = func(by int) { s.step(i, by) }
	s.list = append(s.list, c)
	s.items = append(s.items, c)
}

// choose marks one and tells who listens.
func (s *choices) choose(i int) {
	s.mark(i)
	s.took(i)
}

func (s *choices) mark(i int) {
	s.at = i
	for j, c := range s.list {
		c.choose(j == i)
	}
}

// step moves the focus and chooses.
func (s *choices) step(from, by int) {
	i := from + by
	if i < 0 || i >= len(s.list) {
		return
	}
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(s.list[i]); canvas != nil {
		canvas.Focus(s.list[i])
	}
	s.choose(i)
}
