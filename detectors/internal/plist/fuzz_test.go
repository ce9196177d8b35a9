package plist_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"beagle/detectors/internal/plist"
)

func FuzzParse(f *testing.F) {
	f.Add(read(f, "info.xml.plist"))
	f.Add(read(f, "info.binary.plist"))
	f.Add([]byte("<!DOCTYPE plist><plist><dict><key>a&amp;</key><array><integer>-0x1</integer><data>YQ==</data></array></dict>"))
	f.Add([]byte("<dict><key>k</key><string>a<![CDATA[b]]>&#x41;<!-- --></string></dict>"))
	f.Add(under("\xa3\x03\x04\x05", "\x63\x4f\x60\xd8\x3d\xdc\x36", seconds(1), "\x82\x01\x00\x00"))
	f.Add(under("\xa1\x02"))
	f.Add(under("\x5f\x12\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dict, err := plist.Parse(data)
		if (dict == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of the two", dict, err)
		}
		check(t, dict, 0)
	})
}

// check fails on values that Parse does not promise.
func check(t *testing.T, v any, depth int) {
	if depth > 128 {
		t.Fatalf("depth: got %d, want at most 128", depth)
	}
	switch v := v.(type) {
	case map[string]any:
		for key, val := range v {
			check(t, key, depth)
			check(t, val, depth+1)
		}
	case []any:
		for _, val := range v {
			check(t, val, depth+1)
		}
	case string:
		if !utf8.ValidString(v) {
			t.Errorf("string: got %q, want valid UTF-8", v)
		}
	case time.Time:
		if _, err := v.MarshalJSON(); err != nil {
			t.Errorf("date: got %v: %v", v, err)
		}
	case nil, bool, int64, uint64, float64, []byte, plist.UID:
	default:
		t.Errorf("value: got %T", v)
	}
}
