package hive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Types of values, as in the Windows documentation "Registry Value Types". Others occur;
// those of device properties, for one, are large numbers.
const (
	None           uint32 = 0
	SZ             uint32 = 1 // text
	ExpandSZ       uint32 = 2 // text with %variables% not yet replaced
	Binary         uint32 = 3
	DWord          uint32 = 4 // 32 bits, little-endian
	DWordBigEndian uint32 = 5
	Link           uint32 = 6  // target of a registry link, UTF-16LE without a NUL
	MultiSZ        uint32 = 7  // list of texts
	QWord          uint32 = 11 // 64 bits, little-endian
)

const (
	maxValues      = 1 << 14
	maxValueData   = 1 << 20
	maxValuesTotal = 16 << 20

	valueHeader     = 20         // length of a key value before its name
	inlineData      = 0x80000000 // in the data size: the data is in the offset field
	valueNameLatin1 = 0x0001     // VALUE_COMP_NAME among the flags of a key value

	bigDataMinor   = 4 // first minor version with big data records
	bigDataHeader  = 8
	bigDataSegment = 16344 // bytes of data in each segment but the last
)

// errBudget ends the reading of a key's values.
var errBudget = fmt.Errorf("values have over %d bytes together", maxValuesTotal)

// Value is one value of a key.
type Value struct {
	Name string // "" for the default value
	Type uint32 // one of the types above, or another
	Data []byte // as stored; text is UTF-16LE
}

// String returns the value as text: an SZ or ExpandSZ up to its first NUL, the texts of a
// MultiSZ up to the first empty one with newlines between them, a DWord or QWord as a
// decimal number. It is "" for other types and for numbers of the wrong
// size.
func (v Value) String() string {
	switch {
	case v.Type == SZ, v.Type == ExpandSZ:
		text, _ := upToNUL(v.Data)
		return decodeUTF16(text)
	case v.Type == MultiSZ:
		return multiString(v.Data)
	case v.Type == DWord && len(v.Data) == 4:
		return strconv.FormatUint(uint64(binary.LittleEndian.Uint32(v.Data)), 10)
	case v.Type == QWord && len(v.Data) == 8:
		return strconv.FormatUint(binary.LittleEndian.Uint64(v.Data), 10)
	}
	return ""
}

func multiString(data []byte) string {
	var parts []string
	for len(data) > 1 {
		text, rest := upToNUL(data)
		if len(text) == 0 {
			break
		}
		parts = append(parts, decodeUTF16(text))
		data = rest
	}
	return strings.Join(parts, "\n")
}

// record is a key value before its data is read.
type record struct {
	offset uint32
	name   rawName
	kind   uint32
	size   uint32 // with the inlineData bit
	data   [4]byte
}

// readValues reads all values of the key, or those that come before a bound.
func (k *Key) readValues() ([]Value, error) {
	offsets, first := k.valueOffsets()
	values := make([]Value, 0, len(offsets))
	total := 0
	for _, off := range offsets {
		value, cost, err := k.hive.readValue(off, maxValuesTotal-total)
		if errors.Is(err, errBudget) {
			return values, err
		}
		total += cost
		if err == nil {
			values = append(values, value)
		} else if first == nil {
			first = err
		}
	}
	return values, first
}

// readValue reads the key value at off and its data, if that costs no more than budget
// bytes, and returns the cost. Many values may share one cell, so that a small file can
// hold much more data than its size.
func (h *Hive) readValue(off uint32, budget int) (v Value, cost int, err error) {
	r, err := h.record(off)
	if err != nil {
		return Value{}, 0, err
	}
	cost = len(r.name.bytes) + r.length()
	if r.length() > maxValueData {
		cost = 0 // refused before anything is read
	}
	if cost > budget {
		return Value{}, 0, cellError(off, errBudget)
	}
	v, err = h.value(r)
	return v, cost, err
}

// valueOffsets returns where the values of the key are. With an error the result holds
// those found nevertheless.
func (k *Key) valueOffsets() ([]uint32, error) {
	if k.values == 0 {
		return nil, nil
	}
	var err error
	if k.values > maxValues {
		err = cellError(k.valuesList, fmt.Errorf("%d values are over %d", k.values, maxValues))
	}
	list, listErr := k.hive.content(k.valuesList, 4*int(min(k.values, maxValues)))
	if listErr != nil {
		return nil, listErr
	}
	offsets := make([]uint32, len(list)/4)
	for i := range offsets {
		offsets[i] = binary.LittleEndian.Uint32(list[4*i:])
	}
	return offsets, err
}

// record reads the key value at off.
func (h *Hive) record(off uint32) (record, error) {
	// Names may have 32,766 bytes but hardly ever have more than a hundred.
	const usual = 128
	content, err := h.signed(off, "vk", valueHeader, make([]byte, sizeField+valueHeader+usual))
	if err != nil {
		return record{}, err
	}
	le := binary.LittleEndian
	need := valueHeader + int(le.Uint16(content[2:]))
	if need > len(content) {
		if content, err = h.content(off, need); err != nil {
			return record{}, err
		}
	}
	return record{
		offset: off,
		name:   rawName{content[valueHeader:need], le.Uint16(content[16:])&valueNameLatin1 != 0},
		kind:   le.Uint32(content[12:]),
		size:   le.Uint32(content[4:]),
		data:   [4]byte(content[8:12]),
	}, nil
}

// length is the number of bytes of data.
func (r record) length() int { return int(r.size &^ inlineData) }

// value completes a record with its data.
func (h *Hive) value(r record) (Value, error) {
	v := Value{Name: r.name.String(), Type: r.kind}
	length := r.length()
	if r.size&inlineData != 0 {
		if length > len(r.data) {
			return Value{}, cellError(r.offset, fmt.Errorf("%d bytes of data in a field of %d", length, len(r.data)))
		}
		v.Data = r.data[:length]
		return v, nil
	}
	if length > maxValueData {
		return Value{}, cellError(r.offset, fmt.Errorf("%d bytes of data are over %d", length, maxValueData))
	}
	if length == 0 {
		return v, nil
	}
	at := binary.LittleEndian.Uint32(r.data[:])
	var err error
	if length > bigDataSegment && h.minor >= bigDataMinor {
		v.Data, err = h.bigData(at, length)
	} else {
		v.Data, err = h.content(at, length)
	}
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

// bigData reads data of the given length that may be split into segments by the record at
// off. Programs other than Windows write it in one piece.
func (h *Hive) bigData(off uint32, length int) ([]byte, error) {
	header, err := h.content(off, bigDataHeader)
	if err != nil {
		return nil, err
	}
	if string(header[:2]) != "db" {
		return h.content(off, length)
	}
	segments := (length + bigDataSegment - 1) / bigDataSegment
	if count := int(binary.LittleEndian.Uint16(header[2:])); count < segments {
		return nil, cellError(off, fmt.Errorf("%d segments of data, want %d", count, segments))
	}
	list, err := h.content(binary.LittleEndian.Uint32(header[4:]), 4*segments)
	if err != nil {
		return nil, err
	}
	var data []byte
	for ; len(list) > 0; list = list[4:] {
		segment, err := h.content(binary.LittleEndian.Uint32(list), min(length-len(data), bigDataSegment))
		if err != nil {
			return nil, err
		}
		data = append(data, segment...)
	}
	return data, nil
}
