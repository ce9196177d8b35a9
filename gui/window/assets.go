package window

import (
	"embed"
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"beagle/gui/view"
)

// The font is not compressed: its outlines hardly shrink, and as it is, the system reads only
// the pages of it that are used. fonts/README.md says where it is from.
//
//go:embed fonts/cjk.otf
var fontCJK []byte

// See fonts/README.md.
//
//go:embed fonts/space.otf
var fontSpace []byte

//go:embed fonts/LICENSE.txt
var fontLicense string

//go:embed icons/*.svg
var icons embed.FS

// font is a resource by its name, so that two of the same are equal: the toolkit compares them.
type font string

const (
	cjkFont   font = "cjk.otf"
	spaceFont font = "space.otf"
)

// Name tells the font apart from others.
func (f font) Name() string { return string(f) }

// Content returns the file.
func (f font) Content() []byte {
	if f == spaceFont {
		return fontSpace
	}
	return fontCJK
}

// glyph is an icon in a colour of the theme, crisp at every size. It is a resource for the
// toolkit's own widgets.
type glyph struct {
	name  string
	color fyne.ThemeColorName
}

// iconOf is an icon in the colour of text.
func iconOf(name string) fyne.Resource { return glyph{name, theme.ColorNameForeground} }

// Name tells apart what Content may return, for the toolkit keeps what it drew by name.
func (g glyph) Name() string {
	return fmt.Sprintf("beagle-%s-%s-%s.svg", g.name, hex(theme.Color(g.color)), hex(theme.Color(colorSurface)))
}

// Content returns the drawing in today's colours.
func (g glyph) Content() []byte {
	data, err := icons.ReadFile("icons/" + g.name + ".svg")
	if err != nil {
		fyne.LogError("read the icon "+g.name, err) // a test reads every icon that is used
		return nil
	}
	text := strings.ReplaceAll(string(data), "currentColor", hex(theme.Color(g.color)))
	return []byte(strings.ReplaceAll(text, "INK", hex(theme.Color(colorSurface))))
}

// hex writes a colour as SVG does, leaving out how clear it is.
func hex(c color.Color) string {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
}

// kindIcon is the icon of a state: the shape differs as well as the colour.
func kindIcon(k view.Kind) glyph {
	switch k {
	case view.KindClean:
		return glyph{"clean", colorGood}
	case view.KindAttention:
		return glyph{"attention", colorWarn}
	case view.KindProhibited:
		return glyph{"prohibited", colorBad}
	case view.KindScanning:
		return glyph{"scanning", theme.ColorNamePrimary}
	}
	return glyph{"unprotected", colorPlain}
}

// toneIcon is the icon of a notice.
func toneIcon(t view.Tone) glyph {
	switch t {
	case view.ToneBad:
		return glyph{"prohibited", colorBad}
	case view.ToneWarn:
		return glyph{"attention", colorWarn}
	case view.ToneGood:
		return glyph{"clean", colorGood}
	}
	return glyph{"info", colorPlain}
}
