//go:build windows || (darwin && cgo)

package tray

import "fyne.io/systray"

// run shows the tray: draw draws for the first time, and serve then runs until it returns.
// Windows and macOS want to be called on the program's first thread, which is kept for them.
func (p *panel) run(draw, serve func()) {
	ended := make(chan struct{})
	systray.Run(func() {
		draw()
		go func() {
			defer close(ended)
			serve()
			systray.Quit()
		}()
	}, nil)
	<-ended
}
