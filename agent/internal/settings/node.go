package settings

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// node is one value as somebody gave it, before anybody asks what it is for.
type node struct {
	place  string // where a person finds it
	kind   kind
	text   string   // of a scalar, as it was written; of something foreign, what it is
	items  []*node  // of a list
	fields []*field // of a mapping
	// worded is set in places that know only text, where a list is written out in one.
	worded bool
	// secret keeps the value out of errors.
	secret bool
}

type field struct {
	name  string
	value *node
}

type kind int

const (
	nothing kind = iota // it is named and has no value: as if it were not there
	scalar
	list
	mapping
	foreign // what no setting can be, such as a registry value of raw bytes
)

func (n *node) what() string {
	switch n.kind {
	case scalar:
		return "a text or number"
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case foreign:
		return n.text
	}
	return "nothing"
}

// quote is the value for an error. A secret's is not in it.
func (n *node) quote() string {
	if n.secret {
		return "the value (which is secret)"
	}
	if len(n.text) > maxQuoted {
		return fmt.Sprintf("%.*q...", maxQuoted, n.text)
	}
	return fmt.Sprintf("%q", n.text)
}

const maxQuoted = 60

// single returns the text of a scalar.
func (n *node) single(key, want string) (string, error) {
	switch {
	case n.kind != scalar:
		return "", n.wrong(key, "want %s, not %s", want, n.what())
	case !utf8.ValidString(n.text):
		return "", n.wrong(key, "%s is not in UTF-8", n.quote())
	}
	return n.text, nil
}

// wrong says what is wrong with the value of a key.
func (n *node) wrong(key, format string, args ...any) error {
	return &Problem{Place: n.place, Key: key, Text: fmt.Sprintf(format, args...)}
}

// Problem is one thing that is wrong with the settings. An error of this package is one, or
// several joined.
type Problem struct {
	Place string // such as /etc/beagle/settings.yaml:12 or BEAGLE_LOG_LEVEL; "" if it is not known
	Key   string // such as schedule.inventory; "" for what concerns a file as a whole
	Text  string // what is wrong, with the value, and what is allowed
}

// Error puts the problem on one line.
func (p *Problem) Error() string {
	var line strings.Builder
	line.WriteString("settings")
	if p.Place != "" {
		line.WriteString(" ")
		line.WriteString(p.Place)
	}
	if p.Key != "" {
		line.WriteString(": ")
		line.WriteString(p.Key)
	}
	line.WriteString(": ")
	line.WriteString(p.Text)
	return line.String()
}
