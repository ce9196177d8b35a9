package settings

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"beagle/detectors/catalog"
)

// given are the values of one layer by the name of their key.
type given map[string]*node

// sort tells which key each value of a tree is for, and says what is for none.
func sort(root *node, keys []key) (given, []error) {
	s := sorter{keys, given{}, nil}
	switch root.kind {
	case nothing:
	case mapping:
		s.section(root, "")
	default:
		s.errs = append(s.errs, root.wrong("", "want keys such as %s, not %s", s.below("")[0], root.what()))
	}
	return s.given, s.errs
}

type sorter struct {
	keys  []key
	given given
	errs  []error
}

func (s *sorter) section(n *node, path string) {
	for _, f := range n.fields {
		name := join(path, f.name)
		below := s.below(name)
		switch {
		case f.value.kind == nothing && (len(below) > 0 || s.has(name)):
		case s.given[name] != nil:
			s.errs = append(s.errs, f.value.wrong(name, "is given twice"))
		case s.has(name):
			s.given[name] = f.value
		case len(below) > 0 && f.value.kind == mapping:
			s.section(f.value, name)
		case len(below) > 0:
			s.errs = append(s.errs, f.value.wrong(name, "want keys such as %s, not %s", below[0], f.value.what()))
		default:
			s.errs = append(s.errs, s.unknown(f, path))
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (s *sorter) has(name string) bool {
	for i := range s.keys {
		if s.keys[i].name == name {
			return true
		}
	}
	return false
}

// below lists what may stand in a section, "" being the whole; it is empty for what is none.
func (s *sorter) below(path string) []string {
	var names []string
	for i := range s.keys {
		rest, inside := strings.CutPrefix(s.keys[i].name, path+".")
		if path == "" {
			rest, inside = s.keys[i].name, true
		}
		name, _, _ := strings.Cut(rest, ".")
		if inside && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
	}
	return names
}

// unknown proposes a neighbour with a similar name, or the same name in another section.
func (s *sorter) unknown(f *field, path string) error {
	for i := range s.keys {
		if strings.HasSuffix(s.keys[i].name, "."+f.name) {
			return f.value.wrong(join(path, printable(f.name)), "unknown key; did you mean %q?", s.keys[i].name)
		}
	}
	return f.unknown(path, s.below(path))
}

func (f *field) unknown(path string, known []string) error {
	hint := ""
	if len(f.name) <= maxQuoted {
		hint = catalog.DidYouMean(f.name, known)
	}
	return f.value.wrong(join(path, printable(f.name)), "unknown key%s", hint)
}

// printable keeps a name that somebody made up from doing anything to a terminal.
func printable(name string) string {
	if len(name) > maxQuoted {
		name = name[:maxQuoted] + "..."
	}
	for _, r := range name {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(name)
		}
	}
	return name
}
