package all_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

// TestEveryProbeIsListed finds the probe that somebody wrote and forgot to list.
func TestEveryProbeIsListed(t *testing.T) {
	// Given every exported function of the probe packages that returns a probe,
	list, err := os.ReadFile("all.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, pattern := range []string{"../*.go", "../linux/*.go", "../macos/*.go", "../windows/*.go", "../process/*.go", "../exe/*.go", "../browser/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, name := range probesIn(t, file) {
				found++
				// then the list calls it.
				if !strings.Contains(string(list), name+"(") {
					t.Errorf("%s: %s is not listed in all.go", file, name)
				}
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d probes found: does the test still look in the right places?", found)
	}
}

func probesIn(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range parsed.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil || strings.HasSuffix(file, "_test.go") {
			continue
		}
		if name := typeName(fn.Type.Results.List[0].Type); name == "Probe" {
			names = append(names, parsed.Name.Name+"."+fn.Name.Name)
		}
	}
	return names
}

func typeName(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

func TestProbesFitTheHost(t *testing.T) {
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, host string
		opt        all.Options
		want       string
	}{
		{"a live Linux", "os: linux\nprocess: 1 root /sbin/init\n-- etc/x --\n", all.Options{}, "profiles processes dpkg desktop opt"},
		{"without processes", "os: linux\nprocess: 1 root /sbin/init\n-- etc/x --\n", all.Options{NoProcesses: true}, "profiles dpkg desktop opt"},
		{"offline runs nothing", "os: linux\n-- etc/x --\n", all.Options{Deep: true}, "profiles dpkg desktop opt portable"},
		{"a named place", "os: windows\n-- Users/a/x --\n", all.Options{Paths: []string{`C:\Users\a`}}, "profiles uninstall portable"},
		{"a Mac", "os: macos\n-- Applications/x --\n", all.Options{}, "profiles bundles"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var names []string
			for _, p := range all.Probes(hosttest.New(t, c.host), index, c.opt) {
				names = append(names, p.Name)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
