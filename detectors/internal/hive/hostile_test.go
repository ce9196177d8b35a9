package hive_test

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"beagle/detectors/hosttest/hivefile"
	"beagle/detectors/internal/hive"
)

// cells makes hives cell by cell, with records that no writer would make.
type cells struct {
	minor byte
	bin   []byte
}

func newCells() *cells { return &cells{minor: 5, bin: make([]byte, 32)} }

func (c *cells) add(content []byte) uint32 {
	off := len(c.bin)
	size := (4 + len(content) + 7) &^ 7
	c.bin = binary.LittleEndian.AppendUint32(c.bin, uint32(-int32(size)))
	c.bin = append(c.bin, content...)
	c.bin = append(c.bin, make([]byte, off+size-len(c.bin))...)
	return uint32(off)
}

// node adds a key node that claims to have the given lists.
func (c *cells) node(name string, subkeys, list, values, valuesList uint32) uint32 {
	b := make([]byte, 76)
	copy(b, "nk\x20")
	le := binary.LittleEndian
	le.PutUint32(b[20:], subkeys)
	le.PutUint32(b[28:], list)
	le.PutUint32(b[36:], values)
	le.PutUint32(b[40:], valuesList)
	le.PutUint16(b[72:], uint16(len(name)))
	return c.add(append(b, name...))
}

func (c *cells) list(signature string, offsets ...uint32) uint32 {
	b := binary.LittleEndian.AppendUint16([]byte(signature), uint16(len(offsets)))
	for _, off := range offsets {
		b = binary.LittleEndian.AppendUint32(b, off)
		if signature == "lf" || signature == "lh" {
			b = append(b, "hash"...)
		}
	}
	return c.add(b)
}

func (c *cells) offsets(offsets ...uint32) uint32 {
	var b []byte
	for _, off := range offsets {
		b = binary.LittleEndian.AppendUint32(b, off)
	}
	return c.add(b)
}

func (c *cells) value(name string, kind, size, data uint32) uint32 {
	b := make([]byte, 20)
	copy(b, "vk")
	le := binary.LittleEndian
	le.PutUint16(b[2:], uint16(len(name)))
	le.PutUint32(b[4:], size)
	le.PutUint32(b[8:], data)
	le.PutUint32(b[12:], kind)
	le.PutUint16(b[16:], 1)
	return c.add(append(b, name...))
}

// patch overwrites a field of the content of a cell.
func (c *cells) patch(cell, field, value uint32) {
	binary.LittleEndian.PutUint32(c.bin[4+cell+field:], value)
}

// bytes returns the hive with its root key at an offset.
func (c *cells) bytes(root uint32) []byte {
	data := hivefile.Write(hivefile.Node{})[:4096]
	data[24] = c.minor
	binary.LittleEndian.PutUint32(data[36:], root)
	return append(data, c.bin...)
}

func TestSubkeyLists(t *testing.T) {
	for name, build := range map[string]func(c *cells, a, b uint32) uint32{
		"li":             func(c *cells, a, b uint32) uint32 { return c.list("li", a, b) },
		"lf":             func(c *cells, a, b uint32) uint32 { return c.list("lf", a, b) },
		"lh":             func(c *cells, a, b uint32) uint32 { return c.list("lh", a, b) },
		"ri":             func(c *cells, a, b uint32) uint32 { return c.list("ri", c.list("lh", a), c.list("li", b)) },
		"ri in ri":       func(c *cells, a, b uint32) uint32 { return c.list("ri", c.list("ri", c.list("lf", a, b))) },
		"repeated key":   func(c *cells, a, b uint32) uint32 { return c.list("li", a, b, a, a) },
		"repeated leaf":  func(c *cells, a, b uint32) uint32 { l := c.list("li", a, b); return c.list("ri", l, l, l) },
		"with empty one": func(c *cells, a, b uint32) uint32 { return c.list("ri", c.list("lh"), c.list("lh", a, b)) },
	} {
		t.Run(name, func(t *testing.T) {
			// Given a key with a list of two subkeys.
			c := newCells()
			list := build(c, c.node("A", 0, 0, 0, 0), c.node("B", 0, 0, 0, 0))
			root := mustKey(t, open(t, c.bytes(c.node("ROOT", 2, list, 0, 0))), "")

			// Then it has these.
			got, err := root.Subkeys()
			if want := []string{"A", "B"}; err != nil || !slices.Equal(got, want) {
				t.Errorf("got subkeys %q, %v, want %q", got, err, want)
			}
		})
	}
}

func TestBrokenSubkeyLists(t *testing.T) {
	for name, test := range map[string]struct {
		build func(c *cells, a uint32) uint32
		want  []string
		err   string
	}{
		"list that contains itself": {
			func(c *cells, a uint32) uint32 {
				ri := c.list("ri", c.list("li", a), 0)
				c.patch(ri, 8, ri)
				return ri
			}, []string{"A"}, "nest over 2 deep",
		},
		"three index roots": {
			func(c *cells, a uint32) uint32 { return c.list("ri", c.list("ri", c.list("ri", c.list("li", a)))) },
			nil, "nest over 2 deep",
		},
		"count beyond the cell": {
			func(c *cells, a uint32) uint32 {
				l := c.list("li", a)
				c.patch(l, 0, 'l'|'i'<<8|0xffff<<16)
				return l
			}, nil, "beyond the end",
		},
		"unknown list":   {func(c *cells, a uint32) uint32 { return c.list("xx", a) }, nil, `signature "xx"`},
		"key as list":    {func(c *cells, a uint32) uint32 { return a }, nil, `signature "nk"`},
		"no list":        {func(c *cells, a uint32) uint32 { return 0xffffffff }, nil, "cell 0xffffffff"},
		"list in header": {func(c *cells, a uint32) uint32 { return 0 }, nil, "no cell starts"},
		"list as key":    {func(c *cells, a uint32) uint32 { return c.list("li", c.list("li", a), a) }, []string{"A"}, `want "nk"`},
		"key in nowhere": {func(c *cells, a uint32) uint32 { return c.list("li", 1<<30, a) }, []string{"A"}, "cell 0x40000000"},
		"misaligned key": {func(c *cells, a uint32) uint32 { return c.list("li", a+4, a) }, []string{"A"}, "no cell starts"},
		"free key": {
			func(c *cells, a uint32) uint32 {
				b := c.node("B", 0, 0, 0, 0)
				binary.LittleEndian.PutUint32(c.bin[b:], 88)
				return c.list("li", b, a)
			}, []string{"A"}, "not in use",
		},
		"huge cell": {
			func(c *cells, a uint32) uint32 {
				b := c.node("B", 0, 0, 0, 0)
				binary.LittleEndian.PutUint32(c.bin[b:], 0x80000000)
				return c.list("li", b, a)
			}, []string{"A"}, "size 2147483648 is over 1048576",
		},
		"name longer than its cell": {
			func(c *cells, a uint32) uint32 {
				b := c.node("B", 0, 0, 0, 0)
				c.patch(b, 72, 100)
				return c.list("li", b, a)
			}, []string{"A"}, "key name of 100 bytes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			// Given a key with a subkey A in a broken list.
			c := newCells()
			list := test.build(c, c.node("A", 0, 0, 0, 0))
			root := mustKey(t, open(t, c.bytes(c.node("ROOT", 1, list, 0, 0))), "")

			// When its subkeys are listed, then there is an error that names a cell,
			// and what can be read is there.
			got, err := root.Subkeys()
			if !slices.Equal(got, test.want) {
				t.Errorf("got subkeys %q, want %q", got, test.want)
			}
			if err == nil || !strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), "cell 0x") {
				t.Errorf("got error %v, want one with %q and a cell", err, test.err)
			}
			// And a subkey that is not found may still exist.
			if _, err := root.Key("missing"); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("missing subkey: got error %v, want one that is not fs.ErrNotExist", err)
			}
			if len(test.want) > 0 {
				if _, err := root.Key("a"); err != nil {
					t.Errorf("readable subkey: got error %v, want none", err)
				}
			}
		})
	}
}

func TestManyListSteps(t *testing.T) {
	// Given index roots that lead to the same empty leaf four billion times.
	c := newCells()
	leaf := c.list("li")
	inner := c.list("ri", slices.Repeat([]uint32{leaf}, 65535)...)
	outer := c.list("ri", slices.Repeat([]uint32{inner}, 65535)...)
	root := mustKey(t, open(t, c.bytes(c.node("ROOT", 1, outer, 0, 0))), "")

	// When they are read, then that ends soon.
	_, err := root.Subkeys()
	if want := "over 131072 elements"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

func TestManySubkeys(t *testing.T) {
	// Given a key with one subkey more than allowed.
	c := newCells()
	var leaves, leaf []uint32
	for range 65537 {
		if leaf = append(leaf, c.node("k", 0, 0, 0, 0)); len(leaf) == 1000 {
			leaves, leaf = append(leaves, c.list("li", leaf...)), nil
		}
	}
	leaves = append(leaves, c.list("li", leaf...))
	root := mustKey(t, open(t, c.bytes(c.node("ROOT", 65537, c.list("ri", leaves...), 0, 0))), "")

	// When they are listed, then those before it are returned with an error.
	names, err := root.Subkeys()
	if want := "over 65536 subkeys"; len(names) != 65536 || err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %d subkeys and error %v, want 65536 and one with %q", len(names), err, want)
	}
}

func TestKeyBelowItself(t *testing.T) {
	// Given a key A that is its own subkey.
	c := newCells()
	a := c.node("A", 1, 0, 0, 0)
	list := c.list("li", a)
	c.patch(a, 28, list)
	h := open(t, c.bytes(c.node("ROOT", 1, list, 0, 0)))

	// When its own inside is opened, then that fails.
	mustKey(t, h, "A")
	if _, err := h.Key(`A\A`); err == nil || !strings.Contains(err.Error(), "own ancestor") {
		t.Errorf("got error %v, want one about the ancestor", err)
	}
}

func TestTooDeep(t *testing.T) {
	// Given a hive nested 600 deep.
	n := hivefile.Node{Name: "n"}
	for range 600 {
		n = hivefile.Node{Name: "n", Keys: []hivefile.Node{n}}
	}
	h := open(t, hivefile.Write(n))

	// Then 512 levels can be opened and no more.
	mustKey(t, h, strings.Repeat(`n\`, 512))
	if _, err := h.Key(strings.Repeat(`n\`, 513)); err == nil || !strings.Contains(err.Error(), "512 levels") {
		t.Errorf("got error %v, want one about the levels", err)
	}
}

func TestValueCells(t *testing.T) {
	long := strings.Repeat("x", 20_000)
	for name, test := range map[string]struct {
		minor byte
		build func(c *cells) uint32
		want  string
	}{
		"inline number": {5, func(c *cells) uint32 { return c.value("v", hive.DWord, 1<<31|4, 42) }, "42"},
		"inline text":   {5, func(c *cells) uint32 { return c.value("v", hive.SZ, 1<<31|2, 'x') }, "x"},
		"inline empty":  {5, func(c *cells) uint32 { return c.value("v", hive.SZ, 1<<31, 'x') }, ""},
		"no data":       {5, func(c *cells) uint32 { return c.value("v", hive.SZ, 0, 0xffffffff) }, ""},
		"long in version 1.3": {3, func(c *cells) uint32 {
			return c.value("v", hive.SZ, 40_000, c.add(utf16(long)))
		}, long},
		"long in one piece": {5, func(c *cells) uint32 {
			return c.value("v", hive.SZ, 40_000, c.add(utf16(long)))
		}, long},
		"db in version 1.3": {3, func(c *cells) uint32 {
			return c.value("v", hive.SZ, 40_000, c.add(append([]byte("db"), utf16(long)[2:]...)))
		}, "\u6264" + long[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			// Given a key with one value.
			c := newCells()
			c.minor = test.minor
			values := c.offsets(test.build(c))
			root := mustKey(t, open(t, c.bytes(c.node("ROOT", 0, 0, 1, values))), "")

			// Then it can be read.
			got, ok := root.Value("V")
			if got != test.want || !ok {
				t.Errorf("got %.40q, %v, want %.40q", got, ok, test.want)
			}
			if values, err := root.Values(); err != nil || len(values) != 1 || values[0].String() != test.want {
				t.Errorf("got values %.80v, %v, want one", values, err)
			}
		})
	}
}

func TestBrokenValues(t *testing.T) {
	for name, test := range map[string]struct {
		build func(c *cells) uint32
		err   string
	}{
		"inline data too long":  {func(c *cells) uint32 { return c.value("v", 1, 1<<31|5, 0) }, "5 bytes of data in a field of 4"},
		"data too long":         {func(c *cells) uint32 { return c.value("v", 1, 1<<20+1, 32) }, "are over 1048576"},
		"data beyond the end":   {func(c *cells) uint32 { return c.value("v", 1, 100, 1<<20) }, "beyond the end"},
		"data beyond its cell":  {func(c *cells) uint32 { return c.value("v", 1, 100, c.add(make([]byte, 20))) }, "want 100"},
		"key as value":          {func(c *cells) uint32 { return c.node("v", 0, 0, 0, 0) }, `signature "nk", want "vk"`},
		"few segments":          {func(c *cells) uint32 { return c.value("v", 1, 40_000, c.list("db", 32)) }, "1 segments of data, want 3"},
		"list of segments":      {func(c *cells) uint32 { return c.value("v", 1, 20_000, c.list("db", 0, 0)) }, "no cell starts"},
		"segments are one cell": {func(c *cells) uint32 { d := c.list("db", 0, 0); c.patch(d, 4, d); return c.value("v", 1, 20_000, d) }, "cell"},
	} {
		t.Run(name, func(t *testing.T) {
			// Given a key with a broken value v before a good one.
			c := newCells()
			values := c.offsets(test.build(c), c.value("good", hive.DWord, 1<<31|4, 1))
			root := mustKey(t, open(t, c.bytes(c.node("ROOT", 0, 0, 2, values))), "")

			// When the values are read, then the error names a cell, and the good one is there.
			got, err := root.Values()
			if err == nil || !strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), "cell 0x") {
				t.Errorf("got error %v, want one with %q and a cell", err, test.err)
			}
			if len(got) != 1 || got[0].Name != "good" {
				t.Errorf("got values %v, want the good one", got)
			}
			if got, ok := root.Value("good"); got != "1" || !ok {
				t.Errorf("good value: got %q, %v, want 1", got, ok)
			}
			if got, ok := root.Value("v"); ok {
				t.Errorf("broken value: got %q, want none", got)
			}
		})
	}
}

func TestManyValues(t *testing.T) {
	for name, test := range map[string]struct {
		claimed uint32
		listed  int
		size    uint32
		want    int
		err     string
	}{
		"all allowed":   {1 << 14, 1 << 14, 8, 1 << 14, ""},
		"one too many":  {1<<14 + 1, 1<<14 + 1, 8, 1 << 14, "16385 values are over 16384"},
		"too much data": {1 << 14, 1 << 14, 1 << 19, 31, "16777216 bytes together"},
		"huge claim":    {1 << 31, 1, 8, 0, "beyond the end"},
		"false claim":   {5000, 1, 8, 0, "beyond the end"},
	} {
		t.Run(name, func(t *testing.T) {
			// Given a key with many values, all of the same data.
			c := newCells()
			value := c.value("v", hive.Binary, test.size, c.add(make([]byte, test.size)))
			values := c.offsets(slices.Repeat([]uint32{value}, test.listed)...)
			root := mustKey(t, open(t, c.bytes(c.node("ROOT", 0, 0, test.claimed, values))), "")

			// When they are read, then no more than the bounds allow are returned.
			got, err := root.Values()
			if len(got) != test.want {
				t.Errorf("got %d values, want %d", len(got), test.want)
			}
			switch {
			case test.err == "" && err != nil:
				t.Errorf("got error %v, want none", err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("got error %v, want one with %q", err, test.err)
			}
		})
	}
}

func utf16(ascii string) []byte {
	var b []byte
	for _, c := range []byte(ascii) {
		b = append(b, c, 0)
	}
	return b
}
