package view_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"beagle/gui/view"
)

// message is one text, or its plural forms by category.
type message map[string]string

func (m *message) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*m = message{"other": text}
		return nil
	}
	forms := map[string]string{}
	err := json.Unmarshal(data, &forms)
	*m = forms
	return err
}

func readMessages(t *testing.T, tag string) map[string]message {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("messages", tag+".json"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]message{}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	return all
}

// placeholders are the arguments of a text.
func placeholders(text string) []string {
	list := regexp.MustCompile(`{{[^}]*}}`).FindAllString(text, -1)
	slices.Sort(list)
	return slices.Compact(list)
}

// everywhere are the arguments that all forms of a message use, anywhere those of any form.
func (m message) everywhere() (list []string) {
	for _, arg := range m.anywhere() {
		all := true
		for _, text := range m {
			all = all && strings.Contains(text, arg)
		}
		if all {
			list = append(list, arg)
		}
	}
	return list
}

func (m message) anywhere() (list []string) {
	for _, text := range m {
		list = append(list, placeholders(text)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestLanguagesAgree(t *testing.T) {
	english := readMessages(t, "en")
	// The categories that whole numbers on a screen fall into, by CLDR; what is missing is read
	// from "other", as for the millions of Spanish and French.
	forms := map[string][]string{"de": {"one", "other"}, "en": {"one", "other"}, "es": {"one", "other"}, "fr": {"one", "other"}, "zh-Hans": {"other"}}
	for _, tag := range view.Languages() {
		all := readMessages(t, tag)
		for key, want := range english {
			got, ok := all[key]
			if !ok {
				t.Errorf("%s lacks %q", tag, key)
				continue
			}
			if len(want) > 1 && !slices.Equal(slices.Sorted(maps.Keys(got)), forms[tag]) {
				t.Errorf("%s: %q has the forms %v, want %v", tag, key, slices.Sorted(maps.Keys(got)), forms[tag])
			}
			if len(want) == 1 && len(got) != 1 {
				t.Errorf("%s: %q has plural forms, in English it has none", tag, key)
			}
			for _, arg := range got.anywhere() {
				if arg != "{{.count}}" && !slices.Contains(want.anywhere(), arg) {
					t.Errorf("%s: %q has %s, which English has not", tag, key, arg)
				}
				if !regexp.MustCompile(`^{{\.[a-z_]+}}$`).MatchString(arg) {
					t.Errorf("%s: %q has %s: only names are understood", tag, key, arg)
				}
			}
			for _, arg := range want.everywhere() {
				if !slices.Contains(got.anywhere(), arg) {
					t.Errorf("%s: %q lacks %s", tag, key, arg)
				}
			}
			for form, text := range got {
				if text == "" || strings.Count(text, "{{") != strings.Count(text, "}}") {
					t.Errorf("%s: %q, %s: %q", tag, key, form, text)
				}
			}
		}
		for key := range all {
			if _, ok := english[key]; !ok {
				t.Errorf("%s has %q, which English has not", tag, key)
			}
		}
	}
}

// literals are the strings in the package's own code: whole keys, and the beginnings and ends
// from which others are made. Said are those that are given as keys.
func literals(t *testing.T) (all, said map[string]bool) {
	t.Helper()
	all, said = map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
					all[text] = true
				}
			case *ast.CallExpr:
				if fn, ok := n.Fun.(*ast.SelectorExpr); ok && (fn.Sel.Name == "say" || fn.Sel.Name == "count" || fn.Sel.Name == "bare") {
					if lit, ok := n.Args[0].(*ast.BasicLit); ok {
						key, _ := strconv.Unquote(lit.Value)
						said[key] = true
					}
				}
			}
			return true
		})
	}
	return all, said
}

func TestEveryKeyIsThereAndUsed(t *testing.T) {
	english := readMessages(t, "en")
	all, said := literals(t)
	for key := range said {
		if _, ok := english[key]; !ok {
			t.Errorf("the code says %q, which no language has", key)
		}
	}
	codes := codesByPrefix(t)
	for prefix, list := range codes {
		for _, code := range list {
			if _, ok := english[prefix+"."+code]; !ok {
				t.Errorf("code %q has no message %q", code, prefix+"."+code)
			}
		}
	}
	ends := func(text string) bool { // the end of a key that the code makes, or a code
		text = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(text, ".text"), ".why"), ".todo")
		return all[text] || text == "" || regexp.MustCompile(`^[0-9]+$`).MatchString(text)
	}
	for key := range english {
		used := all[key]
		for i, r := range key {
			if r != '.' || used {
				continue
			}
			begin, end := key[:i], key[i+1:]
			made := all[begin] || all[begin+"."]
			used = made && ends(end) || made && slices.Contains(codes[begin], strings.TrimSuffix(strings.TrimSuffix(end, ".why"), ".todo"))
		}
		if !used {
			t.Errorf("nothing uses %q", key)
		}
	}
}

// TestShort keeps what stands in menus, badges and buttons narrow in every language.
func TestShort(t *testing.T) {
	limits := map[string]int{"verdict.": 22, "presence.": 22, "confidence.": 16, "strength.": 16, "status.": 18, "filter.": 18, "tray.open": 18, "tray.sent": 22,
		"tray.about": 18, "tray.quit": 10, "look.now": 20, "action.": 26, "word.findings": 12, "word.history": 12, "word.coverage": 12, "word.privacy": 14, "word.about": 14}
	for _, tag := range view.Languages() {
		for key, m := range readMessages(t, tag) {
			for prefix, limit := range limits {
				if !strings.HasPrefix(key, prefix) || strings.HasSuffix(key, ".why") || strings.HasSuffix(key, ".tip") {
					continue
				}
				for _, text := range m {
					if n := len([]rune(text)); n > limit {
						t.Errorf("%s: %s has %d letters, at most %d fit: %s", tag, key, n, limit, text)
					}
				}
			}
		}
	}
}

// TestDefaultPolicy makes sure that our words about the default policy are those of its file.
func TestDefaultPolicy(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "agent", "policy", "policies", "default.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := strings.Join(strings.Fields(string(data)), " ")
	for key, m := range readMessages(t, "en") {
		if strings.HasPrefix(key, "policy.default.") && !strings.Contains(file, m["other"]) {
			t.Errorf("%s is not what the policy says: translate it anew, and add a date if the policy has a new event: %s", key, m["other"])
		}
	}
	if n := strings.Count(file, "- date:"); n != 1 {
		t.Errorf("the default policy has %d events, one is translated", n)
	}
}
