package catalog_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"beagle/detectors/catalog"
)

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"broken YAML", "x.yaml", "id: [", "x.yaml:1:"},
		{"unknown key", "x.yaml", "id: x\nnmae: X\n", `x.yaml:2:1: unknown field "nmae"`},
		{"wrong type", "x.yaml", "id: x\naliases: {a: b}\n", "x.yaml:2:"},
		{"id is not the file name", "x.yaml", "id: y\n", `x.yaml:1:5: id is "y", but the file name says "x"`},
		{"other ending", "x.yml", "id: x\n", "x.yml: name it .yaml"},
		{"nothing", "readme.txt", "", "no *.yaml file"},
		{"too large", "x.yaml", "# " + strings.Repeat("x", 1<<20) + "\n", "x.yaml: larger than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := catalog.Load(fstest.MapFS{c.file: {Data: []byte(c.text)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("one mistake, but more than one line: %q", err)
			}
		})
	}
}

// TestLoadRefusesUnknownWords spoils one value of an entry at a time.
func TestLoadRefusesUnknownWords(t *testing.T) {
	const whole = "id: x\nname: X\nindicators:\n  linux:\n    - {kind: dpkg, value: x, strength: proof, presence: installed, grade: manifest}\n" +
		"removal:\n  linux:\n    - {code: remove_package, when: [running]}\n" +
		"examples:\n  - {os: linux, kind: dpkg, value: x, confidence: certain, presence: residue}\n"
	for _, c := range []struct{ name, old, spoilt, want string }{
		{"nothing", "", "", ""},
		{"no name", "name: X\n", "", "x.yaml:1:1: name: is missing"},
		{"kind", "kind: dpkg", "kind: dpgk", `x.yaml:5:14: indicators.linux[0].kind: unknown kind "dpgk", want one of [dpkg `},
		{"no kind", "kind: dpkg, ", "", `indicators.linux[0].kind: unknown kind ""`},
		{"strength", "proof", "prove", `indicators.linux[0].strength: unknown strength "prove"`},
		{"presence", "installed", "there", `indicators.linux[0].presence: unknown presence "there"`},
		{"grade", "manifest", "rumour", `indicators.linux[0].grade: unknown grade "rumour"`},
		{"step code", "remove_package", "burn", `x.yaml:8:14: removal.linux[0].code: unknown code "burn"`},
		{"step presence", "running", "walking", `removal.linux[0].when[0]: unknown presence "walking"`},
		{"example OS", "os: linux", "os: beos", `examples[0].os: unknown os "beos"`},
		{"example confidence", "certain", "sure", `examples[0].confidence: unknown confidence "sure"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given an entry with one mistake, when it is loaded,
			src, err := catalog.Load(fstest.MapFS{"x.yaml": {Data: []byte(strings.Replace(whole, c.old, c.spoilt, 1))}})
			// then it is left out, and one line says where and why.
			if c.want == "" {
				if err != nil || len(src.Apps) != 1 {
					t.Errorf("got %d apps, %v; want one", len(src.Apps), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(src.Apps) != 0 {
				t.Errorf("got %d apps, %v; want none, %q", len(src.Apps), err, c.want)
			}
		})
	}
}

func TestLoadNamesEveryBadFile(t *testing.T) {
	_, err := catalog.Load(fstest.MapFS{"a.yaml": {Data: []byte("id: [")}, "b.yaml": {Data: []byte("no: b")}})
	if err == nil || !strings.Contains(err.Error(), "a.yaml") || !strings.Contains(err.Error(), "b.yaml") {
		t.Errorf("got %v, want both files named", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("id: x\nname: X\nindicators: {linux: [{kind: dpkg, value: x}]}\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := catalog.Load(fstest.MapFS{"x.yaml": {Data: data}})
		if err == nil {
			catalog.Lint(src)
		}
	})
}
