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
