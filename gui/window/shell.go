package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// shell places what stands above all pages, as high as it must be, and gives the rest to the
// page.
type shell struct {
	widget.BaseWidget
	top  *stack
	page fyne.CanvasObject
}

func newShell(top *stack, page fyne.CanvasObject) *shell {
	s := &shell{top: top, page: page}
	s.ExtendBaseWidget(s)
	return s
}

func (s *shell) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		height := s.top.heightFor(size.Width)
		s.top.Resize(fyne.NewSize(size.Width, height))
		s.page.Move(fyne.NewPos(0, height))
		s.page.Resize(fyne.NewSize(size.Width, max(size.Height-height, 0)))
	}
	return &drawing{
		parts:   []fyne.CanvasObject{s.top, s.page},
		place:   place,
		restyle: func() { place(s.Size()) },
		least:   func() fyne.Size { return fyne.NewSize(420, 320) },
	}
}
