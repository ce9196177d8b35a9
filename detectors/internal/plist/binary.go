package plist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf16"
)

// A binary property list is a header, the objects, a table of the objects' offsets, and
// a trailer of 32 bytes (CFBinaryPlistTrailer in ForFoundationOnly.h):
//
//	 0  5 bytes unused, 1 byte sort version
//	 6  1 byte: size of an entry in the offset table
//	 7  1 byte: size of a reference to an object
//	 8  8 bytes: number of objects
//	16  8 bytes: the root's number
//	24  8 bytes: where the offset table begins
const (
	headerSize  = 8
	trailerSize = 32
)

type binaryReader struct {
	objects []byte // header and objects, up to the offset table
	table   []byte
	count   uint64 // of objects
	offSize int
	refSize int

	values budget
	// text is how many more bytes of strings and data may be read. Objects do not overlap
	// in a list that a program wrote, so their sum is below the size of the file.
	text int
	// shared keeps what one object number stands for: programs write equal strings once
	// and refer to them often.
	shared map[uint64]any
}

func parseBinary(data []byte) (any, error) {
	r, root, err := newBinaryReader(data)
	if err != nil {
		return nil, err
	}
	return r.object(root, 0)
}

func newBinaryReader(data []byte) (r *binaryReader, root uint64, err error) {
	if len(data) < headerSize+trailerSize {
		return nil, 0, errors.New("binary form cut short")
	}
	// CoreFoundation takes any "bplist0x"; other versions are other formats.
	if data[6] != '0' {
		return nil, 0, fmt.Errorf("binary form of unknown version %q", data[6:8])
	}
	tableEnd := uint64(len(data) - trailerSize)
	trailer := data[tableEnd:]
	r = &binaryReader{
		offSize: int(trailer[6]),
		refSize: int(trailer[7]),
		count:   binary.BigEndian.Uint64(trailer[8:]),
		values:  budget(min(maxValues, len(data))),
		text:    len(data),
		shared:  map[uint64]any{},
	}
	root = binary.BigEndian.Uint64(trailer[16:])
	tableAt := binary.BigEndian.Uint64(trailer[24:])
	if r.offSize < 1 || r.offSize > 8 || r.refSize < 1 || r.refSize > 8 {
		return nil, 0, fmt.Errorf("offsets of %d bytes and references of %d", r.offSize, r.refSize)
	}
	if tableAt <= headerSize || tableAt > tableEnd || r.count > (tableEnd-tableAt)/uint64(r.offSize) {
		return nil, 0, fmt.Errorf("offset table of %d objects at byte %d is out of range", r.count, tableAt)
	}
	r.objects = data[:tableAt]
	r.table = data[tableAt:tableEnd]
	return r, root, nil
}

// object reads the object of the given number, nested in depth others.
func (r *binaryReader) object(ref uint64, depth int) (any, error) {
	if v, ok := r.shared[ref]; ok {
		return v, nil
	}
	if ref >= r.count {
		return nil, fmt.Errorf("object %d of %d", ref, r.count)
	}
	off := uintOf(r.table[int(ref)*r.offSize:][:r.offSize])
	if off < headerSize || off >= uint64(len(r.objects)) {
		return nil, fmt.Errorf("object %d at byte %d is out of range", ref, off)
	}
	at := int(off)
	marker := r.objects[at]
	switch marker >> 4 {
	case 0x0, 0x1, 0x2, 0x3, 0x8:
		return r.scalar(at)
	case 0x4, 0x5, 0x6, 0x7:
		v, err := r.run(at)
		if err == nil {
			r.shared[ref] = v
		}
		return v, err
	case 0xa, 0xb, 0xc: // array, ordered set, set
		return r.array(at, depth+1)
	case 0xd:
		return r.dict(at, depth+1)
	}
	return nil, fmt.Errorf("unknown object %#02x at byte %d", marker, at)
}

// scalar reads an object of a size its marker tells.
func (r *binaryReader) scalar(at int) (any, error) {
	marker := r.objects[at]
	size := 1 << (marker & 0xf)
	switch marker >> 4 {
	case 0x0:
		switch marker {
		case 0x08, 0x09:
			return marker == 0x09, nil
		case 0x00, 0x0f: // null and fill
			return nil, nil
		}
		return nil, fmt.Errorf("unknown object %#02x at byte %d", marker, at)
	case 0x8:
		size = int(marker&0xf) + 1
	}
	if size > 16 {
		return nil, fmt.Errorf("number of %d bytes at byte %d", size, at)
	}
	b, err := r.bytes(at+1, size)
	if err != nil {
		return nil, err
	}
	switch kind := marker >> 4; {
	case kind == 0x1:
		return integer(b)
	case kind == 0x8 && size <= 8:
		return UID(uintOf(b)), nil
	case kind == 0x2 && size == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b))), nil
	case kind == 0x2 && size == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case kind == 0x3 && size == 8:
		return date(math.Float64frombits(binary.BigEndian.Uint64(b))), nil
	}
	return nil, fmt.Errorf("unknown object %#02x at byte %d", marker, at)
}

// run reads an object of data or text.
func (r *binaryReader) run(at int) (any, error) {
	n, start, err := r.length(at)
	if err != nil {
		return nil, err
	}
	kind := r.objects[at] >> 4
	if kind == 0x6 { // counted in UTF-16 units
		n *= 2
	}
	b, err := r.bytes(start, n)
	if err != nil {
		return nil, err
	}
	if r.text -= n; r.text < 0 {
		return nil, errors.New("objects overlap")
	}
	switch kind {
	case 0x4:
		return append([]byte{}, b...), nil
	case 0x6:
		return utf16Text(b), nil
	}
	// 5 is ASCII, 7 is UTF-8; some programs write UTF-8 as 5.
	return utf8Text(b), nil
}

func (r *binaryReader) array(at, depth int) (any, error) {
	n, start, err := r.length(at)
	if err != nil {
		return nil, err
	}
	refs, err := r.refs(start, n, depth)
	if err != nil {
		return nil, err
	}
	list := make([]any, n)
	for i := range list {
		if list[i], err = r.object(r.ref(refs, i), depth); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// dict reads a dictionary: the references of all keys, then those of all values.
func (r *binaryReader) dict(at, depth int) (any, error) {
	n, start, err := r.length(at)
	if err != nil {
		return nil, err
	}
	refs, err := r.refs(start, 2*n, depth)
	if err != nil {
		return nil, err
	}
	dict := make(map[string]any, n)
	for i := range n {
		k, err := r.object(r.ref(refs, i), depth)
		if err != nil {
			return nil, err
		}
		key, ok := k.(string)
		if !ok {
			return nil, fmt.Errorf("a key of the dictionary at byte %d is no string", at)
		}
		if dict[key], err = r.object(r.ref(refs, n+i), depth); err != nil {
			return nil, err
		}
	}
	return dict, nil
}

// refs returns the bytes of n references, after checking that so many values may follow.
func (r *binaryReader) refs(start, n, depth int) ([]byte, error) {
	if err := checkDepth(depth); err != nil {
		return nil, err
	}
	b, err := r.bytes(start, n*r.refSize)
	if err != nil {
		return nil, err
	}
	return b, r.values.take(n)
}

func (r *binaryReader) ref(refs []byte, i int) uint64 {
	return uintOf(refs[i*r.refSize:][:r.refSize])
}

// length returns how many elements the object has and where they begin. The count is in
// the marker's low half, or if that is 15 in an integer object behind the marker. It is
// never more than the size of the input, so that the caller may multiply it.
func (r *binaryReader) length(at int) (n, start int, err error) {
	low := r.objects[at] & 0xf
	if low != 0xf {
		return int(low), at + 1, nil
	}
	b, err := r.bytes(at+1, 1)
	if err != nil {
		return 0, 0, err
	}
	size := 1 << (b[0] & 0xf)
	if b[0]>>4 != 0x1 || size > 8 {
		return 0, 0, fmt.Errorf("length of unknown form %#02x at byte %d", b[0], at+1)
	}
	if b, err = r.bytes(at+2, size); err != nil {
		return 0, 0, err
	}
	count := uintOf(b)
	if count > uint64(len(r.objects)) {
		return 0, 0, fmt.Errorf("object at byte %d claims %d elements", at, count)
	}
	return int(count), at + 2 + size, nil
}

// bytes returns n bytes of the objects.
func (r *binaryReader) bytes(start, n int) ([]byte, error) {
	if start > len(r.objects) || n > len(r.objects)-start {
		return nil, fmt.Errorf("%d bytes at byte %d are out of range", n, start)
	}
	return r.objects[start : start+n], nil
}

// uintOf reads a big-endian number, modulo 2^64.
func uintOf(b []byte) uint64 {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// integer reads 1, 2 and 4 bytes as unsigned, 8 as signed, 16 as signed; CoreFoundation
// writes 16 bytes for numbers from 2^63.
func integer(b []byte) (any, error) {
	n := uintOf(b)
	if len(b) < 16 {
		return int64(n), nil
	}
	switch high := uintOf(b[:8]); {
	case high == 0 && n > math.MaxInt64:
		return n, nil
	case high == 0, high == math.MaxUint64 && n > math.MaxInt64:
		return int64(n), nil
	}
	return nil, errors.New("number of more than 64 bits")
}

// date converts seconds since the beginning of 2001.
func date(sec float64) time.Time {
	const (
		epoch = 978307200 // 2001-01-01 in Unix time
		limit = 1e12      // beyond any year of four digits, safe to convert
	)
	if math.IsNaN(sec) || math.Abs(sec) > limit {
		return time.Time{}
	}
	whole, frac := math.Modf(sec)
	return inCalendar(time.Unix(epoch+int64(whole), int64(frac*1e9)))
}

// inCalendar replaces dates that text forms such as RFC 3339 cannot express.
func inCalendar(t time.Time) time.Time {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

func utf16Text(b []byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for len(b) >= 2 {
		c := rune(binary.BigEndian.Uint16(b))
		b = b[2:]
		if utf16.IsSurrogate(c) && len(b) >= 2 {
			if pair := utf16.DecodeRune(c, rune(binary.BigEndian.Uint16(b))); pair != '\ufffd' {
				c, b = pair, b[2:]
			}
		}
		s.WriteRune(c) // a lone surrogate becomes U+FFFD
	}
	return s.String()
}

func utf8Text(b []byte) string { return strings.ToValidUTF8(string(b), "\ufffd") }
