package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text from a host safe to print: file names may hold escape sequences that
// rewrite the screen, or marks that reverse the reading direction and disguise an ending.
func clean(s string) string {
	safe := true
	for _, r := range s {
		safe = safe && printable(r)
	}
	if safe {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case !printable(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !printable(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// printable refuses control and format characters, among them all bidirectional marks
// (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters), and line and paragraph separators.
func printable(r rune) bool {
	return r != utf8.RuneError && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}
