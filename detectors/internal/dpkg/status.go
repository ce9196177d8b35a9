package dpkg

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// maxValue bounds the values kept. Names and versions in use stay below 100 bytes.
const maxValue = 1 << 10

// Parse calls each for every package of a status file, in the order of the file, on the
// calling goroutine. An error of each stops the reading and is returned as it is.
//
// A stanza is broken if it has no valid Package field, a line that is no field, a
// Status that is not three words, or one of the fields needed twice. If there were any
// the error is a [*Malformed]; any other error means that the rest was not read.
func Parse(r io.Reader, each func(Package) error) error {
	return parse(r, maxInput, each)
}

func parse(r io.Reader, limit int64, each func(Package) error) error {
	in := newLines(r, limit)
	st := stanza{words: newWords()}
	var bad Malformed
	flush := func() error {
		defer st.reset()
		switch {
		case !st.started:
			return nil
		case st.broken || st.name.n == 0:
			bad.note(st.firstLine)
			return nil
		}
		return each(st.build())
	}
	for {
		line, whole, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if isBlank(line) && whole {
			if err := flush(); err != nil {
				return err
			}
			continue
		}
		st.add(line, whole, in.no)
		if !whole {
			if err := in.drop(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return bad.err()
}

// stanza gathers the fields needed of one stanza in fixed memory.
type stanza struct {
	started   bool // a line was seen
	broken    bool
	inField   bool // a continuation line is allowed here
	firstLine int

	name, version, arch, status value
	words                       words
}

// value is a field's value, copied because the line buffer is reused.
type value struct {
	seen bool
	n    int
	b    [maxValue]byte
}

func (v *value) bytes() []byte { return v.b[:v.n] }

func (st *stanza) reset() {
	st.started, st.broken, st.inField = false, false, false
	for _, v := range []*value{&st.name, &st.version, &st.arch, &st.status} {
		v.seen, v.n = false, 0
	}
}

// add takes in one line that is not blank.
func (st *stanza) add(line []byte, whole bool, no int) {
	if line[0] == '#' { // a comment, deb822(5); it does not end a field
		return
	}
	if !st.started {
		st.started, st.firstLine = true, no
	}
	if line[0] == ' ' || line[0] == '\t' {
		if !st.inField {
			st.broken = true
		}
		return
	}
	name, val, ok := splitField(line)
	if !ok {
		st.broken = true
		return
	}
	st.inField = true
	v, valid := st.field(name)
	if v == nil {
		return
	}
	val = bytes.Trim(val, " \t\r")
	if len(val) == 0 { // as if the field were absent, deb822(5)
		return
	}
	if v.seen || !whole || len(val) > maxValue || !valid(val) {
		st.broken = true
		return
	}
	v.seen = true
	v.n = copy(v.b[:], val)
}

// field returns where to keep the named field and what it must look like, nil if it is
// not needed.
func (st *stanza) field(name []byte) (*value, func([]byte) bool) {
	switch len(name) {
	case len("Package"): // and Version
		if bytes.EqualFold(name, []byte("Package")) {
			return &st.name, isName
		}
		if bytes.EqualFold(name, []byte("Version")) {
			return &st.version, isWord
		}
	case len("Architecture"):
		if bytes.EqualFold(name, []byte("Architecture")) {
			return &st.arch, isArch
		}
	case len("Status"):
		if bytes.EqualFold(name, []byte("Status")) {
			return &st.status, isStatus
		}
	}
	return nil, nil
}

func (st *stanza) build() Package {
	p := Package{
		Name:         string(st.name.bytes()),
		Version:      string(st.version.bytes()),
		Architecture: st.words.text(st.arch.bytes()),
	}
	if st.status.seen {
		want, rest := cutWord(st.status.bytes())
		flag, state := cutWord(rest)
		p.Want, p.Flag, p.State = st.words.text(want), st.words.text(flag), st.words.text(state)
	}
	return p
}

// words keeps one string for each of the few values that most packages share.
type words map[string]string

// maxWords bounds the distinct values kept. dpkg knows some 15 words of a Status and a
// host has two or three architectures.
const maxWords = 64

func newWords() words { return make(words, maxWords) }

func (w words) text(b []byte) string {
	if s, ok := w[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(w) < maxWords {
		w[s] = s
	}
	return s
}

// splitField splits "Name: value". A name is printable US-ASCII without space and
// colon, and does not begin with a hyphen (deb822(5)).
func splitField(line []byte) (name, val []byte, ok bool) {
	for i, c := range line {
		if c == ':' {
			return line[:i], line[i+1:], i > 0 && line[0] != '-'
		}
		if c <= ' ' || c > '~' {
			break
		}
	}
	return nil, nil, false
}

func isBlank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isName follows what dpkg accepts as a package name in its own database.
func isName(b []byte) bool { return isIdent(b, "-+._") }

func isArch(b []byte) bool { return isIdent(b, "-") }

func isIdent(b []byte, also string) bool {
	for i, c := range b {
		if !isAlnum(c) && (i == 0 || strings.IndexByte(also, c) < 0) {
			return false
		}
	}
	return len(b) > 0
}

// isWord tells whether b is free of space and control bytes, as versions are.
func isWord(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return len(b) > 0
}

// isStatus tells whether b is three words.
func isStatus(b []byte) bool {
	want, rest := cutWord(b)
	flag, state := cutWord(rest)
	return isWord(want) && isWord(flag) && isWord(state)
}

// cutWord returns the text before the first run of blanks and the text after it.
func cutWord(b []byte) (word, rest []byte) {
	i := bytes.IndexAny(b, " \t")
	if i < 0 {
		return b, nil
	}
	return b[:i], bytes.TrimLeft(b[i:], " \t")
}
