package view_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// codesByPrefix reads the codes of the agent out of its source, by the beginning of the key of
// their messages. What a newer agent adds fails here until every language has words for it.
func codesByPrefix(t *testing.T) map[string][]string {
	t.Helper()
	api, policy, detectors := "agent/api/", "agent/policy/", "detectors/"
	verdicts := constants(t, api+"verdict.go", "Verdict")
	codes := map[string][]string{
		"condition":  without(constants(t, api+"conditions.go", "Condition"), "paused"), // whose reasons have words
		"paused":     cases(t, "cmd/beagle/conditions.go", "pauseText"),
		"store":      cases(t, "cmd/beagle/conditions.go", "storeProblem"),
		"changed":    constants(t, api+"change.go", "Changed"),
		"history":    without(constants(t, api+"change.go", "Record"), "changed", "closed"), // which say why
		"closed":     constants(t, api+"change.go", "Closed"),
		"refused":    constants(t, api+"errors.go", "Code"),
		"verdict":    verdicts,
		"summary":    verdicts,
		"reason":     constants(t, policy+"judge.go", "Code"),
		"event":      typed(t, policy+"policy.go", "Status"),
		"nature":     typed(t, policy+"policy.go", "Nature"),
		"kind":       stringsIn(t, policy+"kinds.go", "OrgKinds"),
		"act":        acts(t),
		"problem":    constants(t, detectors+"probe.go", "Code"),
		"status":     typed(t, detectors+"probe.go", "Outcome"),
		"evidence":   constants(t, detectors+"catalog/evidence.go", "Kind"),
		"presence":   typed(t, detectors+"catalog/evidence.go", "Presence"),
		"strength":   typed(t, detectors+"catalog/evidence.go", "Strength"),
		"confidence": typed(t, detectors+"catalog/evidence.go", "Confidence"),
		"gone":       cases(t, "cmd/beagle/wording.go", "goneText"),
		"step":       stringsIn(t, detectors+"catalog/app.go", "StepCodes"),
		"watch":      without(cases(t, "cmd/beagle/watching.go", "watchText"), ""),
		"filter":     typed(t, "gui/view/view.go", "Filter"),
		"lost":       without(typed(t, "gui/view/view.go", "Cause"), ""),
		"failure":    without(typed(t, "gui/view/view.go", "Cause"), "", "refused"),
		"request":    requestKinds(t),
		"appeal":     requestKinds(t),
	}
	codes["probe"], codes["unit"] = probes(t)
	for _, part := range []string{"title", "authority", "jurisdiction", "citation", "2021-01-05"} {
		codes["policy"] = append(codes["policy"], "default."+part)
	}
	for prefix, list := range codes {
		if len(list) < 2 {
			t.Fatalf("only %d codes for %q: the test does not find them", len(list), prefix)
		}
	}
	// Made of parts that no source lists.
	codes["summary"] = append(codes["summary"], "only.residue", "only.installer")
	codes["watch"] = append(codes["watch"], "unknown")
	codes["status"] = append(codes["status"], "request.kept", "request.sent", "request.accepted", "request.rejected")
	return codes
}

func requestKinds(t *testing.T) []string {
	return without(constants(t, "agent/api/requests.go", "Request"), "kept")
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", filepath.FromSlash(path)), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// specs visits the string constants of a file with their names and types.
func specs(t *testing.T, path string, visit func(name, typ, value string)) {
	t.Helper()
	ast.Inspect(parse(t, path), func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		typ := ""
		if id, ok := spec.Type.(*ast.Ident); ok {
			typ = id.Name
		}
		for i, name := range spec.Names {
			if i >= len(spec.Values) {
				continue
			}
			if lit, ok := spec.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				value, _ := strconv.Unquote(lit.Value)
				visit(name.Name, typ, value)
			}
		}
		return true
	})
}

func constants(t *testing.T, path, prefix string) (list []string) {
	specs(t, path, func(name, _, value string) {
		if strings.HasPrefix(name, prefix) {
			list = append(list, value)
		}
	})
	return list
}

func typed(t *testing.T, path, want string) (list []string) {
	specs(t, path, func(_, typ, value string) {
		if typ == want {
			list = append(list, value)
		}
	})
	return list
}

// inFunction visits the nodes of one function.
func inFunction(t *testing.T, path, name string, visit func(ast.Node)) {
	t.Helper()
	for _, decl := range parse(t, path).Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Name.Name == name {
			ast.Inspect(fn, func(n ast.Node) bool { visit(n); return true })
		}
	}
}

// cases are the strings that a function tells apart.
func cases(t *testing.T, path, name string) (list []string) {
	inFunction(t, path, name, func(n ast.Node) {
		clause, ok := n.(*ast.CaseClause)
		if !ok {
			return
		}
		for _, e := range clause.List {
			if lit, ok := e.(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(lit.Value)
				list = append(list, text)
			}
		}
	})
	return list
}

// stringsIn are the strings of a function that lists them.
func stringsIn(t *testing.T, path, name string) (list []string) {
	inFunction(t, path, name, func(n ast.Node) {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, _ := strconv.Unquote(lit.Value)
			list = append(list, text)
		}
	})
	return list
}

// acts are those that some policy forbids.
func acts(t *testing.T) (list []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "agent", "policy", "policies", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`(?m)^acts: \[(.*)\]$`).FindSubmatch(data); m != nil {
			list = append(list, strings.Split(string(m[1]), ", ")...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// probes are the names and units in all literals of probes.
func probes(t *testing.T) (names, units []string) {
	t.Helper()
	root := filepath.Join("..", "..", "detectors")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(data)
		constant := func(expr string) string { // a literal, or a constant of the same file
			if value, err := strconv.Unquote(expr); err == nil {
				return value
			}
			if m := regexp.MustCompile(`const ` + expr + ` = "([^"]*)"`).FindStringSubmatch(text); m != nil {
				return m[1]
			}
			if m := regexp.MustCompile(`const name, unit = "([^"]*)", "([^"]*)"`).FindStringSubmatch(text); m != nil {
				return m[map[string]int{"name": 1, "unit": 2}[expr]]
			}
			return ""
		}
		for _, m := range regexp.MustCompile(`Probe{\s*Name: *([^,\n]+),\s*Unit: *([^,\n]+),`).FindAllStringSubmatch(text, -1) {
			if name := constant(m[1]); name != "" {
				names = append(names, name)
			}
			if unit := constant(m[2]); unit != "" {
				units = append(units, unit)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	slices.Sort(units)
	return slices.Compact(names), slices.Compact(units)
}

func without(list []string, out ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return slices.Contains(out, s) })
}
