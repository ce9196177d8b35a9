package agent_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rule allows one package, or a folder of packages ending in /..., to import some of
// Beagle's own packages and no others.
type rule struct {
	from   string
	to     []string
	reason string
}

// rules are the arrows of the design, top to bottom; nothing points up. The first rule that
// covers a package holds.
func rules() []rule {
	return []rule{
		{"cmd/beagle", []string{"agent", "agent/api", "agent/policy", "agent/wire", "detectors", "detectors/all", "detectors/catalog", "packaging/linux", "packaging/macos"},
			"the command line asks the agent and shows what it says; stores, parsers and single probes are none of its business; it installs the service that packages bring"},
		{"packaging/...", nil,
			"what packages bring is files; they know no program"},
		{"cmd/beagle-tray", []string{"gui/tray", "agent/api"},
			"the program is its options; what it shows is the tray's business"},
		{"gui/tray/icons/internal/...", []string{"gui/tray/icons/internal/..."},
			"icons are drawn at development time, from nothing but shapes"},
		{"gui/tray/icons", nil,
			"a picture knows nobody"},
		{"gui/tray", []string{"gui/tray/icons", "gui/view", "agent/api"},
			"the tray draws what the view says and asks the agent by its client; the window is another program, which it starts"},
		{"cmd/beagle-gui", []string{"gui/window", "gui/view", "agent/api"},
			"the program is its options, what it opens and that there is only one; what it shows is the window's business"},
		{"gui/window", []string{"gui/view", "agent/api"},
			"the window draws what the view says and asks the agent by its client"},
		{"gui/view", []string{"agent/api"},
			"words depend on what the agent says, not on the toolkit that draws them, so that tray and window say the same"},
		{"agent/api", nil,
			"a client such as the tray must carry no catalog and no probe"},
		{"agent/policy/internal/...", []string{"agent/policy", "detectors/catalog/codegen"},
			"the generator turns policy files into source and nothing else"},
		{"agent/policy", []string{"detectors/catalog", "detectors/catalog/yamldoc"},
			"judging is pure: it sees findings, never hosts or stores"},
		{"agent/internal/settings/internal/...", []string{"agent/internal/settings"},
			"the generator writes the reference of the settings and nothing else"},
		{"agent/internal/...", []string{"agent/api", "agent/policy", "agent/wire", "detectors/catalog", "detectors/catalog/yamldoc", "detectors/catalog/plistdoc"},
			"the agent's rooms do not know the agent, nor how things are detected"},
		{"agent", []string{"agent/internal/...", "agent/api", "agent/policy", "agent/wire", "detectors", "detectors/all", "detectors/watch", "detectors/catalog"},
			"the agent is where rooms meet, and never knows the fleet's side"},
		{"detectors/all", []string{"detectors", "detectors/catalog", "detectors/linux", "detectors/windows", "detectors/macos", "detectors/browser", "detectors/process", "detectors/exe", "detectors/watch"},
			"the list of probes is the only place that knows them all"},
		{"detectors/catalog/internal/...", []string{"detectors/catalog", "detectors/catalog/codegen"},
			"the generator turns catalog files into source and nothing else"},
		{"detectors/catalog/codegen", nil,
			"it turns any values into source, and so knows none"},
		{"detectors/catalog/plistdoc", []string{"detectors/internal/..."},
			"it lends the probes' reader of property lists to those who may not know probes"},
		{"detectors/catalog/yamldoc", nil,
			"it reads any document, and so knows none"},
		{"detectors/catalog", []string{"detectors/catalog/yamldoc"},
			"matching is pure: it sees evidence, never hosts"},
		{"detectors/hosttest", []string{"detectors", "detectors/catalog", "detectors/hosttest/hivefile"},
			"it makes hosts for the tests of others"},
		{"detectors/hosttest/hivefile", nil,
			"a writer must not share code with the reader it tests"},
		{"detectors/internal/...", []string{"detectors/internal/..."},
			"parsers take bytes and return values; they know no host"},
		{"detectors/linux", []string{"detectors", "detectors/catalog", "detectors/windows", "detectors/internal/..."},
			"a Wine prefix is read as a small Windows host; otherwise probes do not know each other"},
		{"detectors", []string{"detectors/catalog", "detectors/internal/..."},
			"hosts and runs do not know single probes"},
		{"detectors/...", []string{"detectors", "detectors/catalog", "detectors/internal/..."},
			"probes do not know each other"},
	}
}

func TestArrows(t *testing.T) {
	// Given every package of the module and what its files, tests aside, import,
	for dir, imports := range packages(t) {
		i := slices.IndexFunc(rules(), func(r rule) bool { return covers(r.from, dir) })
		if i < 0 {
			t.Errorf("package %s has no rule: draw its arrows in the design and here", dir)
			continue
		}
		// then each import of ours is an arrow of the design.
		r := rules()[i]
		for _, imported := range imports {
			own, ours := strings.CutPrefix(imported, "beagle/")
			if ours && !slices.ContainsFunc(r.to, func(to string) bool { return covers(to, own) }) {
				t.Errorf("%s imports %s: %s", dir, own, r.reason)
			}
		}
	}
}

// TestForbiddenModules keeps heavy things out of the programs that stay.
func TestForbiddenModules(t *testing.T) {
	for prefix, reason := range map[string]string{
		"fyne.io/fyne":                     "the toolkit's loop wakes 60 times a second and holds over 100 MB for ever",
		"github.com/go-gl":                 "it needs cgo and a display",
		"google.golang.org/grpc":           "OTLP goes over HTTP; gRPC would more than double the program",
		"github.com/invopop/jsonschema":    "schemas are made at development time",
		"beagle/detectors/catalog/codegen": "source is generated at development time",
		"testing":                          "test helpers stay in tests",
	} {
		for _, program := range []string{"cmd/beagle", "cmd/beagle-tray"} {
			for _, dep := range dependencies(t, "beagle/"+program) {
				if dep.path == prefix || strings.HasPrefix(dep.path, prefix+"/") {
					t.Errorf("%s links %s: %s", program, dep.path, reason)
				}
			}
		}
	}
}

// TestNoCgo asks with cgo switched on, for then the packages that would use it show. The
// standard library's can do without. The tray of macOS is the system's own, in Objective-C.
func TestNoCgo(t *testing.T) {
	t.Setenv("CGO_ENABLED", "1")
	optional := []string{"net", "os/user", "runtime/cgo", "plugin"}
	seen := false
	for _, on := range []struct{ goos, program string }{
		{"linux", "cmd/beagle"}, {"windows", "cmd/beagle"}, {"darwin", "cmd/beagle"},
		{"linux", "cmd/beagle-tray"}, {"windows", "cmd/beagle-tray"},
	} {
		t.Setenv("GOOS", on.goos)
		for _, dep := range dependencies(t, "beagle/"+on.program) {
			seen = seen || dep.cgo
			if dep.cgo && !slices.Contains(optional, dep.path) {
				t.Errorf("on %s %s needs cgo for %s: it could not be cross-built or run on an old libc", on.goos, on.program, dep.path)
			}
		}
	}
	if !seen {
		t.Error("no package uses cgo, not even runtime/cgo: the test sees nothing")
	}
}

type dependency struct {
	path string
	cgo  bool
}

func dependencies(t *testing.T, pkg string) []dependency {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{len .CgoFiles}}", pkg)
	cmd.Dir = moduleRoot(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	var deps []dependency
	for line := range strings.Lines(string(out)) {
		path, count, _ := strings.Cut(strings.TrimSpace(line), " ")
		deps = append(deps, dependency{path, count != "0"})
	}
	return deps
}

func covers(pattern, dir string) bool {
	if folder, all := strings.CutSuffix(pattern, "/..."); all {
		return strings.HasPrefix(dir, folder+"/")
	}
	return pattern == dir
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// source is one parsed file of the module.
type source struct {
	dir, name string
	set       *token.FileSet
	file      *ast.File
	lines     int
}

func (s *source) test() bool      { return strings.HasSuffix(s.name, "_test.go") }
func (s *source) generated() bool { return ast.IsGenerated(s.file) }

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	root := moduleRoot(t)
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".ci" && path != root || d.Name() == "build" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, data, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all = append(all, source{filepath.ToSlash(filepath.Dir(rel)), filepath.Base(rel), set, file, strings.Count(string(data), "\n")})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func packages(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.dir, ".ci") {
			continue
		}
		found[s.dir] = append(found[s.dir], "")
		for _, imp := range s.file.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[s.dir] = append(found[s.dir], path)
		}
	}
	return found
}

func (s *source) at(pos token.Pos) string {
	return fmt.Sprintf("%s/%s:%d", s.dir, s.name, s.set.Position(pos).Line)
}
