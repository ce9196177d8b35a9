package yamldoc_test

import (
	"strings"
	"testing"

	"beagle/detectors/catalog/yamldoc"
)

type entry struct {
	ID   string `yaml:"id"`
	List []any  `yaml:"list"`
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "id: a\nno: b\n", `x.yaml:2:1: unknown field "no"`},
		{"key twice", "id: a\nid: b\n", "x.yaml:2:1: "},
		{"deep brackets", "list: " + strings.Repeat("[", 100_000), "x.yaml:1:39: nested too deeply"},
		{"aliases", "list: [&a [x], *a]\n", "anchors and aliases are not allowed"},
		{"two documents", "---\nid: a\n---\nid: b\n", "x.yaml:3:1: a file holds one document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v entry
			err := yamldoc.Decode("x.yaml", []byte(c.text), &v)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("id: x\nlist: [1, {a: b}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v entry
		_ = yamldoc.Decode("x.yaml", data, &v)
	})
}
