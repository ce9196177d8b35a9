package view

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of one text from a machine is shown. A path on Windows may have 32,767 letters.
const (
	maxText  = 2000
	maxMarks = 4 // combining marks on one letter; more only hide what is around
)

// clean makes text from a machine safe to show: file names may hold line breaks that forge
// other lines, marks that reverse the reading direction and disguise an ending, or letters
// that nobody sees.
func clean(s string) string {
	if safe(s) {
		return s
	}
	var b strings.Builder
	runes, marks := 0, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if runes++; runes > maxText {
			b.WriteRune('…')
			break
		}
		marks++
		if !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case !visible(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !visible(r) || marks > maxMarks:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// safe is the short way for what nearly everything is.
func safe(s string) bool {
	if len(s) > maxText {
		return false
	}
	for _, r := range s {
		if r >= 0x7f && (!visible(r) || unicode.Is(unicode.M, r)) || r < ' ' {
			return false
		}
	}
	return true
}

// visible refuses control and format characters, among them all bidirectional marks
// (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters), line and paragraph
// separators, and letters without a shape (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point).
func visible(r rune) bool {
	return r != utf8.RuneError && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point) && !(r >= 0xfe00 && r <= 0xfe0f) && !(r >= 0xe0100 && r <= 0xe01ef)
}

// quoted is clean for text within a sentence. Where it is written from right to left, it is
// isolated, so that it does not pull the words around it along.
func quoted(s string) string {
	s = clean(s)
	for _, r := range s {
		if unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam) {
			return "\u2068" + s + "\u2069"
		}
	}
	return s
}
