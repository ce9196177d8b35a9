package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pair shows a list beside what is chosen from it. Where there is no room for both it shows
// the list, and then what was chosen with a way back.
type pair struct {
	widget.BaseWidget
	list, detail fyne.CanvasObject
	line         *canvas.Rectangle
	back         *button
	inside       bool // the detail was asked for
	alone        bool // there is nothing to choose, so the list has all the room
}

// pairRoom is the width from which on both have room, with text of the usual size.
const pairRoom = 720

func newPair(list, detail fyne.CanvasObject, back string) *pair {
	p := &pair{list: list, detail: detail, line: canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))}
	p.back = newQuietButton(back, "back", func() { p.enter(false) })
	p.ExtendBaseWidget(p)
	return p
}

// enter goes from the list to the detail, or back.
func (p *pair) enter(inside bool) {
	p.inside = inside
	p.Refresh()
}

func (p *pair) narrow(width float32) bool {
	return p.alone && !p.inside || width < pairRoom*theme.Size(theme.SizeNameText)/13
}

func (p *pair) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{
		parts: []fyne.CanvasObject{p.list, p.detail, p.line, p.back},
		place: p.place,
		least: func() fyne.Size { return fyne.NewSize(360, 240) },
		restyle: func() {
			p.line.FillColor = theme.Color(theme.ColorNameSeparator)
			canvas.Refresh(p.line)
			p.place(p.Size())
		},
	}
}

func (p *pair) place(size fyne.Size) {
	narrow := p.narrow(size.Width)
	p.line.Hidden = narrow
	show(p.back, narrow && p.inside)
	show(p.list, !narrow || !p.inside)
	show(p.detail, !narrow || p.inside)
	if narrow {
		p.list.Move(fyne.NewPos(0, 0))
		p.list.Resize(size)
		bar := p.back.MinSize()
		p.back.Move(fyne.NewPos(8, 6))
		p.back.Resize(bar)
		p.detail.Move(fyne.NewPos(0, bar.Height+10))
		p.detail.Resize(fyne.NewSize(size.Width, max(size.Height-bar.Height-10, 0)))
		return
	}
	left := min(max(size.Width*0.36, 300), 460*theme.Size(theme.SizeNameText)/13)
	p.list.Move(fyne.NewPos(0, 0))
	p.list.Resize(fyne.NewSize(left, size.Height))
	p.line.Move(fyne.NewPos(left, 0))
	p.line.Resize(fyne.NewSize(1, size.Height))
	p.detail.Move(fyne.NewPos(left+1, 0))
	p.detail.Resize(fyne.NewSize(size.Width-left-1, size.Height))
}

func show(o fyne.CanvasObject, visible bool) {
	if visible == o.Visible() {
		return
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}
