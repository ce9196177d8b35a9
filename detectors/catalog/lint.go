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
	for field, text := range map[string]string{"id": app.ID, "name": app.Name, "vendor": app.Vendor, "summary": app.Summary} {
		if text == "" {
			l.complain("%s is missing", field)
		}
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
			if !slices.Contains(Kinds(), in.Kind) {
				l.complain("%s: unknown kind %q", where, in.Kind)
			}
			if !slices.Contains(Presences(), in.Presence) {
				l.complain("%s: unknown presence %q", where, in.Presence)
			}
			if limit := in.Grade.cap(); limit == "" {
				l.complain("%s: unknown grade %q", where, in.Grade)
			} else if in.Strength.rank() > limit.rank() || in.Strength.rank() == 0 {
				l.complain("%s: strength %q, but a fact of grade %q is at most %q", where, in.Strength, in.Grade, limit)
			}
			if in.Source == "" {
				l.complain("%s: no source", where)
			}
			if in.Edition != "" && !slices.ContainsFunc(l.app.Editions, func(e Edition) bool { return e.ID == in.Edition }) {
				l.complain("%s: edition %q is not listed", where, in.Edition)
			}
			l.trust(in, where)
		}
	}
}

// trust holds an indicator to what real machines taught: a bare name proves nothing, and
// an Uninstall key counts as proof only with the file it speaks of.
func (l *linter) trust(in *Indicator, where string) {
	nameOnly := len(in.Path) == 0 && len(in.Where) == 0 && len(in.Beside) == 0
	if (in.Kind == KindProcess || in.Kind == KindFile) && nameOnly && in.Strength != Hint {
		l.complain("%s: a name alone is never more than a hint", where)
	}
	confirmed := slices.ContainsFunc(in.Where, func(c Condition) bool {
		return c.Attribute == "target_exists" && slices.Equal(c.Matches, Patterns{"true"})
	})
	if in.Kind == KindUninstall && in.Strength == Proof && !confirmed {
		l.complain("%s: an uninstall key is proof only where target_exists is \"true\"", where)
	}
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
