package catalog

import (
	"slices"
	"strings"
)

// nameSet holds the file names of one OS that the catalog asks for, so that a walk over
// millions of files passes on only those.
type nameSet struct {
	files  map[string]bool // last segments of file indicators
	beside map[string]bool // neighbours that some indicator asks for
	fold   bool
}

func (ix *Index) nameSet(os OS) *nameSet {
	set, ok := ix.names[os]
	if !ok {
		set = &nameSet{map[string]bool{}, map[string]bool{}, os != Linux}
		ix.names[os] = set
	}
	return set
}

// WantsFile reports whether some file indicator of this OS asks for a file of this name. It
// does not allocate for ASCII names of up to 64 bytes: a walk calls it for every entry.
func (ix *Index) WantsFile(os OS, name []byte) bool {
	set := ix.names[os]
	if set == nil {
		return false
	}
	if !set.fold {
		return set.files[string(name)]
	}
	var buf [64]byte
	if len(name) <= len(buf) && isASCII(name) {
		for i, c := range name {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			buf[i] = c
		}
		return set.files[string(buf[:len(name)])]
	}
	return set.files[strings.Map(foldRune, string(name))]
}

// Beside returns those of names that some indicator of this OS asks for in "beside",
// sorted and joined by "/" as [AttrBeside] wants them; self is left out.
func (ix *Index) Beside(os OS, self string, names []string) string {
	set := ix.names[os]
	if set == nil {
		return ""
	}
	var found []string
	for _, name := range names {
		key := name
		if set.fold {
			key = strings.Map(foldRune, name)
		}
		if name != self && set.beside[key] && !strings.Contains(name, "/") {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return strings.Join(found, "/")
}

// AsksBeside reports whether any indicator of this OS looks at neighbouring names at all.
func (ix *Index) AsksBeside(os OS) bool {
	set := ix.names[os]
	return set != nil && len(set.beside) > 0
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// Asks reports whether evidence of this kind, OS and value may match some indicator, so
// that a probe spends a second look only where it can matter.
func (ix *Index) Asks(ev *Evidence) bool {
	for _, s := range ix.slots[stage{ev.OS, ev.Kind}] {
		text := s.text(ev)
		if text == "" {
			continue
		}
		if _, ok := ix.table[s.hash(text)]; ok {
			return true
		}
	}
	return false
}
