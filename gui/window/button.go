package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// button is the toolkit's, pressed by Enter too.
type button struct{ widget.Button }

func newButton(text, icon string, pressed func()) *button {
	b := &button{}
	b.Text, b.OnTapped = text, pressed
	if icon != "" {
		b.Icon = iconOf(icon)
	}
	b.ExtendBaseWidget(b)
	return b
}

// newMainButton is the one button of a place that most people want.
func newMainButton(text, icon string, pressed func()) *button {
	b := newButton(text, "", pressed)
	b.Importance = widget.HighImportance
	b.Icon = glyph{icon, theme.ColorNameForegroundOnPrimary}
	return b
}

// newQuietButton has no field.
func newQuietButton(text, icon string, pressed func()) *button {
	b := newButton(text, icon, pressed)
	b.Importance = widget.LowImportance
	return b
}

// enable also changes the icon, which has its colour from the kind of button.
func (b *button) enable(enabled bool, icon string) {
	if enabled {
		b.SetIcon(glyph{icon, theme.ColorNameForegroundOnPrimary})
		b.Enable()
	} else {
		b.SetIcon(glyph{icon, colorSecondary})
		b.Disable()
	}
}

// TypedKey presses by Enter, as well as by Space.
func (b *button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if !b.Disabled() {
			b.OnTapped()
		}
	case fyne.KeySpace:
		b.Button.TypedKey(e)
	default:
		passOn(b, e)
	}
}

// passOn gives a key that means nothing to a widget to the window, whose keys would otherwise
// work only while nothing has the focus.
func passOn(o fyne.CanvasObject, e *fyne.KeyEvent) {
	canvas := fyne.CurrentApp().Driver().CanvasForObject(o)
	if canvas == nil {
		return
	}
	if take := canvas.OnTypedKey(); take != nil {
		take(e)
	}
}

// keyList is the toolkit's list, chosen from by Enter too.
type keyList struct{ widget.List }

func newList(length func() int, create func() fyne.CanvasObject, update func(widget.ListItemID, fyne.CanvasObject)) *keyList {
	l := &keyList{}
	l.Length, l.CreateItem, l.UpdateItem = length, create, update
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey moves by the arrow keys, chooses by Space and Enter, and pages.
func (l *keyList) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeySpace:
		l.List.TypedKey(e)
	case fyne.KeyReturn, fyne.KeyEnter:
		l.List.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	case fyne.KeyPageDown:
		l.ScrollToOffset(l.GetScrollOffset() + l.Size().Height*0.9)
	case fyne.KeyPageUp:
		l.ScrollToOffset(max(l.GetScrollOffset()-l.Size().Height*0.9, 0))
	case fyne.KeyHome:
		l.ScrollToTop()
	case fyne.KeyEnd:
		l.ScrollToBottom()
	default:
		passOn(l, e)
	}
}

// searchEntry is a field for searching that Escape empties.
type searchEntry struct{ widget.Entry }

func newSearchEntry(hint string, changed func(string)) *searchEntry {
	e := &searchEntry{}
	e.PlaceHolder, e.OnChanged = hint, changed
	e.Icon = glyph{"search", colorSecondary}
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey empties the field by Escape and passes on what is not for writing.
func (e *searchEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		if e.Text != "" {
			e.SetText("")
			return
		}
		passOn(e, k)
	case fyne.KeyF5:
		passOn(e, k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut passes on what is not for writing.
func (e *searchEntry) TypedShortcut(s fyne.Shortcut) {
	if _, own := s.(fyne.KeyboardShortcut); own {
		if canvas, ok := fyne.CurrentApp().Driver().CanvasForObject(e).(fyne.Shortcutable); ok {
			canvas.TypedShortcut(s)
		}
	}
	e.Entry.TypedShortcut(s)
}
