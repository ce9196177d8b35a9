package catalog

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// Patterns are alternatives, written in YAML as one text or a list of texts. Each is exact
// text or a glob: * stands for any run of characters, separators included, ? for one.
type Patterns []string

var _ yaml.InterfaceUnmarshaler = (*Patterns)(nil)

// UnmarshalYAML reads one text or a list.
func (p *Patterns) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*p = Patterns{one}
		return nil
	}
	var many []string
	if err := unmarshal(&many); err != nil {
		return fmt.Errorf("want one text or a list of texts: %w", err)
	}
	*p = many
	return nil
}

// glob is one compiled pattern: folded if its kind folds case, with / as separator.
type glob string

func compileGlob(pattern string, fold bool) glob {
	pattern = strings.ReplaceAll(pattern, `\`, "/")
	if fold {
		pattern = strings.Map(foldRune, pattern)
	}
	return glob(pattern)
}

func (g glob) exact() bool { return !strings.ContainsAny(string(g), "*?") }

// match reports whether the glob covers the whole of s. It never takes more than
// len(g)·len(s) steps: on a mismatch only the last * is widened.
func (g glob) match(s string, fold bool) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		r, size := nextFolded(s[i:], fold)
		if p < len(g) {
			if g[p] == '*' {
				star, mark = p, i
				p++
				continue
			}
			want, wantSize := utf8.DecodeRuneInString(string(g[p:]))
			if want == '?' || want == r {
				p += wantSize
				i += size
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, step := nextFolded(s[mark:], fold)
		mark += step
		i, p = mark, star+1
	}
	for p < len(g) && g[p] == '*' {
		p++
	}
	return p == len(g)
}

// nextFolded decodes one rune of evidence text the way patterns were compiled. Invalid
// UTF-8 yields one replacement rune a byte, so that odd file names still match a *.
func nextFolded(s string, fold bool) (rune, int) {
	c := s[0]
	if c < utf8.RuneSelf {
		if c == '\\' {
			return '/', 1
		}
		if fold && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return rune(c), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	if fold {
		r = foldRune(r)
	}
	return r, size
}

func foldRune(r rune) rune { return unicode.ToLower(r) }

func matchAny(globs []glob, s string, fold bool) bool {
	for _, g := range globs {
		if g.match(s, fold) {
			return true
		}
	}
	return false
}
