package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"beagle/gui/view"
)

// pill is a badge: a word or two in a field of its tone.
type pill struct {
	widget.BaseWidget
	badge view.Badge
	field *canvas.Rectangle
	text  *canvas.Text
}

func pillOf(b view.Badge) *pill {
	p := &pill{badge: b}
	p.ExtendBaseWidget(p)
	return p
}

func (p *pill) show(b view.Badge) {
	p.badge = b
	p.Refresh()
}

func (p *pill) CreateRenderer() fyne.WidgetRenderer {
	p.field = canvas.NewRectangle(theme.Color(colorPlainTint))
	p.text = canvas.NewText("", theme.Color(colorPlain))
	p.text.Alignment = fyne.TextAlignCenter
	p.style()
	return &drawing{
		parts: []fyne.CanvasObject{p.field, p.text},
		place: func(size fyne.Size) {
			p.field.Resize(size)
			p.text.Text = shorten(p.badge.Text, size.Width-12, p.face(), false)
			p.text.Resize(size)
		},
		least: func() fyne.Size {
			size := p.face().measure(p.badge.Text)
			return fyne.NewSize(min(size.Width, 220)+16, size.Height+4)
		},
		restyle: func() {
			p.style()
			canvas.Refresh(p.field)
			canvas.Refresh(p.text)
		},
	}
}

func (p *pill) face() face {
	f := caption().in(toneColor(p.badge.Tone))
	f.style.Bold = true
	return f
}

func (p *pill) style() {
	f := p.face()
	f.apply(p.text, shorten(p.badge.Text, max(p.Size().Width-12, 0), f, false))
	p.field.FillColor = theme.Color(tintColor(p.badge.Tone))
	outline(p.field, colorEdge)
	p.field.CornerRadius = f.measure("Ag").Height/2 + 2
}

func pills(badges []view.Badge) []fyne.CanvasObject {
	list := make([]fyne.CanvasObject, 0, len(badges))
	for _, b := range badges {
		list = append(list, pillOf(b))
	}
	return list
}

// picture is an icon of a fixed size that grows with the text.
type picture struct {
	widget.BaseWidget
	glyph glyph
	side  float32
	image *canvas.Image
}

func pictureOf(g glyph, side float32) *picture {
	p := &picture{glyph: g, side: side}
	p.ExtendBaseWidget(p)
	return p
}

func (p *picture) show(g glyph) {
	if p.glyph != g {
		p.glyph = g
		p.Refresh()
	}
}

func (p *picture) CreateRenderer() fyne.WidgetRenderer {
	p.image = canvas.NewImageFromResource(p.glyph)
	p.image.FillMode = canvas.ImageFillContain
	return &drawing{
		parts: []fyne.CanvasObject{p.image},
		place: func(size fyne.Size) { p.image.Resize(size) },
		least: func() fyne.Size {
			side := p.side * theme.Size(theme.SizeNameText) / 13
			return fyne.NewSquareSize(side)
		},
		restyle: func() {
			p.image.Resource = p.glyph
			p.image.Refresh()
		},
	}
}

// meter shows how far something is, as a bar.
type meter struct {
	widget.BaseWidget
	share      float64
	back, done *canvas.Rectangle
}

func newMeter() *meter {
	m := &meter{}
	m.ExtendBaseWidget(m)
	return m
}

func (m *meter) set(share float64) {
	// What is no number or out of range is shown as the nearest end.
	if !(share > 0) {
		share = 0
	}
	m.share = min(share, 1)
	m.Refresh()
}

func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	m.back = canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))
	m.done = canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
	m.back.CornerRadius, m.done.CornerRadius = 3, 3
	place := func(size fyne.Size) {
		m.back.Resize(size)
		m.done.Resize(fyne.NewSize(max(size.Width*float32(m.share), 6), size.Height))
	}
	return &drawing{
		parts: []fyne.CanvasObject{m.back, m.done},
		place: place,
		least: func() fyne.Size { return fyne.NewSize(narrowest, 6) },
		restyle: func() {
			m.back.FillColor = theme.Color(theme.ColorNameSeparator)
			m.done.FillColor = theme.Color(theme.ColorNamePrimary)
			place(m.Size())
			canvas.Refresh(m.back)
			canvas.Refresh(m.done)
		},
	}
}
