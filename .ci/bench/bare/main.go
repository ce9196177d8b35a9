//go:build cgo || ci

// Command bare shows a window of the toolkit with one word in it, as large as Beagle's: what
// any program costs that is made with it.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	a := app.NewWithID("io.github.beagle.bare")
	w := a.NewWindow("bare")
	w.SetContent(widget.NewLabel("bare"))
	w.Resize(fyne.NewSize(1040, 720))
	w.ShowAndRun()
}
