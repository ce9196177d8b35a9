package tray

import "fyne.io/systray"

// run shows the tray: draw draws for the first time, and serve then runs until quit is called.
//
// What is drawn while systray joins the bus can be lost: it copies the icon before it listens
// to changes of it (systray_unix.go, createPropSpec and SetIcon of v1.12.2). So the first
// drawing comes before that and the next ones after it, which only the loop for other toolkits
// lets us know.
func (p *panel) run(draw, serve func()) {
	systray.SetTitle(programName) // which panels know the icon by
	start, _ := systray.RunWithExternalLoop(nil, nil)
	draw()
	start()
	serve()
	// Not what RunWithExternalLoop returned: that fails where the bus was lost.
	systray.Quit()
}
