package hive_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"beagle/detectors/hosttest/hivefile"
	"beagle/detectors/internal/hive"
)

const uninstall = `Software\Microsoft\Windows\CurrentVersion\Uninstall`

// sample has names and values of every shape that the writer can make.
func sample(t testing.TB) hivefile.Node {
	t.Helper()
	root, err := hivefile.FromReg(`
[Software\Microsoft\Windows\CurrentVersion\Uninstall\QQ]
"DisplayName"="腾讯QQ"
"DisplayVersion"="9.9.15"
"Publisher"="Tencent"
@="default"
[Software\Microsoft\Windows\CurrentVersion\Uninstall\向日葵]
"DisplayName"="向日葵远程控制"
"主页"="https://sunlogin.example"
"Emoji"="😀"
"Empty"=""
"A"="b"
[Software\Étoilé]
"Größe"="ÿ"
[System]
`)
	if err != nil {
		t.Fatalf("build sample: %v", err)
	}
	return root
}

func open(t testing.TB, data []byte) *hive.Hive {
	t.Helper()
	h, err := hive.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return h
}

func mustKey(t testing.TB, h *hive.Hive, path string) *hive.Key {
	t.Helper()
	k, err := h.Key(path)
	if err != nil {
		t.Fatalf("key %q: %v", path, err)
	}
	return k
}

// tree reads at most budget keys back into the writer's form, and the first error met.
func tree(k *hive.Key, budget *int) (hivefile.Node, error) {
	*budget--
	n := hivefile.Node{Name: k.Name()}
	values, first := k.Values()
	for _, v := range values {
		if n.Values == nil {
			n.Values = map[string]string{}
		}
		n.Values[v.Name] = v.String()
	}
	names, err := k.Subkeys()
	first = cmpErr(first, err)
	for _, name := range names {
		if *budget <= 0 {
			break
		}
		sub, err := k.Key(name)
		if err != nil {
			first = cmpErr(first, err)
			continue
		}
		child, err := tree(sub, budget)
		first = cmpErr(first, err)
		n.Keys = append(n.Keys, child)
	}
	return n, first
}

func cmpErr(first, next error) error {
	if first != nil {
		return first
	}
	return next
}

func sameTree(a, b hivefile.Node) bool {
	byName := func(a, b hivefile.Node) int { return strings.Compare(a.Name, b.Name) }
	return a.Name == b.Name && maps.Equal(a.Values, b.Values) &&
		slices.EqualFunc(slices.SortedFunc(slices.Values(a.Keys), byName),
			slices.SortedFunc(slices.Values(b.Keys), byName), sameTree)
}

func TestRoundTrip(t *testing.T) {
	many := hivefile.Node{Name: "many"}
	for i := range 1700 {
		many.Keys = append(many.Keys, hivefile.Node{Name: "key " + strconv.Itoa(i)})
	}
	deep := hivefile.Node{Name: "bottom", Values: map[string]string{"深": "底"}}
	for i := range 500 {
		deep = hivefile.Node{Name: "level " + strconv.Itoa(i), Keys: []hivefile.Node{deep}}
	}
	big := hivefile.Node{Name: "ROOT", Values: map[string]string{
		"one segment":    strings.Repeat("x", 16344/2-1),
		"two segments":   strings.Repeat("x", 16344/2),
		"many segments":  strings.Repeat("大数据", 50_000),
		"largest":        strings.Repeat("y", 1<<19-1),
		"inline":         "i",
		"not any inline": "ii",
	}}
	for name, root := range map[string]hivefile.Node{
		"sample":          sample(t),
		"empty":           {Name: "ROOT"},
		"many subkeys":    {Name: "ROOT", Keys: []hivefile.Node{many}},
		"deep":            deep,
		"big data":        big,
		"long value name": {Name: "ROOT", Values: map[string]string{strings.Repeat("名", 16383): "v"}},
		"long key name":   {Name: "ROOT", Keys: []hivefile.Node{{Name: strings.Repeat("鍵", 255)}}},
	} {
		t.Run(name, func(t *testing.T) {
			// Given a hive of a tree.
			h := open(t, hivefile.Write(root))

			// When it is read back.
			budget := 1 << 20
			got, err := tree(mustKey(t, h, ""), &budget)

			// Then nothing has changed.
			if err != nil {
				t.Errorf("read tree: %v", err)
			}
			if !sameTree(got, root) {
				t.Errorf("got tree %.300v\nwant %.300v", got, root)
			}
			if h.Dirty() {
				t.Error("got a dirty hive, want a clean one")
			}
		})
	}
}

func TestKey(t *testing.T) {
	// Given a hive.
	h := open(t, hivefile.Write(sample(t)))
	for _, test := range []struct{ path, want string }{
		{"", "ROOT"},
		{"Software", "Software"},
		{`SOFTWARE\microsoft`, "Microsoft"},
		{uninstall + `\qq`, "QQ"},
		{uninstall + `\向日葵`, "向日葵"},
		{`software\éTOILÉ`, "Étoilé"},
		{`\Software\\Microsoft\`, "Microsoft"},
	} {
		// When a key is looked up, then it is found whatever the case.
		k, err := h.Key(test.path)
		if err != nil {
			t.Errorf("key %q: got error %v, want %q", test.path, err, test.want)
			continue
		}
		if k.Name() != test.want {
			t.Errorf("key %q: got name %q, want %q", test.path, k.Name(), test.want)
		}
		if got := k.Modified().Format(time.RFC3339); got != hivefile.Written {
			t.Errorf("key %q: got modified %s, want %s", test.path, got, hivefile.Written)
		}
	}
	for _, path := range []string{"Softwar", `Software\QQ`, `System\x`, uninstall + `\`} {
		// When it is not there, then the error says so.
		_, err := h.Key(path + "?")
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("key %q: got error %v, want fs.ErrNotExist", path, err)
		}
	}
}

func TestKeyAfterSubkeys(t *testing.T) {
	// Given a key whose subkeys have been listed.
	k := mustKey(t, open(t, hivefile.Write(sample(t))), uninstall)
	names, err := k.Subkeys()
	if want := []string{"QQ", "向日葵"}; err != nil || !slices.Equal(names, want) {
		t.Fatalf("got subkeys %q, %v, want %q", names, err, want)
	}

	// When one is opened by a name in another case, then it is found.
	if sub, err := k.Key("qq"); err != nil || sub.Name() != "QQ" {
		t.Errorf("got %v, %v, want the key QQ", sub, err)
	}
	// And when there is none, the error says so.
	if _, err := k.Key("missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want fs.ErrNotExist", err)
	}
}

func TestValue(t *testing.T) {
	h := open(t, hivefile.Write(sample(t)))
	for _, test := range []struct {
		key, name, want string
		ok              bool
	}{
		{`QQ`, "DisplayName", "腾讯QQ", true},
		{`QQ`, "DISPLAYNAME", "腾讯QQ", true},
		{`QQ`, "", "default", true},
		{`QQ`, "Missing", "", false},
		{`向日葵`, "主页", "https://sunlogin.example", true},
		{`向日葵`, "Emoji", "😀", true},
		{`向日葵`, "Empty", "", true},
		{`向日葵`, "", "", false},
	} {
		got, ok := mustKey(t, h, uninstall+`\`+test.key).Value(test.name)
		if got != test.want || ok != test.ok {
			t.Errorf("value %q of %q: got %q, %v, want %q, %v", test.name, test.key, got, ok, test.want, test.ok)
		}
	}
	if got, ok := mustKey(t, h, `Software\Étoilé`).Value("GRÖßE"); got != "ÿ" || !ok {
		t.Errorf("Latin-1 value: got %q, %v, want %q", got, ok, "ÿ")
	}
}

func TestOpenRefuses(t *testing.T) {
	valid := hivefile.Write(sample(t))
	for name, test := range map[string]struct {
		change func([]byte) []byte
		want   string
	}{
		"nothing":         {func(b []byte) []byte { return nil }, "too few"},
		"half a header":   {func(b []byte) []byte { return b[:2048] }, "too few"},
		"signature":       {func(b []byte) []byte { b[0] = 'x'; return b }, "signature"},
		"major version":   {func(b []byte) []byte { b[20] = 2; return b }, "version 2.5"},
		"old version":     {func(b []byte) []byte { b[24] = 2; return b }, "version 1.2"},
		"new version":     {func(b []byte) []byte { b[24] = 7; return b }, "version 1.7"},
		"transaction log": {func(b []byte) []byte { b[28] = 1; return b }, "file type 1"},
	} {
		data := test.change(bytes.Clone(valid))
		_, err := hive.Open(bytes.NewReader(data), int64(len(data)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
	// A file that is shorter than its directory entry says.
	_, err := hive.Open(bytes.NewReader(valid[:100]), 8192)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("short file: got error %v, want io.ErrUnexpectedEOF", err)
	}
}

func TestDirty(t *testing.T) {
	for name, at := range map[string]int{"sequence number": 4, "checksum": 508} {
		// Given a hive copied in the middle of a write.
		data := hivefile.Write(sample(t))
		data[at]++

		// When it is opened, then it says so and can be read.
		h := open(t, data)
		if !h.Dirty() {
			t.Errorf("%s: got a clean hive, want a dirty one", name)
		}
		mustKey(t, h, uninstall)
	}
}

// TestTruncated cuts a hive at every 64 bytes.
func TestTruncated(t *testing.T) {
	root := sample(t)
	root.Values = map[string]string{"big": strings.Repeat("b", 20_000)}
	data := hivefile.Write(root)
	for size := 0; size < len(data); size += 64 {
		h, err := hive.Open(bytes.NewReader(data[:size]), int64(size))
		if err != nil {
			continue
		}
		k, err := h.Key("")
		if err != nil {
			continue
		}
		budget := 1000
		got, err := tree(k, &budget)
		if err == nil && !sameTree(got, root) {
			t.Errorf("cut at %d: got part of the tree without an error", size)
		}
	}
}

// counter counts what is read.
type counter struct {
	io.ReaderAt
	total, largest int
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	c.total += len(p)
	c.largest = max(c.largest, len(p))
	return c.ReaderAt.ReadAt(p, off)
}

func TestReadsLittle(t *testing.T) {
	// Given a hive of several megabytes.
	root := sample(t)
	for i := range 20 {
		root.Keys = append(root.Keys, hivefile.Node{
			Name:   "bulk " + strconv.Itoa(i),
			Values: map[string]string{"v": strings.Repeat("x", 100_000)},
		})
	}
	data := hivefile.Write(root)
	c := &counter{ReaderAt: bytes.NewReader(data)}

	// When one value is looked up.
	h, err := hive.Open(c, int64(len(data)))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	mustKey(t, h, uninstall+`\QQ`).Value("DisplayName")

	// Then only a small part of the file has been read.
	if limit := 64 << 10; c.total > limit || c.largest > 4096 {
		t.Errorf("got %d bytes read, %d at once, want at most %d and 4096", c.total, c.largest, limit)
	}
}

func TestValueString(t *testing.T) {
	text := func(s string) []byte {
		var b []byte
		for _, c := range s {
			b = binary.LittleEndian.AppendUint16(b, uint16(c))
		}
		return b
	}
	for name, test := range map[string]struct {
		kind uint32
		data []byte
		want string
	}{
		"text":             {hive.SZ, text("abc\x00"), "abc"},
		"no NUL":           {hive.SZ, text("abc"), "abc"},
		"after NUL":        {hive.SZ, text("abc\x00def"), "abc"},
		"odd length":       {hive.SZ, append(text("ab"), 'c'), "ab"},
		"lone surrogate":   {hive.SZ, []byte{0x3d, 0xd8}, "\ufffd"},
		"expand":           {hive.ExpandSZ, text("%PATH%\x00"), "%PATH%"},
		"list":             {hive.MultiSZ, text("a\x00b\x00\x00"), "a\nb"},
		"list without end": {hive.MultiSZ, text("a\x00b"), "a\nb"},
		"after list":       {hive.MultiSZ, text("a\x00\x00b\x00"), "a"},
		"empty list":       {hive.MultiSZ, text("\x00"), ""},
		"dword":            {hive.DWord, []byte{0x2a, 0, 0, 0x80}, "2147483690"},
		"short dword":      {hive.DWord, []byte{0x2a}, ""},
		"qword":            {hive.QWord, []byte{0, 0, 0, 0, 1, 0, 0, 0}, "4294967296"},
		"binary":           {hive.Binary, text("abc"), ""},
		"none":             {hive.None, nil, ""},
		"device property":  {0xffff0012, text("abc"), ""},
	} {
		if got := (hive.Value{Type: test.kind, Data: test.data}).String(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestFold(t *testing.T) {
	// Given every character and the next that differs from it only in case.
	for r := rune(0); r <= unicode.MaxRune; r++ {
		a, b := string(r), string(unicode.SimpleFold(r))
		// Then both fold to the same.
		if hive.Fold(a) != hive.Fold(b) {
			t.Fatalf("got %q and %q for %q and %q, want the same", hive.Fold(a), hive.Fold(b), a, b)
		}
	}
}

func TestFileTime(t *testing.T) {
	for ticks, want := range map[uint64]string{
		0:                         "0001-01-01T00:00:00Z",
		1:                         "1601-01-01T00:00:00.0000001Z",
		116_444_736_000_000_000:   "1970-01-01T00:00:00Z",
		2_650_467_743_999_999_999: "9999-12-31T23:59:59.9999999Z",
		2_650_467_744_000_000_000: "0001-01-01T00:00:00Z",
		1<<64 - 1:                 "0001-01-01T00:00:00Z",
	} {
		if got := hive.FileTime(ticks).Format(time.RFC3339Nano); got != want {
			t.Errorf("file time %d: got %s, want %s", ticks, got, want)
		}
	}
}
