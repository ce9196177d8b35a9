package catalog

import (
	"errors"
	"fmt"
	"strings"
)

// An anchor is the exact piece of text by which an indicator is found: one hash look-up
// per evidence and field instead of a comparison with every pattern, so that the cost of
// an evidence does not grow with the catalog.
type anchor struct {
	field string // which text of the evidence is looked up
	form  form   // which part of that text
	text  string
}

// form says which part of a text is the anchor.
type form byte

const (
	whole form = iota // all of it
	tail              // after the last separator
	dir               // the last segment but one
	head              // before the first space
)

// Fields of an evidence that are no attribute.
const (
	fieldValue = "\x00value"
	fieldPath  = "\x00path"
)

// anchors chooses the anchor of each alternative of the indicator, the most selective
// field first. It fails where a pattern offers no exact text to look up.
func (c *compiled) anchors(in *Indicator) ([]anchor, error) {
	if found, ok := anchorsOf(fieldValue, c.value, wholeText); ok {
		return found, nil
	}
	if found, ok := anchorsOf(fieldPath, c.path, tailText); ok {
		return found, nil
	}
	// A walk passes files on by name, so nothing else can stand for one.
	if in.Kind == KindFile {
		return nil, errors.New("no exact name: a file needs an exact value or a path ending in an exact name")
	}
	for i := range c.where {
		cond := &c.where[i]
		for _, text := range []func(glob) (anchor, bool){wholeText, tailText, headText} {
			if found, ok := anchorsOf(cond.attribute, cond.globs, text); ok {
				return found, nil
			}
		}
	}
	if in.Kind == KindProcess {
		if found, ok := anchorsOf(fieldPath, c.path, dirText); ok {
			return found, nil
		}
	}
	return nil, fmt.Errorf("no exact anchor: give an exact value, a path ending in an exact name, or an exact condition")
}

func anchorsOf(field string, globs []glob, text func(glob) (anchor, bool)) ([]anchor, bool) {
	if len(globs) == 0 {
		return nil, false
	}
	found := make([]anchor, 0, len(globs))
	for _, g := range globs {
		a, ok := text(g)
		if !ok {
			return nil, false
		}
		a.field = field
		found = append(found, a)
	}
	return found, true
}

func exactAnchor(f form, text string) (anchor, bool) {
	return anchor{form: f, text: text}, text != "" && glob(text).exact()
}

func wholeText(g glob) (anchor, bool) { return exactAnchor(whole, string(g)) }

func tailText(g glob) (anchor, bool) {
	text := lastSegment(string(g))
	// Without a separator before it, a leading * could swallow part of the name.
	if len(text) == len(g) {
		return anchor{}, false
	}
	return exactAnchor(tail, text)
}

func dirText(g glob) (anchor, bool) {
	last := strings.LastIndexByte(string(g), '/')
	if last < 0 {
		return anchor{}, false
	}
	return tailOnly(g[:last])
}

func tailOnly(g glob) (anchor, bool) {
	a, ok := tailText(g)
	a.form = dir
	return a, ok
}

func headText(g glob) (anchor, bool) {
	text, _, found := strings.Cut(string(g), " ")
	if !found {
		return anchor{}, false
	}
	return exactAnchor(head, text)
}

// part returns the piece of an evidence text that an anchor of this form is compared with.
func (f form) part(text string) string {
	switch f {
	case tail:
		return lastSegment(text)
	case dir:
		return parentSegment(text)
	case head:
		text, _, _ = strings.Cut(text, " ")
	}
	return text
}

// hash is FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) over the probe's slot and
// the text, folded like a pattern, without allocating.
func (s slot) hash(text string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range len(s.salt) {
		h = (h ^ uint64(s.salt[i])) * prime
	}
	for i := 0; i < len(text); {
		r, size := nextFolded(text[i:], s.fold)
		i += size
		h = (h ^ uint64(r)) * prime
	}
	return h
}

// slot is one look-up that evidence of a kind and OS needs: a field and a form.
type slot struct {
	field string
	form  form
	fold  bool
	salt  string
}

func newSlot(os OS, kind Kind, field string, f form) slot {
	salt := strings.Join([]string{string(os), string(kind), field, string('0' + rune(f))}, "\x00")
	return slot{field: field, form: f, fold: foldsCase(kind, os), salt: salt}
}

func (s slot) text(ev *Evidence) string {
	switch s.field {
	case fieldValue:
		return ev.Value
	case fieldPath:
		return s.form.part(ev.Path)
	}
	return s.form.part(ev.Attributes[s.field])
}
