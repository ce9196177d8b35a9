package window

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// textStep is by how much one press makes text larger or smaller.
const textStep = 1.125

// textPreference keeps the size of text between two starts.
const textPreference = "text"

// SavedText is the size of text that the reader last chose, 1 if none was.
func SavedText(p fyne.Preferences) float32 { return float32(p.FloatWithFallback(textPreference, 1)) }

// bindKeys makes everything reachable without a mouse: F5 looks again, Ctrl+F searches,
// Ctrl+1 to 5 are the tabs, Ctrl with plus, minus and 0 is the size of text, Escape goes back
// and Ctrl+W closes.
func (w *Window) bindKeys() {
	canvas := w.frame.Canvas()
	canvas.SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyF5:
			w.look()
		case fyne.KeyEscape:
			canvas.Unfocus()
			w.pair.enter(false)
		default:
			if s := w.reading(); s != nil {
				s.turn(e.Name)
			}
		}
	})
	bind := func(key fyne.KeyName, run func()) {
		canvas.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { run() })
	}
	for i, key := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5} {
		bind(key, func() { w.tabs.choose(i) })
	}
	bind(fyne.KeyF, func() {
		w.tabs.choose(tabFindings)
		w.pair.enter(false)
		canvas.Focus(w.findings.search)
	})
	bind(fyne.KeyW, w.frame.Close)
	bind(fyne.KeyQ, w.frame.Close)
	bind(fyne.KeyPlus, func() { w.scaleText(textStep) })
	bind(fyne.KeyEqual, func() { w.scaleText(textStep) }) // where plus is a shifted equals sign
	bind(fyne.KeyMinus, func() { w.scaleText(1 / textStep) })
	bind(fyne.Key0, func() { w.scaleText(0) })
}

// reading is the page of text that is seen, nil if it is a list.
func (w *Window) reading() *scroller {
	switch w.tabs.at {
	case tabFindings:
		return w.detail.scroller
	case tabCoverage:
		return w.coverage.scroller
	case tabPrivacy:
		return w.privacy.scroller
	case tabAbout:
		return w.about.scroller
	}
	return nil
}

// scaleText makes text larger or smaller by a factor; 0 makes it as it usually is.
func (w *Window) scaleText(by float32) {
	app := fyne.CurrentApp()
	t, ok := app.Settings().Theme().(*Theme)
	if !ok {
		return
	}
	size := float32(1)
	if by != 0 {
		size = t.Text() * by
	}
	if math.Abs(float64(size)-1) < 0.01 {
		size = 1
	}
	next := t.WithText(size)
	app.Settings().SetTheme(next)
	app.Preferences().SetFloat(textPreference, float64(next.Text()))
	w.frame.Content().Refresh()
}
