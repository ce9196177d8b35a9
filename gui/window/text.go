package window

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// How much of one text is shown: what a machine says has no limit of its own.
const maxRunes = 6000

// face is how a text looks.
type face struct {
	size  fyne.ThemeSizeName
	color fyne.ThemeColorName
	style fyne.TextStyle
}

func body() face { return face{theme.SizeNameText, theme.ColorNameForeground, fyne.TextStyle{}} }
func strong() face {
	return face{theme.SizeNameText, theme.ColorNameForeground, fyne.TextStyle{Bold: true}}
}
func secondary() face { return face{theme.SizeNameText, colorSecondary, fyne.TextStyle{}} }
func caption() face   { return face{theme.SizeNameCaptionText, colorSecondary, fyne.TextStyle{}} }
func mono() face {
	return face{theme.SizeNameCaptionText, theme.ColorNameForeground, fyne.TextStyle{Monospace: true}}
}
func heading() face {
	return face{theme.SizeNameHeadingText, theme.ColorNameForeground, fyne.TextStyle{Bold: true}}
}
func subheading() face {
	return face{theme.SizeNameSubHeadingText, theme.ColorNameForeground, fyne.TextStyle{Bold: true}}
}

func (f face) in(c fyne.ThemeColorName) face {
	f.color = c
	return f
}

func (f face) measure(text string) fyne.Size {
	return fyne.MeasureText(text, theme.Size(f.size), f.styleFor(text))
}

// styleFor leaves monospaced letters to text that has them: Chinese ones are all equally wide
// anyway, and a font that is loaded once more for this style holds 7 MB.
func (f face) styleFor(text string) fyne.TextStyle {
	style := f.style
	if style.Monospace && strings.ContainsFunc(text, unspaced) {
		style.Monospace = false
	}
	return style
}

// apply makes an object show a text.
func (f face) apply(t *canvas.Text, text string) {
	t.Text, t.TextSize, t.TextStyle, t.Color = text, theme.Size(f.size), f.styleFor(text), theme.Color(f.color)
}

// paragraph is text on as many lines as it needs. Unlike the toolkit's labels it also breaks
// after the separators of paths and between Chinese characters, and has no margins.
type paragraph struct {
	widget.BaseWidget
	text    string
	face    face
	centred bool

	lines []string
	width float32 // for which lines holds
	scale float32
}

func textOf(f face, text string) *paragraph {
	p := &paragraph{face: f, text: text}
	p.ExtendBaseWidget(p)
	return p
}

// say replaces the text.
func (p *paragraph) say(text string) {
	if p.text != text {
		p.text, p.lines = text, nil
		p.Refresh()
	}
}

func (p *paragraph) wrap(width float32) []string {
	if size := theme.Size(p.face.size); p.lines == nil || p.width != width || p.scale != size {
		p.lines, p.width, p.scale = breakLines(p.text, width, p.face), width, size
	}
	return p.lines
}

func (p *paragraph) lineHeight() float32 { return p.face.measure("Ag").Height }

func (p *paragraph) heightFor(width float32) float32 {
	return p.lineHeight() * float32(len(p.wrap(width)))
}

func (p *paragraph) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{least: func() fyne.Size {
		width := p.width
		if width == 0 {
			width = narrowest
		}
		return fyne.NewSize(min(narrowest, width), p.heightFor(width))
	}}
	lay := func(size fyne.Size) {
		lines := p.wrap(size.Width)
		for len(d.parts) < len(lines) {
			d.parts = append(d.parts, canvas.NewText("", theme.Color(p.face.color)))
		}
		d.parts = d.parts[:len(lines)]
		height := p.lineHeight()
		for i, line := range lines {
			t := d.parts[i].(*canvas.Text)
			p.face.apply(t, line)
			t.Alignment = fyne.TextAlignLeading
			if p.centred {
				t.Alignment = fyne.TextAlignCenter
			}
			t.Move(fyne.NewPos(0, height*float32(i)))
			t.Resize(fyne.NewSize(size.Width, height))
		}
	}
	d.place = lay
	d.restyle = func() {
		lay(p.Size())
		for _, o := range d.parts {
			canvas.Refresh(o)
		}
	}
	return d
}

// breakLines wraps a text. Width counts as the toolkit measures; at least one character
// stands on every line.
func breakLines(text string, width float32, f face) []string {
	if utf8.RuneCountInString(text) > maxRunes {
		text = string([]rune(text)[:maxRunes]) + "…"
	}
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		line, used := "", float32(0)
		for _, piece := range pieces(part) {
			w := f.measure(piece).Width
			bare := f.measure(strings.TrimRight(piece, " ")).Width
			if line != "" && used+bare > width {
				lines = append(lines, strings.TrimRight(line, " "))
				line, used = "", 0
			}
			if bare <= width {
				line, used = line+piece, used+w
				continue
			}
			cut := chop(piece, width, f)
			lines = append(lines, cut[:len(cut)-1]...)
			line = cut[len(cut)-1]
			used = f.measure(line).Width
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// pieces splits a text where a line may end.
func pieces(text string) []string {
	var list []string
	start := 0
	var last rune
	for i, r := range text {
		if i > start && mayBreak(last, r) {
			list = append(list, text[start:i])
			start = i
		}
		last = r
	}
	if start < len(text) {
		list = append(list, text[start:])
	}
	return list
}

// mayBreak says whether a line may end between two characters: after spaces and separators,
// and around those of scripts without spaces, unless the second closes something.
func mayBreak(before, after rune) bool {
	switch {
	case after == ' ' || unicode.Is(unicode.Mn, after):
		return false
	case before == ' ':
		return true
	case strings.ContainsRune("、。，．：；！？）》」』】”’…,.:;!?)]}%", after):
		return false
	case strings.ContainsRune("（《「『【“‘", before):
		return false
	case before == '/' || before == '\\' || before == '-' || before == '_':
		return unicode.IsLetter(after) || unicode.IsDigit(after)
	}
	return unspaced(before) || unspaced(after)
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r >= 0x3000 && r < 0x3040 || r >= 0xff00 && r < 0xff60
}

// chop cuts a word that is too long for a line.
func chop(word string, width float32, f face) []string {
	var lines []string
	runes := []rune(word)
	for len(runes) > 0 {
		n := max(fitting(runes, width, f), 1)
		for n < len(runes) && unicode.Is(unicode.Mn, runes[n]) {
			n++
		}
		lines = append(lines, string(runes[:n]))
		runes = runes[n:]
	}
	return lines
}

// fitting returns how many of the first runes fit.
func fitting(runes []rune, width float32, f face) int {
	low, high := 0, min(len(runes), 400) // no line holds more
	for low < high {
		mid := (low + high + 1) / 2
		if f.measure(string(runes[:mid])).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// line is one line of text that ends in an ellipsis where it is too long, as in rows.
type line struct {
	widget.BaseWidget
	text  string
	face  face
	front bool // the beginning is left out, as of paths
}

func lineOf(f face, text string) *line {
	l := &line{face: f, text: text}
	l.ExtendBaseWidget(l)
	return l
}

func (l *line) say(text string) {
	if l.text != text {
		l.text = text
		l.Refresh()
	}
}

// natural is how wide the whole text is.
func (l *line) natural() float32 { return l.face.measure(l.text).Width }

func (l *line) CreateRenderer() fyne.WidgetRenderer {
	t := canvas.NewText("", theme.Color(l.face.color))
	set := func(size fyne.Size) {
		l.face.apply(t, shorten(l.text, size.Width, l.face, l.front))
		t.Resize(size)
	}
	return &drawing{
		parts:   []fyne.CanvasObject{t},
		place:   set,
		least:   func() fyne.Size { return fyne.NewSize(24, l.face.measure("Ag").Height) },
		restyle: func() { set(l.Size()); canvas.Refresh(t) },
	}
}

// shorten cuts a text to a width and marks the cut.
func shorten(text string, width float32, f face, front bool) string {
	text = strings.ReplaceAll(text, "\n", " ")
	runes := []rune(text)
	if len(runes) > 1000 {
		runes = runes[:1000]
		text = string(runes) + "…"
	}
	if f.measure(text).Width <= width+0.5 {
		return text
	}
	room := width - f.measure("…").Width
	if !front {
		return strings.TrimRight(string(runes[:fitting(runes, room, f)]), " ") + "…"
	}
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high) / 2
		if f.measure(string(runes[mid:])).Width <= room {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return "…" + string(runes[low:])
}
