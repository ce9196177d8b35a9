package settings

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// shape is how the value of a key is read, shown and described. It is bound to the variable
// that holds the value.
type shape interface {
	// read takes a value over, or says what is wrong with it.
	read(n *node, key string) error
	// show writes the value in force as a settings file would on one line.
	show() string
	describe() description
}

// description is what a person, or an editor, is told about a shape.
type description struct {
	kind    string // such as duration
	unit    string // "" where there is none, or where it is part of the value
	allowed string // "" where everything of that kind is
	schema  map[string]any
}

// text is any text.
type text struct{ at *string }

func (s text) read(n *node, key string) error {
	value, err := n.single(key, "a text")
	if err == nil {
		*s.at = value
	}
	return err
}

func (s text) show() string { return inYAML(*s.at) }

func (s text) describe() description {
	return description{kind: "text", schema: map[string]any{"type": "string"}}
}

// truth is yes or no.
type truth struct{ at *bool }

func (s truth) read(n *node, key string) error {
	value, err := n.single(key, "true or false")
	if err != nil {
		return err
	}
	switch strings.ToLower(value) { // property lists and command lines have their own spellings
	case "true", "1":
		*s.at = true
	case "false", "0":
		*s.at = false
	default:
		return n.wrong(key, "%s: want true or false", n.quote())
	}
	return nil
}

func (s truth) show() string { return strconv.FormatBool(*s.at) }

func (s truth) describe() description {
	return description{kind: "true or false", schema: map[string]any{"type": "boolean"}}
}

// duration is a time that passes, written with its units.
type duration struct {
	at       *Duration
	min, max Duration
	off      bool // whether off is allowed too, which is 0
}

const off = "off"

func (s duration) read(n *node, key string) error {
	value, err := n.single(key, s.want())
	if err != nil {
		return err
	}
	if s.off && value == off {
		*s.at = 0 // which is below every limit otherwise
		return nil
	}
	d, ok := parseDuration(value)
	switch {
	case !ok:
		return n.wrong(key, "%s: want %s", n.quote(), s.want())
	case d < s.min:
		return n.wrong(key, "%s is too short: want at least %s", n.quote(), s.min.String())
	case d > s.max:
		return n.wrong(key, "%s is too long: want at most %s", n.quote(), s.max.String())
	}
	*s.at = d
	return nil
}

func (s duration) want() string {
	want := "whole numbers with units, such as 7d, 1h30m or 500ms"
	if s.off {
		want += ", or off"
	}
	return want
}

func (s duration) show() string {
	if s.off && *s.at == 0 {
		return off
	}
	return s.at.String()
}

func (s duration) describe() description {
	d := description{
		kind: "duration", unit: "d, h, m, s, ms",
		allowed: s.min.String() + " to " + s.max.String(),
		schema:  map[string]any{"type": "string", "pattern": "^" + durationPattern + "$"},
	}
	if s.off {
		d.allowed += ", or `off`"
		d.schema["pattern"] = "^(off|" + durationPattern + ")$"
	}
	return d
}

// number is any number within limits.
type number struct {
	at       *float64
	min, max float64
	unit     string
}

func (s number) read(n *node, key string) error {
	value, err := n.single(key, "a number")
	if err != nil {
		return err
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= s.min && v <= s.max) { // so that what is no number is not within
		return n.wrong(key, "%s: want a number from %s to %s", n.quote(), decimal(s.min), decimal(s.max))
	}
	*s.at = v
	return nil
}

func (s number) show() string { return decimal(*s.at) }

func (s number) describe() description {
	return description{kind: "number", unit: s.unit, allowed: decimal(s.min) + " to " + decimal(s.max),
		schema: map[string]any{"type": "number", "minimum": s.min, "maximum": s.max}}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// whole is a whole number within limits.
type whole struct {
	at       *int
	min, max int
	unit     string
}

func (s whole) read(n *node, key string) error {
	value, err := n.single(key, "a number")
	if err != nil {
		return err
	}
	v, err := strconv.Atoi(value)
	if err != nil || v < s.min || v > s.max {
		return n.wrong(key, "%s: want a whole number from %d to %d", n.quote(), s.min, s.max)
	}
	*s.at = v
	return nil
}

func (s whole) show() string { return strconv.Itoa(*s.at) }

func (s whole) describe() description {
	return description{kind: "whole number", unit: s.unit, allowed: fmt.Sprintf("%d to %d", s.min, s.max),
		schema: map[string]any{"type": "integer", "minimum": s.min, "maximum": s.max}}
}

// choice is one of a few words.
type choice[T comparable] struct {
	at      *T
	options []option[T]
}

type option[T comparable] struct {
	name  string
	value T
}

func (s choice[T]) read(n *node, key string) error {
	value, err := n.single(key, s.words("or"))
	if err != nil {
		return err
	}
	for _, o := range s.options {
		if o.name == value {
			*s.at = o.value
			return nil
		}
	}
	return n.wrong(key, "%s: want %s%s", n.quote(), s.words("or"), hint(n, s.names()))
}

func (s choice[T]) names() []string {
	var names []string
	for _, o := range s.options {
		names = append(names, o.name)
	}
	return names
}

// words joins the names as a sentence does.
func (s choice[T]) words(joint string) string {
	names := s.names()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + joint + " " + names[last]
}

func (s choice[T]) show() string {
	for _, o := range s.options {
		if o.value == *s.at {
			return o.name
		}
	}
	return fmt.Sprint(*s.at)
}

func (s choice[T]) describe() description {
	return description{kind: "word", allowed: "`" + strings.Join(s.names(), "`, `") + "`",
		schema: map[string]any{"type": "string", "enum": s.names()}}
}

// hint proposes what a wrong value may have meant, unless that would tell a secret or take
// long.
func hint(n *node, known []string) string {
	if n.secret || len(n.text) > maxQuoted {
		return ""
	}
	return catalog.DidYouMean(n.text, known)
}

// date is a day of the calendar.
type date struct{ at *policy.Date }

func (s date) read(n *node, key string) error {
	value, err := n.single(key, "a date such as 2021-02-19")
	if err != nil {
		return err
	}
	day, err := policy.ParseDate(value)
	if err != nil {
		return n.wrong(key, "%s: want a day of the calendar such as 2021-02-19", n.quote())
	}
	*s.at = day
	return nil
}

func (s date) show() string { return inYAML(string(*s.at)) }

func (s date) describe() description {
	return description{kind: "date", unit: "year-month-day", schema: map[string]any{"type": "string", "format": "date"}}
}

// absolute accepts a path that does not depend on where a program happens to run.
func absolute(n *node, key string) error {
	if !filepath.IsAbs(n.text) {
		return n.wrong(key, "%s: want an absolute path such as %s", n.quote(), examplePath())
	}
	return nil
}

func examplePath() string {
	if runtime.GOOS == "windows" {
		return `D:\Tools`
	}
	return "/srv/tools"
}
