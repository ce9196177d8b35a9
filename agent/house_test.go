package agent_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// The soft limits of the house: a file has one subject, a function fits on a screen.
const (
	maxFileLines = 400
	maxTestLines = 600
	maxFuncLines = 70
)

func TestPackageComments(t *testing.T) {
	// Given all packages, then each has exactly one comment, in the form that tools show.
	comments, seen := map[string]int{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		seen[s.dir] = true
		if s.file.Doc == nil {
			continue
		}
		comments[s.dir]++
		text := s.file.Doc.Text()
		want := "Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(text, want) {
			t.Errorf("%s/%s: the package comment begins %.30q, want %q", s.dir, s.name, text, want)
		}
	}
	for dir := range seen {
		if comments[dir] != 1 {
			t.Errorf("%s has %d package comments, want one", dir, comments[dir])
		}
	}
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated() {
			continue
		}
		limit := maxFileLines
		if s.test() {
			limit = maxTestLines
		}
		if s.lines > limit {
			t.Errorf("%s/%s has %d lines: a file has one subject and at most %d", s.dir, s.name, s.lines, limit)
		}
		for _, decl := range s.file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || s.test() {
				continue
			}
			lines := s.set.Position(fn.End()).Line - s.set.Position(fn.Pos()).Line + 1
			if lines > maxFuncLines {
				t.Errorf("%s: %s has %d lines: a function fits on a screen, at most %d", s.at(fn.Pos()), fn.Name.Name, lines, maxFuncLines)
			}
		}
	}
}

// banned are calls that the house does not make, with the reason and where they are needed.
func banned() []struct{ call, reason, except string } {
	return []struct{ call, reason, except string }{
		{"time.Sleep", "wait for what you wait for, and stop with the context", ""},
		{"os.Exit", "return an error or a code; main alone ends the program", "main.go"},
		{"context.TODO", "take the caller's context", ""},
		{"exec.Command", "probes start no child processes; the tray starts the window; tests and tools may", ".ci gui/tray"},
		{"exec.CommandContext", "probes start no child processes; tests and tools may", ".ci"},
		{"log.Fatal", "return an error", ""},
	}
}

func TestBannedCalls(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := callName(call)
			if name == "panic" && !s.test() {
				t.Errorf("%s: panic: return an error", s.at(call.Pos()))
			}
			for _, b := range banned() {
				excepted := slices.ContainsFunc(strings.Fields(b.except), func(place string) bool {
					return s.name == place || strings.HasPrefix(s.dir, place)
				})
				if name == b.call && !excepted && !(s.test() && name != "time.Sleep") {
					t.Errorf("%s: %s: %s", s.at(call.Pos()), name, b.reason)
				}
			}
			return true
		})
	}
}

func callName(call *ast.CallExpr) string {
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		if pkg, ok := fn.X.(*ast.Ident); ok {
			return pkg.Name + "." + fn.Sel.Name
		}
	}
	return ""
}

func TestNoHiddenStart(t *testing.T) {
	// Given all files, tests aside, then nothing runs or changes behind the reader's back.
	for _, s := range sources(t) {
		if s.test() || s.generated() {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					t.Errorf("%s: init: build things where they are used", s.at(d.Pos()))
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					checkVariables(t, &s, d)
				}
			}
		}
	}
}

// checkVariables allows what cannot change in practice: sentinel errors, embedded files,
// and the blank variable that asserts an interface.
func checkVariables(t *testing.T, s *source, d *ast.GenDecl) {
	t.Helper()
	embedded := d.Doc != nil && strings.Contains(d.Doc.List[len(d.Doc.List)-1].Text, "//go:embed")
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		for _, name := range v.Names {
			sentinel := strings.HasPrefix(name.Name, "Err") || strings.HasPrefix(name.Name, "err")
			if name.Name != "_" && !sentinel && !embedded {
				t.Errorf("%s: variable %s: pass it, or make it a constant or a function", s.at(name.Pos()), name.Name)
			}
		}
	}
}
