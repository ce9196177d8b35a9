package catalog

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Problem is one thing that lint holds against an entry.
type Problem struct {
	App  string
	Text string
}

func (p Problem) String() string { return p.App + ": " + p.Text }

// Lint checks a whole catalog: every rule of the catalog guide that a program can check.
// It returns nothing for a catalog that may ship.
func Lint(src *Source) []Problem {
	l := linter{seen: map[string]string{}}
	for i := range src.Apps {
		l.app = &src.Apps[i]
		for _, fault := range check(l.app) {
			l.complain("%s", fault)
		}
		l.fields()
		l.indicators()
		l.removal()
	}
	index, err := src.Compile()
	if err != nil {
		return append(l.found, Problem{"catalog", err.Error()})
	}
	for i := range src.Apps {
		l.app = &src.Apps[i]
		l.examples(index)
	}
	return l.found
}

type linter struct {
	app   *App
	found []Problem
	seen  map[string]string // lower-case name → app id
}

func (l *linter) complain(format string, args ...any) {
	l.found = append(l.found, Problem{l.app.ID, fmt.Sprintf(format, args...)})
}

func (l *linter) fields() {
	app := l.app
	if app.Vendor == "" {
		l.complain("vendor is missing")
	}
	if app.Summary == "" {
		l.complain("summary is missing")
	}
	if strings.Trim(app.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		l.complain("id may hold only a-z, 0-9 and -")
	}
	if u, err := url.Parse(app.Homepage); app.Homepage != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		l.complain("homepage %q is no https address", app.Homepage)
	}
	for _, name := range app.names() {
		key := strings.ToLower(name)
		if other, taken := l.seen[key]; taken && other != app.ID && name != "" {
			l.complain("the name %q is taken by %q", name, other)
		}
		l.seen[key] = app.ID
	}
	any := len(app.Indicators.Linux) + len(app.Indicators.MacOS) + len(app.Indicators.Windows)
	if any == 0 && len(app.CarriedBy) == 0 {
		l.complain("no indicators and no carrier: it could never be found")
	}
}

func (l *linter) indicators() {
	for _, os := range Systems() {
		for n := range l.app.Indicators.For(os) {
			in := &l.app.Indicators.For(os)[n]
			where := fmt.Sprintf("%s indicator %d", os, n+1)
			if limit := in.Grade.cap(); limit != "" && in.Strength.rank() > limit.rank() {
				l.complain("%s: strength %q, but a fact of grade %q is at most %q", where, in.Strength, in.Grade, limit)
			}
			if in.Source == "" {
				l.complain("%s: no source", where)
			}
			if in.Edition != "" && !slices.ContainsFunc(l.app.Editions, func(e Edition) bool { return e.ID == in.Edition }) {
				l.complain("%s: edition %q is not listed", where, in.Edition)
			}
			l.trust(os, in, where)
		}
	}
}

// trust holds an indicator to what real machines taught: a bare name proves nothing, a file
// that no system would run is no copy of an app, and an Uninstall key counts as proof only
// with the file it speaks of.
func (l *linter) trust(os OS, in *Indicator, where string) {
	if in.Strength != Hint && (in.Kind == KindProcess || in.Kind == KindFile) && nameOnly(in) {
		l.complain("%s: a name alone is never more than a hint", where)
	}
	if in.Strength != Hint && in.Kind == KindFile && !demandsProgram(os, in) {
		l.complain("%s: a file is more than a hint only with a condition that its format is one of %v", where, programs(os))
	}
	confirmed := slices.ContainsFunc(in.Where, func(c Condition) bool {
		return c.Attribute == attrTargetExists && slices.Equal(c.Matches, Patterns{"true"})
	})
	if in.Kind == KindUninstall && in.Strength == Proof && !confirmed {
		l.complain("%s: an uninstall key is proof only where target_exists is \"true\"", where)
	}
}

// nameOnly reports whether nothing but a file name picks the evidence: neither a folder nor
// a neighbour, nor an attribute that tells one product from another.
func nameOnly(in *Indicator) bool {
	if len(in.Beside) > 0 {
		return false
	}
	folder := len(in.Path) > 0 && !slices.ContainsFunc(in.Path, func(path string) bool {
		return strings.Trim(strings.TrimSuffix(path, lastSegment(path)), `*?/\`) == ""
	})
	telling := slices.ContainsFunc(in.Where, func(c Condition) bool {
		return !slices.Contains([]string{attrFormat, attrTargetExists, AttrGone, AttrLoose}, c.Attribute)
	})
	return !folder && !telling
}

// Attributes of probes that lint knows: the format of a file by its first bytes, and whether
// the file that an Uninstall key speaks of is there.
const (
	attrFormat       = "format"
	attrTargetExists = "target_exists"
)

func demandsProgram(os OS, in *Indicator) bool {
	return slices.ContainsFunc(in.Where, func(c Condition) bool {
		return c.Attribute == attrFormat && len(c.Matches) > 0 && !slices.ContainsFunc(c.Matches, func(format string) bool {
			return !slices.Contains(programs(os), format)
		})
	})
}

// programs lists the formats of what a system runs or loads into a program.
func programs(os OS) []string {
	switch os {
	case Linux:
		return []string{"elf", "appimage", "script"}
	case MacOS:
		return []string{"macho"}
	case Windows:
		return []string{"pe"}
	}
	return nil
}

func (l *linter) removal() {
	for _, os := range Systems() {
		if len(l.app.Indicators.For(os)) > 0 && len(l.app.Removal.For(os)) == 0 {
			l.complain("found on %s, but no removal steps say how to get rid of it", os)
		}
	}
}

// examples runs every example and near miss. Each indicator needs an example of its own,
// or nobody would notice when it stops matching.
func (l *linter) examples(index *Index) {
	used := map[*Indicator]bool{}
	for n := range l.app.Examples {
		ex := &l.app.Examples[n]
		ev := ex.Evidence()
		index.Recognise(&ev, func(m Matched) {
			if index.apps[m.app].ID == l.app.ID {
				used[m.Indicator] = true
			}
		})
		if problem := checkExample(index, l.app.ID, ex); problem != "" {
			l.complain("example %d (%s %q): %s", n+1, ex.Kind, ex.Value, problem)
		}
	}
	for n := range l.app.NearMisses {
		ev := l.app.NearMisses[n].Evidence()
		index.Recognise(&ev, func(m Matched) {
			l.complain("near miss %d (%s %q) is taken for %q", n+1, ev.Kind, ev.Value, index.apps[m.app].ID)
		})
		if l.app.NearMisses[n].Why == "" {
			l.complain("near miss %d does not say why", n+1)
		}
	}
	for _, os := range Systems() {
		for n := range l.app.Indicators.For(os) {
			if !used[&l.app.Indicators.For(os)[n]] {
				l.complain("%s indicator %d: no example is matched by it first", os, n+1)
			}
		}
	}
}

func checkExample(index *Index, app string, ex *Example) string {
	for _, f := range index.Match([]Evidence{ex.Evidence()}) {
		if f.App.ID != app {
			continue
		}
		if f.Confidence != ex.Confidence {
			return fmt.Sprintf("confidence is %q, want %q", f.Confidence, ex.Confidence)
		}
		if !slices.Equal(f.Presence, []Presence{ex.Presence}) {
			return fmt.Sprintf("presence is %v, want [%s]", f.Presence, ex.Presence)
		}
		return ""
	}
	return "not recognised"
}
