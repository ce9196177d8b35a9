package hivefile_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"beagle/detectors/hosttest/hivefile"
	"beagle/detectors/internal/hive"
)

func TestFromReg(t *testing.T) {
	// Given text with all that FromReg understands.
	got, err := hivefile.FromReg(`
; comment
[Software\A\B]
"Name"="C:\\dir\\\"x\""
  @="default"
[software\a]
"腾讯"=""
"semi;colon"="a=b]"
[Empty\[x]
`)
	if err != nil {
		t.Fatalf("from reg: %v", err)
	}

	// Then the tree has it.
	want := hivefile.Node{Name: "ROOT", Keys: []hivefile.Node{
		{Name: "Software", Keys: []hivefile.Node{{
			Name:   "A",
			Values: map[string]string{"腾讯": "", "semi;colon": "a=b]"},
			Keys: []hivefile.Node{{
				Name:   "B",
				Values: map[string]string{"Name": `C:\dir\"x"`, "": "default"},
			}},
		}}},
		{Name: "Empty", Keys: []hivefile.Node{{Name: "[x"}}},
	}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestFromRegErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[A":                      "line 1: key",
		"\n\"a\"=\"b\"":           "line 2: value",
		"[A]\n\"a\"":              "line 2: no =",
		"[A]\n\"a\"=b":            "does not start with a quote",
		"[A]\n\"a\"=\"b":          "no closing quote",
		"[A]\n\"a\"=\"b\"c":       "after the closing quote",
		`[A` + "]\n" + `"a"="\n"`: "not part of",
		"[A]\nnonsense":           "line 2: value name",
	} {
		if _, err := hivefile.FromReg(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one with %q", text, err, want)
		}
	}
}

func TestWriteIsReproducible(t *testing.T) {
	root := hivefile.Node{Values: map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}}
	first := hivefile.Write(root)
	for range 10 {
		if !bytes.Equal(hivefile.Write(root), first) {
			t.Fatal("got different bytes for the same tree")
		}
	}
	if len(first)%4096 != 0 {
		t.Errorf("got %d bytes, want a multiple of 4096", len(first))
	}
}

func TestSubkeysAreSorted(t *testing.T) {
	// Given a node with subkeys in no order.
	root := hivefile.Node{Keys: []hivefile.Node{{Name: "b"}, {Name: "腾讯"}, {Name: "_"}, {Name: "A"}, {Name: "C"}}}
	data := hivefile.Write(root)

	// When the hive is read, then they come as Windows sorts them: by upper case.
	h, err := hive.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	key, err := h.Key("")
	if err != nil {
		t.Fatalf("root key: %v", err)
	}
	got, err := key.Subkeys()
	if want := []string{"A", "b", "C", "_", "腾讯"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got subkeys %q, %v, want %q", got, err, want)
	}
}

// xmlNode is a key in the output of hivexml.
type xmlNode struct {
	Name   string `xml:"name,attr"`
	Values []struct {
		Type  string `xml:"type,attr"`
		Key   string `xml:"key,attr"`
		Value string `xml:"value,attr"`
	} `xml:"value"`
	Nodes []xmlNode `xml:"node"`
}

func (x xmlNode) node(t *testing.T) hivefile.Node {
	n := hivefile.Node{Name: x.Name}
	for _, v := range x.Values {
		if v.Type != "string" {
			t.Errorf("value %q: got type %q, want string", v.Key, v.Type)
		}
		if n.Values == nil {
			n.Values = map[string]string{}
		}
		n.Values[v.Key] = v.Value
	}
	for _, sub := range x.Nodes {
		n.Keys = append(n.Keys, sub.node(t))
	}
	return n
}

// TestHivexml has another implementation, hivexml of libguestfs' hivex, read what Write
// writes.
func TestHivexml(t *testing.T) {
	hivexml, err := exec.LookPath("hivexml")
	if err != nil {
		t.Skip("hivexml is not installed; it is in the package libhivex-bin of Debian and hivex of Fedora")
	}
	many := hivefile.Node{Name: "many"}
	for i := range 1200 {
		many.Keys = append(many.Keys, hivefile.Node{Name: "key " + strconv.Itoa(10000+i)})
	}
	// Given a hive with everything that Write can write.
	root := hivefile.Node{
		Name:   "ROOT",
		Values: map[string]string{"": "default", "big": strings.Repeat("大数据", 20_000), "i": "i", "empty": ""},
		Keys: []hivefile.Node{
			{Name: "Étoilé", Values: map[string]string{"Größe": "ÿ"}},
			many,
			{Name: "腾讯", Keys: []hivefile.Node{{Name: "微信", Values: map[string]string{"名称": "值😀"}}}},
		},
	}
	file := filepath.Join(t.TempDir(), "hive")
	if err := os.WriteFile(file, hivefile.Write(root), 0o600); err != nil {
		t.Fatalf("write hive: %v", err)
	}

	// When hivexml reads it.
	cmd := exec.CommandContext(t.Context(), hivexml, file)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("hivexml: %v\n%s", err, problems.String())
	}
	var got struct {
		Root xmlNode `xml:"node"`
	}
	if err := xml.Unmarshal(out, &got); err != nil {
		t.Fatalf("output of hivexml: %v", err)
	}

	// Then it finds the same tree.
	sortKeys(&root)
	if tree := got.Root.node(t); !sameTree(tree, root) {
		t.Errorf("got tree %.500v\nwant %.500v", tree, root)
	}
}

// sortKeys puts subkeys in the order in which a hive has them.
func sortKeys(n *hivefile.Node) {
	slices.SortFunc(n.Keys, func(a, b hivefile.Node) int {
		return strings.Compare(strings.ToUpper(a.Name), strings.ToUpper(b.Name))
	})
	for i := range n.Keys {
		sortKeys(&n.Keys[i])
	}
}

func sameTree(a, b hivefile.Node) bool {
	return a.Name == b.Name && maps.Equal(a.Values, b.Values) && slices.EqualFunc(a.Keys, b.Keys, sameTree)
}
