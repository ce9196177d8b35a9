package hive

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// rawName is the name of a key or value as stored: one byte a character where all
// characters are in Latin-1, UTF-16LE otherwise.
type rawName struct {
	bytes  []byte
	latin1 bool
}

func (n rawName) String() string {
	if n.latin1 {
		return decodeLatin1(n.bytes)
	}
	return decodeUTF16(n.bytes)
}

// Fold returns a form of a name that is equal for names that differ only in case, by
// Unicode's simple folding; [strings.EqualFold] agrees with it.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return upperASCII(r)
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// upperASCII is the least character that folds to r.
func upperASCII(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}

// wanted is a name to look for.
type wanted struct {
	name      string
	runes     int
	utf16Size int
}

func newWanted(name string) wanted {
	w := wanted{name: name, runes: utf8.RuneCountInString(name)}
	for _, r := range name {
		w.utf16Size += 2 * max(1, utf16.RuneLen(r))
	}
	return w
}

// is reports whether n is the name looked for, without regard to case. Simple folding
// keeps the number of characters and of UTF-16 units, so most names need no decoding.
func (w wanted) is(n rawName) bool {
	size := w.utf16Size
	if n.latin1 {
		size = w.runes
	}
	return len(n.bytes) == size && strings.EqualFold(n.String(), w.name)
}

func decodeLatin1(b []byte) string {
	if isASCII(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeUTF16 decodes UTF-16LE. Lone surrogates become U+FFFD, an odd last byte is lost.
func decodeUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// upToNUL cuts UTF-16 text at the first NUL character. The rest is what follows the NUL,
// nil if there is none.
func upToNUL(b []byte) (text, rest []byte) {
	for i := 0; i+1 < len(b); i += 2 {
		if bytes.Equal(b[i:i+2], []byte{0, 0}) {
			return b[:i], b[i+2:]
		}
	}
	return b, nil
}
