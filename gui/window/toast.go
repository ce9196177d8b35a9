package window

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// toastTime is how long a sentence stays; it can be read twice.
const toastTime = 6 * time.Second

// toast says at the lower edge how something ended that was asked for.
type toast struct {
	widget.BaseWidget
	text  *paragraph
	field *canvas.Rectangle
	said  int // counts what was said
	later func(time.Duration, func())
}

func newToast(later func(time.Duration, func())) *toast {
	t := &toast{text: textOf(body().in(theme.ColorNameBackground), ""), field: canvas.NewRectangle(rgba(0)), later: later}
	t.field.CornerRadius = 8
	t.text.centred = true
	t.ExtendBaseWidget(t)
	t.Hide()
	return t
}

func (t *toast) say(text string) {
	if text == "" {
		return
	}
	t.said++
	now := t.said
	t.text.say(text)
	t.Show()
	t.Refresh()
	t.later(toastTime, func() {
		if t.said == now {
			t.Hide()
		}
	})
}

func (t *toast) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		width := min(size.Width-32, max(t.text.face.measure(t.text.text).Width, 120)+40, 640)
		height := t.text.heightFor(width-32) + 22
		at := fyne.NewPos((size.Width-width)/2, size.Height-height-20)
		t.field.Move(at)
		t.field.Resize(fyne.NewSize(width, height))
		t.text.Move(at.AddXY(16, 11))
		t.text.Resize(fyne.NewSize(width-32, height-22))
	}
	return &drawing{
		parts: []fyne.CanvasObject{t.field, t.text},
		place: place,
		least: func() fyne.Size { return fyne.NewSize(0, 0) },
		restyle: func() {
			t.field.FillColor = theme.Color(theme.ColorNameForeground)
			outline(t.field, colorEdge)
			place(t.Size())
			canvas.Refresh(t.field)
			t.text.Refresh()
		},
	}
}
