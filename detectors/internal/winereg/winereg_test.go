package winereg_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/detectors/internal/hive"
	"beagle/detectors/internal/winereg"
)

const (
	header    = "WINE REGISTRY Version 2\n"
	uninstall = `Software\Microsoft\Windows\CurrentVersion\Uninstall`
)

// registryKey is what keys of both kinds of registry have in common.
type registryKey[K any] interface {
	Name() string
	Modified() time.Time
	Subkeys() ([]string, error)
	Key(name string) (K, error)
	Value(name string) (string, bool)
	Values() ([]hive.Value, error)
}

var (
	_ registryKey[*winereg.Key] = (*winereg.Key)(nil)
	_ registryKey[*hive.Key]    = (*hive.Key)(nil)
)

// recorded reads a file of testdata. Those are parts of a prefix made by Wine 8.0, after
// an import of the keys QQ, Deep and the Chinese one.
func recorded(t testing.TB, name string) *winereg.Registry {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatalf("open recording: %v", err)
	}
	defer file.Close()
	r, err := winereg.Parse(file)
	if err != nil {
		t.Fatalf("parse %s: %v", name, err)
	}
	return r
}

func parse(t testing.TB, body string) *winereg.Registry {
	t.Helper()
	r, err := winereg.Parse(strings.NewReader(header + body))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return r
}

func mustKey(t testing.TB, r *winereg.Registry, path string) *winereg.Key {
	t.Helper()
	k, err := r.Key(path)
	if err != nil {
		t.Fatalf("key %q: %v", path, err)
	}
	return k
}

func TestRecordedValues(t *testing.T) {
	// Given a key with values of all types, as Wine wrote it.
	k := mustKey(t, recorded(t, "system.reg"), uninstall+`\QQ`)
	tests := []struct {
		name string
		kind uint32
		text string
		data string
	}{
		{"", hive.SZ, "default", ""},
		{`a"b\c=[d]`, hive.SZ, "v", ""},
		{"BigEndian", hive.DWordBigEndian, "", "0000002a"},
		{"Bin", hive.Binary, "", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"},
		{"Ctl", hive.SZ, "a\nb\t\x1b\x011\x029€a€z", ""},
		{"DisplayName", hive.SZ, "腾讯QQ", "7e81af8b510051000000"},
		{"DisplayVersion", hive.SZ, "9.9.15", ""},
		{"Emoji", hive.SZ, "😀x", ""},
		{"Empty", hive.SZ, "", "0000"},
		{"EstimatedSize", hive.DWord, "42", "2a000000"},
		{"Expand", hive.ExpandSZ, "%Path%", ""},
		{"Multi", hive.MultiSZ, "L2\nL3", "4c00320000004c00330000000000"},
		{"MultiZh", hive.MultiSZ, "百度\nL3a", ""},
		{"None", hive.None, "", ""},
		{"NoNul", hive.SZ, "ab", ""},
		{"Nul", hive.SZ, "a", "6100000062000000"},
		{"OddLen", hive.SZ, "a", "6100000000"},
		{"Qword", hive.QWord, "123456789", "15cd5b0700000000"},
		{"UninstallString", hive.SZ, `"C:\Program Files\Tencent\QQ\Uninstall.exe" /S`, ""},
		{"名称", hive.SZ, "值", ""},
	}

	// Then they are read in the order of the file.
	values, err := k.Values()
	if err != nil || len(values) != len(tests) {
		t.Fatalf("got %d values, %v, want %d", len(values), err, len(tests))
	}
	for i, test := range tests {
		v := values[i]
		if v.Name != test.name || v.Type != test.kind || v.String() != test.text {
			t.Errorf("value %d: got %q of type %d: %q, want %q of type %d: %q",
				i, v.Name, v.Type, v.String(), test.name, test.kind, test.text)
		}
		if got := fmt.Sprintf("%x", v.Data); test.data != "" && got != test.data {
			t.Errorf("value %q: got data %s, want %s", v.Name, got, test.data)
		}
		if got, ok := k.Value(strings.ToUpper(test.name)); got != test.text || !ok {
			t.Errorf("value %q in upper case: got %q, %v, want %q", test.name, got, ok, test.text)
		}
	}
	if got, ok := k.Value("missing"); ok {
		t.Errorf("missing value: got %q, want none", got)
	}
}

func TestRecordedKeys(t *testing.T) {
	system, user := recorded(t, "system.reg"), recorded(t, "user.reg")
	for _, test := range []struct {
		registry *winereg.Registry
		path     string
		want     []string
		modified string
	}{
		{system, "", []string{"Software", "System"}, ""},
		{system, `SOFTWARE`, []string{"Deep", "Microsoft", "Wow6432Node", "腾讯"}, ""},
		{system, `software\腾讯`, []string{`微信[1] "x"`}, ""},
		{system, `Software\Deep\A`, []string{"B"}, ""},
		{system, `\Software\\Deep\A\B\C\`, nil, "2026-11-24T02:14:54.536823Z"},
		{system, uninstall, []string{"QQ"}, ""},
		{system, `Software\Wow6432Node\Microsoft\Windows\CurrentVersion\App Paths`, nil, "2026-11-24T02:12:59.832064Z"},
		{user, `Control Panel`, []string{"Accessibility", "International", "Mouse"}, ""},
		{user, `Control Panel\International`, []string{"🌎🌏🌍"}, ""},
	} {
		k, err := test.registry.Key(test.path)
		if err != nil {
			t.Errorf("key %q: %v", test.path, err)
			continue
		}
		if got, err := k.Subkeys(); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("key %q: got subkeys %q, %v, want %q", test.path, got, err, test.want)
		}
		got := ""
		if m := k.Modified(); !m.IsZero() {
			got = m.Format(time.RFC3339Nano)
		}
		if got != test.modified {
			t.Errorf("key %q: got modified %q, want %q", test.path, got, test.modified)
		}
	}
	// And the name is as in the file.
	if got := mustKey(t, system, `software\deep\a`).Name(); got != "A" {
		t.Errorf("got name %q, want %q", got, "A")
	}
	// And what is not there does not exist.
	for _, path := range []string{"Missing", `Software\Deep\B`, uninstall + `\QQ\x`} {
		if _, err := system.Key(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("key %q: got error %v, want fs.ErrNotExist", path, err)
		}
	}
}

func TestValueLines(t *testing.T) {
	for line, want := range map[string]string{
		`"v"="a"`:                   "1 61000000",
		`"v"=str:"a"`:               "1 61000000",
		`"v"="a\x41b"`:              "1 61001b040000",
		`"v"="\x"`:                  "1 78000000",
		`"v"="\q\\\"\ "`:            "1 71005c00220020000000",
		`"v"="\0\18\377\1234"`:      "1 000001003800ff00530034000000",
		`"v"="\a\b\e\f\n\r\t\v"`:    "1 070008001b000c000a000d0009000b000000",
		`"v"="腾` + "\xff" + `讯"`:    "1 7e81af8b0000",
		`"v"="é😀"`:                  "1 e9003dd800de0000",
		`"v" = "a" junk`:            "1 61000000",
		"  \t\"v\"=\"a\"":           "1 61000000",
		`"v"=dword:FFFFFFFF`:        "4 ffffffff",
		`"v"=dword:2a`:              "4 2a000000",
		`"v"=hex:`:                  "3 ",
		`"v"=hex:1,2 , a0`:          "3 0102a0",
		`"v"=hex(0):`:               "0 ",
		`"v"=hex(ffff0012):01`:      "4294901778 01",
		"\"v\"=hex(7):01,\\\n  02":  "7 0102",
		"\"v\"=hex:01,\\\r\n 02\r":  "3 0102",
		"\"v\"=hex:01\\\n\\\n,02":   "3 error",
		"\"v\"=hex:01,\\\n\n":       "3 01",
		"\"v\"=\"old\"\n\"V\"=\"\"": "1 0000",
	} {
		// Given a key with one value.
		r, err := winereg.Parse(strings.NewReader(header + "[A]\n" + line))
		if strings.HasSuffix(want, "error") {
			if err == nil {
				t.Errorf("%q: got no error", line)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}

		// Then it has this type and data.
		values, _ := mustKey(t, r, "A").Values()
		if len(values) != 1 {
			t.Errorf("%q: got %d values, want one", line, len(values))
			continue
		}
		if got := fmt.Sprintf("%d %x", values[0].Type, values[0].Data); got != want {
			t.Errorf("%q: got %s, want %s", line, got, want)
		}
	}
}

func TestSections(t *testing.T) {
	// Given sections in all forms, also two for one key.
	r := parse(t, "\n[]\n\"root\"=\"r\"\n\n[A\\\\B] 1699999999\n\"x\"=\"1\"\n#class=\"c\"\n\n"+
		"[C\\\\\\\\D]\n\r\n  [a\\\\b] 1700000000\r\n;comment\r\n\"y\"=\"2\"\r\n[E\\]\\\\\\\\F\\[] x\n")

	// Then each key is there once.
	for path, want := range map[string]string{
		"":    "[A C E]]",
		"A":   "[B]",
		"C":   "[D]",
		"E]":  "[F[]",
		`A\b`: "[]",
	} {
		names, _ := mustKey(t, r, path).Subkeys()
		if got := fmt.Sprint(names); got != want {
			t.Errorf("key %q: got subkeys %s, want %s", path, got, want)
		}
	}
	b := mustKey(t, r, `A\B`)
	if x, _ := b.Value("x"); x != "1" {
		t.Errorf("value of the first section: got %q, want 1", x)
	}
	if y, _ := b.Value("y"); y != "2" {
		t.Errorf("value of the second section: got %q, want 2", y)
	}
	if got, want := b.Modified(), time.Unix(1_700_000_000, 0); !got.Equal(want) {
		t.Errorf("got modified %v, want %v", got, want)
	}
	if root, _ := mustKey(t, r, "").Value("ROOT"); root != "r" {
		t.Errorf("value of the root: got %q, want r", root)
	}
}
