package settings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// texts is a list of texts.
type texts struct {
	at *[]string
	// item says what is wrong with one of them; nil allows any.
	item func(n *node, key string) error
}

func (s texts) read(n *node, key string) error {
	if n.kind == scalar && n.worded && !strings.HasPrefix(strings.TrimSpace(n.text), "[") {
		n = n.commas()
	}
	items, err := n.list(key)
	if err != nil {
		return err
	}
	var errs []error
	value := make([]string, 0, len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", key, i)
		text, err := item.single(at, "a text")
		if err == nil && s.item != nil {
			err = s.item(item, at)
		}
		errs = append(errs, err)
		value = append(value, text)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	*s.at = value
	return nil
}

func (s texts) show() string {
	words := make([]string, len(*s.at))
	for i, text := range *s.at {
		words[i] = inYAML(text)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func (s texts) describe() description {
	return description{kind: "list of texts", schema: map[string]any{"type": "array", "items": map[string]any{"type": "string"}}}
}

// records is a list of entries that have keys of their own.
type records[T any] struct {
	at   *[]T
	keys func(*T) []key
}

func (s records[T]) read(n *node, key string) error {
	items, err := n.list(key)
	if err != nil {
		return err
	}
	var errs []error
	value := make([]T, len(items))
	for i, item := range items {
		errs = append(errs, s.entry(item, fmt.Sprintf("%s[%d]", key, i), s.keys(&value[i])))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	*s.at = value
	return nil
}

func (s records[T]) entry(n *node, at string, keys []key) error {
	n, err := n.written(at)
	if err != nil {
		return err
	}
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].name
	}
	if n.kind != mapping {
		return n.wrong(at, "want an entry with the keys %s, not %s", strings.Join(names, ", "), n.what())
	}
	var errs []error
	misspelt, given := false, map[string]bool{}
	for _, f := range n.fields {
		i := slices.Index(names, f.name)
		switch {
		case i < 0:
			misspelt = true // and what seems to be missing may be that
			errs = append(errs, f.unknown(at, names))
		case f.value.kind != nothing:
			errs = append(errs, keys[i].shape.read(f.value, at+"."+f.name))
			given[f.name] = f.value.kind != scalar || f.value.text != ""
		}
	}
	for i := range keys {
		if keys[i].needed && !given[keys[i].name] && !misspelt {
			errs = append(errs, n.wrong(at+"."+keys[i].name, "is missing"))
		}
	}
	return errors.Join(errs...)
}

func (s records[T]) show() string {
	entries := make([]string, len(*s.at))
	for i := range *s.at {
		var words []string
		empty := s.keys(new(T))
		for j, k := range s.keys(&(*s.at)[i]) {
			if value := k.shape.show(); value != empty[j].shape.show() {
				words = append(words, k.name+": "+value)
			}
		}
		entries[i] = "{" + strings.Join(words, ", ") + "}"
	}
	return "[" + strings.Join(entries, ", ") + "]"
}

// brief is for places where the entries, which name people, do not belong.
func (s records[T]) brief() string {
	if len(*s.at) == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", len(*s.at))
}

func (s records[T]) describe() description {
	entry := object(s.keys(new(T)))
	return description{kind: "list of entries", schema: map[string]any{"type": "array", "items": entry}}
}

// entries are the keys of one entry, for the page that describes them.
func (s records[T]) entries() []key { return s.keys(new(T)) }

// list returns the items of a list, also of one that is written out in a text.
func (n *node) list(key string) ([]*node, error) {
	n, err := n.written(key)
	if err != nil {
		return nil, err
	}
	if n.kind != list {
		return nil, n.wrong(key, "want a list, not %s", n.what())
	}
	return n.items, nil
}

// commas is the short form of a list of texts.
func (n *node) commas() *node {
	out := &node{place: n.place, kind: list}
	for word := range strings.SplitSeq(n.text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			out.items = append(out.items, &node{place: n.place, kind: scalar, text: word, secret: n.secret})
		}
	}
	return out
}

// written reads what a text holds in YAML, of which JSON is a part, where a place knows only
// texts. Elsewhere a text is a text.
func (n *node) written(key string) (*node, error) {
	if n.kind != scalar || !n.worded {
		return n, nil
	}
	inner, err := parseYAML(n.place, []byte(n.text), func(int) string { return n.place })
	var bad *Problem
	switch {
	case errors.As(err, &bad):
		return nil, n.wrong(key, "%s: want it in YAML or JSON: %s", n.quote(), bad.Text)
	case inner.kind == nothing:
		return &node{place: n.place, kind: list}, nil
	}
	return inner, nil
}

// inYAML writes a text so that YAML reads the same text, with quotes only where it needs them.
func inYAML(text string) string {
	plain := regexp.MustCompile(`^[A-Za-z0-9/][A-Za-z0-9/._-]*(:[A-Za-z0-9/._-]+)*( [A-Za-z0-9/._-]+)*$`)
	if plain.MatchString(text) && !strings.EqualFold(text, "null") {
		return text
	}
	return strconv.Quote(text)
}
