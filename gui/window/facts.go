package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"beagle/gui/view"
)

// facts lists labelled values: beside each other where there is room, else one below the
// other.
type facts struct {
	widget.BaseWidget
	labels, values []*paragraph
	width          float32
}

const (
	factsGap   = 6
	factsAside = 12  // between label and value
	factsRoom  = 300 // below this width a value stands under its label
)

func factsOf(list []view.Fact) *facts {
	f := &facts{}
	for _, v := range list {
		look := body()
		if v.Mono {
			look = mono()
		}
		f.labels = append(f.labels, textOf(secondary(), v.Label))
		f.values = append(f.values, textOf(look, v.Value))
	}
	f.ExtendBaseWidget(f)
	return f
}

// column is how wide the labels stand, 0 if there is no room beside them.
func (f *facts) column(width float32) float32 {
	if width < factsRoom {
		return 0
	}
	var widest float32
	for _, l := range f.labels {
		widest = max(widest, l.face.measure(l.text).Width)
	}
	return min(widest+1, width*0.36)
}

// walk calls put for every part and returns how high all are.
func (f *facts) walk(width float32, put func(p *paragraph, at fyne.Position, size fyne.Size)) float32 {
	aside := f.column(width)
	var y float32
	for i := range f.labels {
		if aside == 0 {
			h := f.labels[i].heightFor(width)
			put(f.labels[i], fyne.NewPos(0, y), fyne.NewSize(width, h))
			y += h
			h = f.values[i].heightFor(width)
			put(f.values[i], fyne.NewPos(0, y), fyne.NewSize(width, h))
			y += h + factsGap
			continue
		}
		room := width - aside - factsAside
		h := f.labels[i].heightFor(aside)
		put(f.labels[i], fyne.NewPos(0, y), fyne.NewSize(aside, h))
		v := f.values[i].heightFor(room)
		// A smaller face stands on the same line.
		down := max((f.labels[i].lineHeight()-f.values[i].lineHeight())/2, 0)
		put(f.values[i], fyne.NewPos(aside+factsAside, y+down), fyne.NewSize(room, v))
		y += max(h, v+down) + factsGap
	}
	return max(y-factsGap, 0)
}

func (f *facts) heightFor(width float32) float32 {
	f.width = width
	return f.walk(width, func(*paragraph, fyne.Position, fyne.Size) {})
}

func (f *facts) CreateRenderer() fyne.WidgetRenderer {
	var parts []fyne.CanvasObject
	for i := range f.labels {
		parts = append(parts, f.labels[i], f.values[i])
	}
	place := func(size fyne.Size) {
		f.width = size.Width
		f.walk(size.Width, func(p *paragraph, at fyne.Position, size fyne.Size) {
			p.Move(at)
			p.Resize(size)
		})
	}
	return &drawing{parts: parts, place: place, restyle: func() { place(f.Size()) }, least: func() fyne.Size {
		return fyne.NewSize(narrowest, f.heightFor(max(f.width, narrowest)))
	}}
}

// actionButton is the button of something to do outside of Beagle.
func actionButton(a view.Action, act func(view.Action)) *button {
	icon := "settings"
	switch a.Kind {
	case view.ActionFolder:
		icon = "folder"
	case view.ActionCopy:
		icon = "copy"
	}
	return newButton(a.Label, icon, func() { act(a) })
}

// title begins a part of a page.
func title(text string) *paragraph { return textOf(subheading(), text) }

// rule is a thin line between parts.
func rule() fyne.CanvasObject {
	s := column(0)
	s.inset, s.fill = edges{top: 0.5, bottom: 0.5}, theme.ColorNameSeparator
	return s
}
