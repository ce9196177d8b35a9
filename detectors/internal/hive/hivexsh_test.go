package hive_test

import (
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

// TestHivexsh reads a hive made by another implementation, hivexsh of libguestfs' hivex.
func TestHivexsh(t *testing.T) {
	hivexsh, err := exec.LookPath("hivexsh")
	if err != nil {
		t.Skip("hivexsh is not installed; it is in the package libhivex-bin of Debian and hivex of Fedora")
	}
	// Given a hive to which hivexsh has added keys and values.
	dir := t.TempDir()
	empty, made := filepath.Join(dir, "empty"), filepath.Join(dir, "made")
	if err := os.WriteFile(empty, hivefile.Write(hivefile.Node{Name: "ROOT"}), 0o600); err != nil {
		t.Fatalf("write hive: %v", err)
	}
	// The QWord is given as bytes: hivexsh 1.3.23 mangles numbers over 32 bits.
	script := `
add Software
cd Software
add Tencent
cd Tencent
add QQ
cd QQ
setval 8
@
string:default
Version
dword:0x2a
Size
hex:11:00,00,00,00,01,00,00,00
Path
expandstring:%ProgramFiles%\QQ
List
hex:7:61,00,00,00,62,00,00,00,00,00
Name
hex:1:7e,81,af,8b,00,00
Raw
hex:3:01,02,03,04,05
Nothing
none
cd \Software
add Many
cd Many
`
	var want []string
	for i := range 300 {
		name := "key " + strconv.Itoa(1000+i)
		script += "add " + name + "\n"
		want = append(want, name)
	}
	cmd := exec.CommandContext(t.Context(), hivexsh, "-w", empty)
	cmd.Stdin = strings.NewReader(script + "commit " + made + "\nexit\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("hivexsh: %v\n%s", err, out)
	}

	// When it is opened.
	data, err := os.ReadFile(made)
	if err != nil {
		t.Fatalf("read what hivexsh made: %v", err)
	}
	h := open(t, data)

	// Then everything is there.
	many, err := mustKey(t, h, `Software\Many`).Subkeys()
	if err != nil || !slices.Equal(many, want) {
		t.Errorf("got subkeys %q, %v, want %q", many, err, want)
	}
	qq := mustKey(t, h, `software\tencent\qq`)
	for name, want := range map[string]struct {
		kind uint32
		text string
	}{
		"":        {hive.SZ, "default"},
		"Version": {hive.DWord, "42"},
		"Size":    {hive.QWord, "4294967296"},
		"Path":    {hive.ExpandSZ, `%ProgramFiles%\QQ`},
		"List":    {hive.MultiSZ, "a\nb"},
		"Name":    {hive.SZ, "腾讯"},
		"Raw":     {hive.Binary, ""},
		"Nothing": {hive.None, ""},
	} {
		if got, ok := qq.Value(name); got != want.text || !ok {
			t.Errorf("value %q: got %q, %v, want %q", name, got, ok, want.text)
		}
		values, err := qq.Values()
		i := slices.IndexFunc(values, func(v hive.Value) bool { return v.Name == name })
		if err != nil || i < 0 || values[i].Type != want.kind {
			t.Errorf("value %q: got %v, %v, want type %d", name, values, err, want.kind)
		}
	}
}
