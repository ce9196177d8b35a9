package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Variant is how light or dark the window is.
type Variant string

// The variants.
const (
	VariantSystem Variant = "" // as the desktop asks for
	VariantLight  Variant = "light"
	VariantDark   Variant = "dark"
)

// Theme is Beagle's look: one accent, four tones, a type scale, and enough room. It replaces
// the toolkit's own wherever that is hard to read.
type Theme struct {
	variant  Variant
	contrast bool
	text     float32
}

// The limits of the size of text.
const (
	minText = 0.75
	maxText = 2
)

// NewTheme returns the theme for a variant, with high contrast or without. Text is the size
// of the text relative to the usual one; what is unreadably small or large is brought to the
// next size that can be used, and 0 is the usual one.
func NewTheme(v Variant, contrast bool, text float32) *Theme {
	if text == 0 {
		text = 1
	}
	return &Theme{variant: v, contrast: contrast, text: min(max(text, minText), maxText)}
}

// Text is the size of the text relative to the usual one.
func (t *Theme) Text() float32 { return t.text }

// WithText returns the theme with another size of text.
func (t *Theme) WithText(text float32) *Theme { return NewTheme(t.variant, t.contrast, text) }

// Color returns a colour of the palette.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	dark := v == theme.VariantDark
	switch t.variant {
	case VariantLight:
		dark = false
	case VariantDark:
		dark = true
	}
	c, ok := paletteFor(dark, t.contrast).named(name)
	if !ok {
		return theme.DefaultTheme().Color(name, v)
	}
	return c
}

// Font returns a font that has Chinese, Japanese and Korean characters and no others: the
// toolkit looks for a character there first, and then in its own fonts, which have Latin,
// Greek and Cyrillic ones. So a Chinese name is readable on a system without such a font.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Monospace: // see face.styleFor
		return spaceFont
	}
	return cjkFont
}

// Icon returns the toolkit's icon; those of Beagle are no part of the theme.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return theme.DefaultTheme().Icon(name)
}

// Size returns a size of the type scale, or one of the distances.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13 * t.text
	case theme.SizeNameCaptionText:
		return 11.5 * t.text
	case theme.SizeNameSubHeadingText:
		return 15 * t.text
	case theme.SizeNameHeadingText:
		return 20 * t.text
	case theme.SizeNameInlineIcon:
		return 18 * t.text
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return 8
	case theme.SizeNameLineSpacing:
		return 4
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 6
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameInputBorder:
		if t.contrast {
			return 2
		}
		return 1
	}
	return theme.DefaultTheme().Size(name)
}
