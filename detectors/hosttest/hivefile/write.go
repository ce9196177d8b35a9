package hivefile

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// The format is that of "Windows registry file format specification" by Maxim Suhanov
// (github.com/msuhanov/regf); so are the names and offsets below.
const (
	baseSize       = 4096
	binHeader      = 32
	binAlign       = 4096
	nodeHeader     = 76
	valueHeader    = 20
	securityHeader = 20
	descriptorSize = 20

	none            = 0xffffffff // no such cell
	nodeLatin1      = 0x0020     // key node flag KEY_COMP_NAME
	nodeRoot        = 0x000c     // key node flags KEY_HIVE_ENTRY and KEY_NO_DELETE
	valueLatin1     = 0x0001     // key value flag VALUE_COMP_NAME
	valueInline     = 0x80000000 // in the data size: the data is in the offset field
	descriptorFlags = 0x8004     // SE_SELF_RELATIVE and SE_DACL_PRESENT

	typeSZ      = 1
	segmentSize = 16344                   // data in one segment of a big data record
	leafSize    = 500                     // subkeys in one leaf; more are split, as by Windows
	writtenAt   = 133_486_382_450_000_000 // Written as a FILETIME
)

// Written is the time, in RFC 3339 form, at which all keys of a written hive claim to have
// been modified.
const Written = "2024-01-02T03:04:05Z"

// Write returns the bytes of a hive with the given root key.
func Write(root Node) []byte {
	w := &writer{bins: make([]byte, binHeader)}
	w.security = w.alloc(securityItem())
	rootAt := w.key(root, none)
	w.patch(w.security+4, w.security) // the item is a list of its own
	w.patch(w.security+8, w.security)
	w.patch(w.security+12, w.keys)
	w.fill()
	return append(w.base(rootAt), w.bins...)
}

// writer collects the hive bins data, which is one large bin.
type writer struct {
	bins     []byte
	security uint32 // offset of the security item that all keys share
	keys     uint32
}

// alloc adds a cell and returns its offset.
func (w *writer) alloc(content []byte) uint32 {
	off := len(w.bins)
	size := (4 + len(content) + 7) &^ 7
	w.bins = binary.LittleEndian.AppendUint32(w.bins, uint32(-int32(size)))
	w.bins = append(w.bins, content...)
	w.bins = append(w.bins, make([]byte, off+size-len(w.bins))...)
	return uint32(off)
}

// patch sets a field of a cell's content: at is the cell's offset plus the field's.
func (w *writer) patch(at, value uint32) {
	binary.LittleEndian.PutUint32(w.bins[4+at:], value)
}

// key writes a key with all below it.
func (w *writer) key(n Node, parent uint32) uint32 {
	w.keys++
	name, compressed := encodeName(n.Name)
	node := make([]byte, nodeHeader, nodeHeader+len(name))
	copy(node, "nk")
	flags := uint16(0)
	if compressed {
		flags |= nodeLatin1
	}
	if parent == none {
		flags |= nodeRoot
	}
	le := binary.LittleEndian
	le.PutUint16(node[2:], flags)
	le.PutUint64(node[4:], writtenAt)
	le.PutUint32(node[16:], parent)
	le.PutUint32(node[20:], uint32(len(n.Keys)))
	le.PutUint32(node[28:], none) // subkeys, set below
	le.PutUint32(node[32:], none) // volatile subkeys
	le.PutUint32(node[36:], uint32(len(n.Values)))
	le.PutUint32(node[40:], none) // values, set below
	le.PutUint32(node[44:], w.security)
	le.PutUint32(node[48:], none) // class name
	longestKey, longestValue, longestData := n.longest()
	le.PutUint32(node[52:], longestKey)
	le.PutUint32(node[60:], longestValue)
	le.PutUint32(node[64:], longestData)
	le.PutUint16(node[72:], uint16(len(name)))
	off := w.alloc(append(node, name...))
	if len(n.Values) > 0 {
		w.patch(off+40, w.values(n.Values))
	}
	if len(n.Keys) > 0 {
		w.patch(off+28, w.subkeys(n.Keys, off))
	}
	return off
}

// longest returns the sizes that a key node records about its subkeys and values.
func (n Node) longest() (key, value, data uint32) {
	for _, k := range n.Keys {
		key = max(key, uint32(len(encodeUTF16(k.Name))))
	}
	for name, text := range n.Values {
		value = max(value, uint32(len(encodeUTF16(name))))
		data = max(data, uint32(len(encodeUTF16(text)))+2)
	}
	return key, value, data
}

// subkeys writes keys and their list: a hash leaf, or several below an index root. Windows
// searches lists by halving and expects them sorted by upper-case name.
func (w *writer) subkeys(keys []Node, parent uint32) uint32 {
	sorted := slices.SortedFunc(slices.Values(keys), func(a, b Node) int {
		return slices.Compare(upper(a.Name), upper(b.Name))
	})
	var leaves []uint32
	for part := range slices.Chunk(sorted, leafSize) {
		leaf := listHeader("lh", len(part))
		for _, k := range part {
			leaf = binary.LittleEndian.AppendUint32(leaf, w.key(k, parent))
			leaf = binary.LittleEndian.AppendUint32(leaf, hash(k.Name))
		}
		leaves = append(leaves, w.alloc(leaf))
	}
	if len(leaves) == 1 {
		return leaves[0]
	}
	return w.alloc(appendOffsets(listHeader("ri", len(leaves)), leaves))
}

func (w *writer) values(values map[string]string) uint32 {
	var offsets []uint32
	for _, name := range slices.Sorted(maps.Keys(values)) {
		offsets = append(offsets, w.value(name, append(encodeUTF16(values[name]), 0, 0)))
	}
	return w.alloc(appendOffsets(nil, offsets))
}

func (w *writer) value(name string, data []byte) uint32 {
	encoded, compressed := encodeName(name)
	value := make([]byte, valueHeader, valueHeader+len(encoded))
	copy(value, "vk")
	le := binary.LittleEndian
	le.PutUint16(value[2:], uint16(len(encoded)))
	if len(data) <= 4 {
		le.PutUint32(value[4:], valueInline|uint32(len(data)))
		copy(value[8:12], data)
	} else {
		le.PutUint32(value[4:], uint32(len(data)))
		le.PutUint32(value[8:], w.data(data))
	}
	le.PutUint32(value[12:], typeSZ)
	if compressed {
		le.PutUint16(value[16:], valueLatin1)
	}
	return w.alloc(append(value, encoded...))
}

// data writes the data of a value, in segments if it is long.
func (w *writer) data(data []byte) uint32 {
	if len(data) <= segmentSize {
		return w.alloc(data)
	}
	var segments []uint32
	for part := range slices.Chunk(data, segmentSize) {
		segments = append(segments, w.alloc(part))
	}
	list := w.alloc(appendOffsets(nil, segments))
	return w.alloc(appendOffsets(listHeader("db", len(segments)), []uint32{list}))
}

// fill completes the bin: it is a multiple of 4096 bytes long, and what no cell in use
// occupies is a cell not in use.
func (w *writer) fill() {
	used := len(w.bins)
	free := (binAlign - used%binAlign) % binAlign
	w.bins = append(w.bins, make([]byte, free)...)
	le := binary.LittleEndian
	if free > 0 {
		le.PutUint32(w.bins[used:], uint32(free))
	}
	copy(w.bins, "hbin")
	le.PutUint32(w.bins[8:], uint32(len(w.bins)))
	le.PutUint64(w.bins[20:], writtenAt)
}

// base returns the base block.
func (w *writer) base(root uint32) []byte {
	base := make([]byte, baseSize)
	copy(base, "regf")
	le := binary.LittleEndian
	le.PutUint32(base[4:], 1) // both sequence numbers: not dirty
	le.PutUint32(base[8:], 1)
	le.PutUint64(base[12:], writtenAt)
	le.PutUint32(base[20:], 1) // version 1.5
	le.PutUint32(base[24:], 5)
	le.PutUint32(base[32:], 1) // direct memory load
	le.PutUint32(base[36:], root)
	le.PutUint32(base[40:], uint32(len(w.bins)))
	le.PutUint32(base[44:], 1) // sectors of 512 bytes
	var sum uint32
	for i := 0; i < 508; i += 4 {
		sum ^= le.Uint32(base[i:])
	}
	switch sum { // as Windows does it
	case 0:
		sum = 1
	case none:
		sum--
	}
	le.PutUint32(base[508:], sum)
	return base
}

// securityItem returns a key security item whose security descriptor grants everything to
// everyone: its DACL is present and null ([MS-DTYP] 2.4.6).
func securityItem() []byte {
	item := make([]byte, securityHeader+descriptorSize)
	copy(item, "sk")
	le := binary.LittleEndian
	le.PutUint32(item[16:], descriptorSize)
	item[securityHeader] = 1 // revision
	le.PutUint16(item[securityHeader+2:], descriptorFlags)
	return item
}

func listHeader(signature string, count int) []byte {
	return binary.LittleEndian.AppendUint16([]byte(signature), uint16(count))
}

func appendOffsets(b []byte, offsets []uint32) []byte {
	for _, off := range offsets {
		b = binary.LittleEndian.AppendUint32(b, off)
	}
	return b
}

// hash is the name hash of a hash leaf.
func hash(name string) uint32 {
	var h uint32
	for _, c := range upper(name) {
		h = 37*h + uint32(c)
	}
	return h
}

func upper(name string) []uint16 {
	return utf16.Encode([]rune(strings.Map(unicode.ToUpper, name)))
}

// encodeName encodes a name in Latin-1 if it can be, in UTF-16LE otherwise.
func encodeName(name string) (encoded []byte, compressed bool) {
	for _, r := range name {
		if r > unicode.MaxLatin1 {
			return encodeUTF16(name), false
		}
		encoded = append(encoded, byte(r))
	}
	return encoded, true
}

func encodeUTF16(s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}
