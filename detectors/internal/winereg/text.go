package winereg

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// whitespace is what isspace means in C.
const whitespace = " \t\n\v\f\r"

// unescape reads text up to the character end and returns what follows it. The escapes
// are those of parse_strW in Wine's server/unicode.c: the ones of C, \e for ESC, one to
// three octal digits, and \x with up to four hexadecimal digits for one UTF-16 unit; before
// any other character a backslash only takes away its meaning. Wine writes nothing but
// ASCII; it reads UTF-8 as well and ignores invalid bytes.
func unescape(s string, end byte) (units []uint16, rest string, err error) {
	for s != "" {
		c := s[0]
		switch {
		case c == end:
			return units, s[1:], nil
		case c == '\\' && len(s) > 1:
			var unit uint16
			if unit, rest = escape(s[1:]); rest != s[1:] {
				units, s = append(units, unit), rest
				continue
			}
			s = s[1:]
		case c == '\\':
			return nil, "", errUnterminated
		}
		r, size := utf8.DecodeRuneInString(s)
		if r != utf8.RuneError || size > 1 {
			units = utf16.AppendRune(units, r)
		}
		s = s[size:]
	}
	return nil, "", errUnterminated
}

var errUnterminated = errors.New("text has no end")

// escape reads what follows a backslash. If that is no escape, rest is s.
func escape(s string) (unit uint16, rest string) {
	const letters, meanings = "abefnrtv", "\a\b\x1b\f\n\r\t\v"
	if i := strings.IndexByte(letters, s[0]); i >= 0 {
		return uint16(meanings[i]), s[1:]
	}
	if s[0] == 'x' {
		s = s[1:]
		digits := leading(s[:min(4, len(s))], isHex)
		if digits == "" {
			return 'x', s
		}
		return number(digits, 16), s[len(digits):]
	}
	digits := leading(s[:min(3, len(s))], isOctal)
	return number(digits, 8), s[len(digits):]
}

// number reads digits that fit 16 bits.
func number(digits string, base uint16) uint16 {
	var n uint16
	for _, c := range []byte(digits) {
		value := c - '0'
		if !isDigit(c) {
			value = c&0xf + 9 // letters of either case end in 1 to 6
		}
		n = n*base + uint16(value)
	}
	return n
}

// decode turns UTF-16 into text; lone surrogates become U+FFFD.
func decode(units []uint16) string {
	return string(utf16.Decode(units))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isOctal(c byte) bool { return '0' <= c && c <= '7' }
func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
