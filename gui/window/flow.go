package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// flow is an object whose height follows from its width. The toolkit's layouts ask for a
// smallest size before they say how wide an object will be; flows are asked afterwards.
type flow interface {
	fyne.CanvasObject
	heightFor(width float32) float32
}

func heightFor(o fyne.CanvasObject, width float32) float32 {
	if f, ok := o.(flow); ok {
		return f.heightFor(width)
	}
	return o.MinSize().Height
}

// narrowest is how wide a flow must be able to be.
const narrowest = 120

// drawing renders a widget from parts that it places itself.
type drawing struct {
	parts   []fyne.CanvasObject
	place   func(fyne.Size)
	least   func() fyne.Size
	restyle func()
}

func (d *drawing) Objects() []fyne.CanvasObject { return d.parts }
func (d *drawing) Layout(size fyne.Size)        { d.place(size) }
func (d *drawing) MinSize() fyne.Size           { return d.least() }
func (d *drawing) Destroy()                     {}
func (d *drawing) Refresh() {
	if d.restyle != nil {
		d.restyle()
	}
}

// edges are distances from the edges of a box.
type edges struct{ left, top, right, bottom float32 }

// stack places objects one below the other, each as wide as there is room, on a field of a
// colour if it has one.
type stack struct {
	widget.BaseWidget
	items  []fyne.CanvasObject
	gap    float32
	inset  edges
	fill   fyne.ThemeColorName // "": none
	edge   fyne.ThemeColorName
	round  float32 // radius of the field's corners
	widest float32 // 0: as wide as there is room; else objects stand in the middle
	width  float32
	field  *canvas.Rectangle
}

func column(gap float32, items ...fyne.CanvasObject) *stack {
	s := &stack{items: items, gap: gap}
	s.ExtendBaseWidget(s)
	return s
}

// card is a column on a field of its own.
func card(items ...fyne.CanvasObject) *stack {
	s := column(8, items...)
	s.inset, s.fill, s.edge, s.round = edges{16, 14, 16, 14}, colorSurface, theme.ColorNameSeparator, 8
	return s
}

// tinted is a column on a field of a tone.
func tinted(fill fyne.ThemeColorName, items ...fyne.CanvasObject) *stack {
	s := column(6, items...)
	s.inset, s.fill, s.edge, s.round = edges{14, 10, 14, 10}, fill, colorEdge, 8
	return s
}

func (s *stack) add(items ...fyne.CanvasObject) { s.items = append(s.items, items...) }

// set replaces all objects.
func (s *stack) set(items ...fyne.CanvasObject) {
	s.items = items
	s.Refresh()
}

// inner is how wide objects stand in a width, and where they begin.
func (s *stack) inner(width float32) (inner, left float32) {
	inner, left = max(width-s.inset.left-s.inset.right, 0), s.inset.left
	if s.widest > 0 && inner > s.widest {
		left += (inner - s.widest) / 2
		inner = s.widest
	}
	return inner, left
}

func (s *stack) heightFor(width float32) float32 {
	s.width = width
	inner, _ := s.inner(width)
	height, shown := s.inset.top+s.inset.bottom, 0
	for _, o := range s.items {
		if o.Visible() {
			height += heightFor(o, inner)
			shown++
		}
	}
	return height + s.gap*float32(max(shown-1, 0))
}

func (s *stack) CreateRenderer() fyne.WidgetRenderer {
	s.field = canvas.NewRectangle(theme.Color(theme.ColorNameBackground))
	s.field.CornerRadius = s.round
	d := &drawing{least: s.least, place: s.place}
	d.restyle = func() {
		s.style()
		d.parts = s.parts()
		s.place(s.Size())
		canvas.Refresh(s.field)
	}
	s.style()
	d.parts = s.parts()
	return d
}

func (s *stack) parts() []fyne.CanvasObject {
	if s.fill == "" {
		return s.items
	}
	return append([]fyne.CanvasObject{s.field}, s.items...)
}

func (s *stack) style() {
	if s.fill == "" {
		return
	}
	s.field.FillColor = theme.Color(s.fill)
	outline(s.field, s.edge)
}

// outline draws the edge of a field. Where the colour is clear there is none: the toolkit would
// draw a grey one.
func outline(field *canvas.Rectangle, name fyne.ThemeColorName) {
	field.StrokeWidth = 0
	if name == "" {
		return
	}
	field.StrokeColor = theme.Color(name)
	if _, _, _, alpha := field.StrokeColor.RGBA(); alpha > 0 {
		field.StrokeWidth = 1
	}
}

func (s *stack) least() fyne.Size {
	var width float32 = narrowest
	for _, o := range s.items {
		if _, flows := o.(flow); o.Visible() && !flows {
			width = max(width, o.MinSize().Width)
		}
	}
	width += s.inset.left + s.inset.right
	return fyne.NewSize(width, s.heightFor(max(s.width, width)))
}

func (s *stack) place(size fyne.Size) {
	s.width = size.Width
	s.field.Resize(size)
	inner, left := s.inner(size.Width)
	y := s.inset.top
	for _, o := range s.items {
		if !o.Visible() {
			continue
		}
		h := heightFor(o, inner)
		o.Move(fyne.NewPos(left, y))
		o.Resize(fyne.NewSize(inner, h))
		y += h + s.gap
	}
}

// row places objects side by side: those before and after the middle one take what they need,
// the middle one takes what is left and flows. All begin at the top, or are centred.
type row struct {
	widget.BaseWidget
	before, after []fyne.CanvasObject
	middle        fyne.CanvasObject
	gap           float32
	centred       bool
	width         float32
}

func across(gap float32, before []fyne.CanvasObject, middle fyne.CanvasObject, after ...fyne.CanvasObject) *row {
	r := &row{before: before, middle: middle, after: after, gap: gap}
	r.ExtendBaseWidget(r)
	return r
}

func beside(o ...fyne.CanvasObject) []fyne.CanvasObject { return o }

func (r *row) inner(width float32) float32 {
	for _, o := range append(append([]fyne.CanvasObject(nil), r.before...), r.after...) {
		if o.Visible() {
			width -= o.MinSize().Width + r.gap
		}
	}
	return max(width, 0)
}

func (r *row) heightFor(width float32) float32 {
	r.width = width
	height := heightFor(r.middle, r.inner(width))
	for _, o := range append(append([]fyne.CanvasObject(nil), r.before...), r.after...) {
		if o.Visible() {
			height = max(height, o.MinSize().Height)
		}
	}
	return height
}

func (r *row) CreateRenderer() fyne.WidgetRenderer {
	parts := append(append(append([]fyne.CanvasObject(nil), r.before...), r.middle), r.after...)
	return &drawing{parts: parts, place: r.place, restyle: func() { r.place(r.Size()) }, least: func() fyne.Size {
		least := narrowest - r.inner(0)
		for _, o := range append(append([]fyne.CanvasObject(nil), r.before...), r.after...) {
			if o.Visible() {
				least += o.MinSize().Width + r.gap
			}
		}
		return fyne.NewSize(least, r.heightFor(max(r.width, least)))
	}}
}

func (r *row) place(size fyne.Size) {
	r.width = size.Width
	x := float32(0)
	put := func(o fyne.CanvasObject, width, height float32) {
		y := float32(0)
		if r.centred {
			y = (size.Height - height) / 2
		}
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
		x += width + r.gap
	}
	for _, o := range r.before {
		if o.Visible() {
			put(o, o.MinSize().Width, o.MinSize().Height)
		}
	}
	inner := r.inner(size.Width)
	put(r.middle, inner, heightFor(r.middle, inner))
	for _, o := range r.after {
		if o.Visible() {
			put(o, o.MinSize().Width, o.MinSize().Height)
		}
	}
}

// cloud places small objects side by side and goes on in the next line where there is no
// more room.
type cloud struct {
	widget.BaseWidget
	items []fyne.CanvasObject
	gap   float32
	width float32
}

func wrapped(gap float32, items ...fyne.CanvasObject) *cloud {
	c := &cloud{items: items, gap: gap}
	c.ExtendBaseWidget(c)
	return c
}

// walk calls put for every object and returns how high all are.
func (c *cloud) walk(width float32, put func(o fyne.CanvasObject, at fyne.Position)) float32 {
	var x, y, line float32
	for _, o := range c.items {
		if !o.Visible() {
			continue
		}
		size := o.MinSize()
		if x > 0 && x+size.Width > width {
			x, y, line = 0, y+line+c.gap, 0
		}
		put(o, fyne.NewPos(x, y))
		x += size.Width + c.gap
		line = max(line, size.Height)
	}
	return y + line
}

func (c *cloud) heightFor(width float32) float32 {
	c.width = width
	return c.walk(width, func(fyne.CanvasObject, fyne.Position) {})
}

func (c *cloud) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{least: func() fyne.Size {
		var width float32
		for _, o := range c.items {
			width = max(width, o.MinSize().Width)
		}
		return fyne.NewSize(width, c.heightFor(max(c.width, width)))
	}, place: c.place}
	d.parts = c.items
	d.restyle = func() { d.parts = c.items; c.place(c.Size()) }
	return d
}

func (c *cloud) place(size fyne.Size) {
	c.width = size.Width
	c.walk(size.Width, func(o fyne.CanvasObject, at fyne.Position) {
		o.Move(at)
		o.Resize(o.MinSize().Min(fyne.NewSize(max(size.Width, 1), o.MinSize().Height)))
	})
}
