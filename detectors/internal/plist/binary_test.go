package plist_test

import (
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"beagle/detectors/internal/plist"
)

// bplist writes a binary list of the given objects with references of refSize bytes; the
// first object is the root.
func bplist(refSize int, objects ...string) []byte {
	data := []byte("bplist00")
	offsets := make([]int, 0, len(objects))
	for _, o := range objects {
		offsets = append(offsets, len(data))
		data = append(data, o...)
	}
	return finish(data, refSize, offsets)
}

func finish(data []byte, refSize int, offsets []int) []byte {
	table := len(data)
	for _, o := range offsets {
		data = binary.BigEndian.AppendUint32(data, uint32(o))
	}
	data = append(data, 0, 0, 0, 0, 0, 0, 4, byte(refSize))
	data = binary.BigEndian.AppendUint64(data, uint64(len(offsets)))
	data = binary.BigEndian.AppendUint64(data, 0)
	return binary.BigEndian.AppendUint64(data, uint64(table))
}

// under makes the object the value of the key k.
func under(objects ...string) []byte {
	return bplist(1, append([]string{"\xd1\x01\x02", "\x51k"}, objects...)...)
}

func seconds(s float64) string {
	return "\x33" + string(binary.BigEndian.AppendUint64(nil, math.Float64bits(s)))
}

func TestParseBinary(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		name    string
		objects []string
		want    any
	}{
		{"null", []string{"\x00"}, nil},
		{"fill", []string{"\x0f"}, nil},
		{"false", []string{"\x08"}, false},
		{"true", []string{"\x09"}, true},
		{"1 byte is unsigned", []string{"\x10\xff"}, int64(255)},
		{"2 bytes are unsigned", []string{"\x11\xff\xff"}, int64(65535)},
		{"4 bytes are unsigned", []string{"\x12\xff\xff\xff\xff"}, int64(math.MaxUint32)},
		{"8 bytes are signed", []string{"\x13\xff\xff\xff\xff\xff\xff\xff\xfe"}, int64(-2)},
		{"16 bytes", []string{"\x14" + strings.Repeat("\x00", 8) + strings.Repeat("\xff", 8)}, uint64(math.MaxUint64)},
		{"16 bytes, small", []string{"\x14" + strings.Repeat("\x00", 15) + "\x07"}, int64(7)},
		{"16 bytes, negative", []string{"\x14" + strings.Repeat("\xff", 16)}, int64(-1)},
		{"real of 4 bytes", []string{"\x22\x3f\xc0\x00\x00"}, 1.5},
		{"real of 8 bytes", []string{"\x23\x3f\xf8\x00\x00\x00\x00\x00\x00"}, 1.5},
		{"date", []string{seconds(0)}, time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"date before, with a fraction", []string{seconds(-1.5)}, time.Date(2000, 12, 31, 23, 59, 58, 5e8, time.UTC)},
		{"date that is none", []string{seconds(math.NaN())}, time.Time{}},
		{"date too far", []string{seconds(1e300)}, time.Time{}},
		{"date before the calendar", []string{seconds(-249e9)}, time.Time{}},
		{"date of the year 10000", []string{seconds(252.5e9)}, time.Time{}},
		{"data", []string{"\x42\x00\xff"}, []byte{0, 255}},
		{"ascii", []string{"\x53abc"}, "abc"},
		{"ascii that is utf-8", []string{"\x53\xe4\xbd\xa0"}, "你"},
		{"ascii that is neither", []string{"\x53a\xe4b"}, "a\ufffdb"},
		{"utf-8", []string{"\x73\xe4\xbd\xa0"}, "你"},
		{"ascii, long", []string{"\x5f\x11\x01\x2c" + long}, long},
		{"utf-16", []string{"\x63\x4f\x60\xd8\x3d\xdc\x36"}, "你🐶"},
		{"utf-16 with lone halves", []string{"\x64\xd8\x3d\x00a\xdc\x36\xd8\x3d"}, "\ufffda\ufffd\ufffd"},
		{"uid", []string{"\x80\x07"}, plist.UID(7)},
		{"uid of 3 bytes", []string{"\x82\x01\x00\x00"}, plist.UID(65536)},
		{"array, set, ordered set", []string{"\xa3\x03\x04\x05", "\xa1\x06", "\xc1\x06", "\xb1\x06", "\x09"},
			[]any{[]any{true}, []any{true}, []any{true}}},
		{"objects used twice", []string{"\xa4\x03\x03\x04\x04", "\x51a", "\xa1\x03"},
			[]any{"a", "a", []any{"a"}, []any{"a"}}},
		{"key twice", []string{"\xd2\x01\x01\x03\x04", "\x08", "\x09"}, map[string]any{"k": true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := plist.Parse(under(tt.objects...))
			if err != nil || !reflect.DeepEqual(got["k"], tt.want) {
				t.Errorf("got %#v, %v, want %#v", got["k"], err, tt.want)
			}
		})
	}
}

func TestParseBinaryErrors(t *testing.T) {
	// trailer changes a byte of the last 32 of a good list.
	trailer := func(at int, to byte) []byte {
		data := under("\x09")
		data[len(data)-32+at] = to
		return data
	}
	good := under("\x09")
	version := append([]byte{}, good...)
	version[6] = '1'
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"cut short", good[:39], "cut short"},
		{"cut anywhere", good[:len(good)-1], "offset"},
		{"version", version, `unknown version "10"`},
		{"offsets of no bytes", trailer(6, 0), "offsets of 0 bytes"},
		{"offsets of 9 bytes", trailer(6, 9), "offsets of 9 bytes"},
		{"references of no bytes", trailer(7, 0), "references of 0"},
		{"many objects", trailer(8, 0x80), "out of range"},
		{"one object too many", trailer(15, 4), "offset table of 4"},
		{"root out of range", trailer(23, 3), "object 3 of 3"},
		{"root huge", trailer(16, 0xff), "object 18374686479671623680 of 3"},
		{"table in the header", trailer(31, 8), "at byte 8 is out of range"},
		{"table huge", trailer(24, 0xff), "out of range"},
		{"table in the trailer", trailer(31, 0xf0), "out of range"},
		{"no objects", trailer(15, 0), "object 0 of 0"},
		{"offset in the header", finish([]byte("bplist00\x09"), 1, []int{7}), "byte 7 is out of range"},
		{"offset in the table", finish([]byte("bplist00\x09"), 1, []int{9}), "byte 9 is out of range"},
		{"root no dictionary", bplist(1, "\x09"), "root is not a dictionary"},
		{"key no string", bplist(1, "\xd1\x01\x01", "\x09"), "is no string"},
		{"reference out of range", under("\xa1\x03"), "object 3 of 3"},
		{"array beyond the end", under("\xa9\x00"), "out of range"},
		{"string beyond the end", under("\x52a"), "out of range"},
		{"utf-16 beyond the end", under("\x62a\x00b"), "out of range"},
		{"number beyond the end", under("\x12\x00"), "out of range"},
		{"length beyond the end", under("\x5f"), "out of range"},
		{"length's number beyond the end", under("\x5f\x12\x00"), "out of range"},
		{"length of no integer", under("\x5f\x51aaa"), "length of unknown form"},
		{"length of 16 bytes", under("\x5f\x14" + strings.Repeat("\x00", 16)), "length of unknown form"},
		{"length of 4 GiB", under("\x5f\x12\xff\xff\xff\xff"), "claims 4294967295"},
		{"length negative", under("\x6f\x13\xff\xff\xff\xff\xff\xff\xff\xff"), "claims"},
		{"length that wraps when doubled", under("\x6f\x13\x80\x00\x00\x00\x00\x00\x00\x01"), "claims"},
		{"array length huge", under("\xaf\x13\x7f\xff\xff\xff\xff\xff\xff\xff"), "claims"},
		{"dictionary length huge", under("\xdf\x13\x20\x00\x00\x00\x00\x00\x00\x01"), "claims"},
		{"integer of 65 bits", under("\x14" + strings.Repeat("\x00", 7) + "\x01" + strings.Repeat("\x00", 8)), "more than 64 bits"},
		{"integer of 32 bytes", under("\x15" + strings.Repeat("\x00", 32)), "number of 32 bytes"},
		{"real of 2 bytes", under("\x21\x00\x00"), "unknown object 0x21"},
		{"date of 4 bytes", under("\x32\x00\x00\x00\x00"), "unknown object 0x32"},
		{"uid of 16 bytes", under("\x8f" + strings.Repeat("\x00", 16)), "unknown object 0x8f"},
		{"singleton", under("\x01"), "unknown object 0x01"},
		{"object", under("\xe0"), "unknown object 0xe0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := plist.Parse(tt.data)
			if err == nil || !strings.Contains(err.Error(), tt.want) || got != nil {
				t.Errorf("got %v, %v, want error %q", got, err, tt.want)
			}
		})
	}
}
