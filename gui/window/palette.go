package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"beagle/gui/view"
)

// The colours that the toolkit has no names for.
const (
	colorSurface   fyne.ThemeColorName = "beagleSurface"   // of cards, lists and the header
	colorSecondary fyne.ThemeColorName = "beagleSecondary" // text of less weight
	colorBad       fyne.ThemeColorName = "beagleBad"
	colorWarn      fyne.ThemeColorName = "beagleWarn"
	colorGood      fyne.ThemeColorName = "beagleGood"
	colorPlain     fyne.ThemeColorName = "beaglePlain"
	colorBadTint   fyne.ThemeColorName = "beagleBadTint" // behind text of the same tone
	colorWarnTint  fyne.ThemeColorName = "beagleWarnTint"
	colorGoodTint  fyne.ThemeColorName = "beagleGoodTint"
	colorPlainTint fyne.ThemeColorName = "beaglePlainTint"
	colorEdge      fyne.ThemeColorName = "beagleEdge" // around tinted fields; clear unless contrast is high
)

// toneColor is the colour of text and icons of a tone.
func toneColor(t view.Tone) fyne.ThemeColorName {
	switch t {
	case view.ToneBad:
		return colorBad
	case view.ToneWarn:
		return colorWarn
	case view.ToneGood:
		return colorGood
	}
	return colorPlain
}

// tintColor is the colour behind text of a tone.
func tintColor(t view.Tone) fyne.ThemeColorName {
	switch t {
	case view.ToneBad:
		return colorBadTint
	case view.ToneWarn:
		return colorWarnTint
	case view.ToneGood:
		return colorGoodTint
	}
	return colorPlainTint
}

// palette holds every colour. Text reaches a contrast of 4.5 on what is behind it, in high
// contrast 7 (https://www.w3.org/TR/WCAG22/#contrast-minimum); a test measures it.
type palette struct {
	background, surface, foreground, secondary, separator, input, inputEdge color.NRGBA
	accent, onAccent, hover, pressed, selection, focus, shadow, scroll      color.NRGBA
	bad, warn, good, plain                                                  color.NRGBA
	badTint, warnTint, goodTint, plainTint, edge                            color.NRGBA
}

func rgb(v uint32) color.NRGBA { return rgba(v<<8 | 0xff) }

func rgba(v uint32) color.NRGBA {
	return color.NRGBA{uint8(v >> 24), uint8(v >> 16), uint8(v >> 8), uint8(v)}
}

func paletteFor(dark, contrast bool) palette {
	switch {
	case dark && contrast:
		return palette{
			background: rgb(0x000000), surface: rgb(0x000000), foreground: rgb(0xffffff), secondary: rgb(0xffffff),
			separator: rgb(0xffffff), input: rgb(0x000000), inputEdge: rgb(0xffffff),
			accent: rgb(0xffe14d), onAccent: rgb(0x000000), hover: rgba(0xffffff33), pressed: rgba(0xffffff55),
			selection: rgb(0x1f3f7a), focus: rgba(0xffe14daa), shadow: rgba(0x000000ff), scroll: rgb(0xffffff),
			bad: rgb(0xff8a80), warn: rgb(0xffd54f), good: rgb(0x7dff9b), plain: rgb(0xffffff),
			badTint: rgb(0x000000), warnTint: rgb(0x000000), goodTint: rgb(0x000000), plainTint: rgb(0x000000), edge: rgb(0xffffff),
		}
	case contrast:
		return palette{
			background: rgb(0xffffff), surface: rgb(0xffffff), foreground: rgb(0x000000), secondary: rgb(0x000000),
			separator: rgb(0x000000), input: rgb(0xffffff), inputEdge: rgb(0x000000),
			accent: rgb(0x003a9b), onAccent: rgb(0xffffff), hover: rgba(0x00000022), pressed: rgba(0x00000044),
			selection: rgb(0xc4d9ff), focus: rgba(0x003a9b99), shadow: rgba(0x000000ff), scroll: rgb(0x000000),
			bad: rgb(0x8c0012), warn: rgb(0x5c3b00), good: rgb(0x00501c), plain: rgb(0x000000),
			badTint: rgb(0xffffff), warnTint: rgb(0xffffff), goodTint: rgb(0xffffff), plainTint: rgb(0xffffff), edge: rgb(0x000000),
		}
	case dark:
		return palette{
			background: rgb(0x15171b), surface: rgb(0x1d2026), foreground: rgb(0xe9ebee), secondary: rgb(0xa6aeb9),
			separator: rgb(0x31363f), input: rgb(0x15171b), inputEdge: rgb(0x444b57),
			accent: rgb(0x6aa9ff), onAccent: rgb(0x08182d), hover: rgba(0xffffff12), pressed: rgba(0xffffff22),
			selection: rgb(0x263a57), focus: rgba(0x6aa9ff66), shadow: rgba(0x00000066), scroll: rgba(0xffffff44),
			bad: rgb(0xff8e86), warn: rgb(0xf2bd56), good: rgb(0x6fd18c), plain: rgb(0xb4bcc7),
			badTint: rgb(0x432326), warnTint: rgb(0x3d311b), goodTint: rgb(0x1d3627), plainTint: rgb(0x2a2f37), edge: rgba(0),
		}
	}
	return palette{
		background: rgb(0xf4f5f7), surface: rgb(0xffffff), foreground: rgb(0x1b1f26), secondary: rgb(0x565e6b),
		separator: rgb(0xdfe2e7), input: rgb(0xffffff), inputEdge: rgb(0xc3c9d2),
		accent: rgb(0x1f5fbf), onAccent: rgb(0xffffff), hover: rgba(0x1b1f260d), pressed: rgba(0x1b1f261c),
		selection: rgb(0xdfeafb), focus: rgba(0x1f5fbf55), shadow: rgba(0x1b1f2618), scroll: rgba(0x1b1f2644),
		bad: rgb(0xb3231f), warn: rgb(0x7d5200), good: rgb(0x14703a), plain: rgb(0x4b5360),
		badTint: rgb(0xfce8e7), warnTint: rgb(0xfdf1d9), goodTint: rgb(0xe3f5e9), plainTint: rgb(0xeceef2), edge: rgba(0),
	}
}

func (p palette) named(name fyne.ThemeColorName) (color.NRGBA, bool) {
	switch name {
	case theme.ColorNameBackground:
		return p.background, true
	case colorSurface, theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground, theme.ColorNameHeaderBackground:
		return p.surface, true
	case theme.ColorNameForeground:
		return p.foreground, true
	// What is disabled must still be readable.
	case colorSecondary, theme.ColorNameDisabled, theme.ColorNamePlaceHolder:
		return p.secondary, true
	case theme.ColorNameSeparator:
		return p.separator, true
	case theme.ColorNameInputBackground:
		return p.input, true
	case theme.ColorNameInputBorder:
		return p.inputEdge, true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return p.accent, true
	case theme.ColorNameForegroundOnPrimary, theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnSuccess, theme.ColorNameForegroundOnWarning:
		return p.onAccent, true
	case theme.ColorNameButton, theme.ColorNameDisabledButton:
		return p.plainTint, true
	case theme.ColorNameHover:
		return p.hover, true
	case theme.ColorNamePressed:
		return p.pressed, true
	case theme.ColorNameSelection:
		return p.selection, true
	case theme.ColorNameFocus:
		return p.focus, true
	case theme.ColorNameShadow:
		return p.shadow, true
	case theme.ColorNameScrollBar:
		return p.scroll, true
	}
	return p.toned(name)
}

func (p palette) toned(name fyne.ThemeColorName) (color.NRGBA, bool) {
	switch name {
	case colorBad, theme.ColorNameError:
		return p.bad, true
	case colorWarn, theme.ColorNameWarning:
		return p.warn, true
	case colorGood, theme.ColorNameSuccess:
		return p.good, true
	case colorPlain:
		return p.plain, true
	case colorBadTint:
		return p.badTint, true
	case colorWarnTint:
		return p.warnTint, true
	case colorGoodTint:
		return p.goodTint, true
	case colorPlainTint:
		return p.plainTint, true
	case colorEdge:
		return p.edge, true
	}
	return color.NRGBA{}, false
}
