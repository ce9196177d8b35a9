package plist_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"beagle/detectors/internal/plist"
)

const mib = 1 << 20

// hostile are inputs that crash, fill the memory or take the time of a careless reader.
// A want of "" means that the input is large but right.
func hostile() []struct {
	name string
	data []byte
	want string
} {
	in := func(value string) []byte { return []byte("<plist><dict><key>k</key>" + value + "</dict></plist>") }
	return []struct {
		name string
		data []byte
		want string
	}{
		{"xml deep", []byte("<plist>" + strings.Repeat("<array>", 100_000)), "nested deeper"},
		{"xml deep dictionaries", []byte(strings.Repeat("<dict><key>k</key>", 100_000)), "nested deeper"},
		{"xml many attributes", in("<true " + strings.Repeat(`a="" `, 200_000) + "/>"), ""},
		{"xml many empty lists", in("<array>" + strings.Repeat("<array/>", 500_000) + "</array>"), "too many values"},
		{"xml many small dictionaries", in("<array>" + strings.Repeat("<dict><key>k</key><true/></dict>", 120_000) + "</array>"), "too many values"},
		{"xml many keys", []byte("<dict>" + numbered("<key>%d</key><true/>", 160_000) + "</dict>"), "too many values"},
		{"xml many comments", in("<string>" + strings.Repeat("<!---->a", 100_000) + "</string>"), ""},
		{"xml many references", in("<string>" + strings.Repeat("&#9;", mib/4) + "</string>"), ""},
		{"xml many broken characters", in("<string>" + strings.Repeat("\xff\x41", 2*mib-100) + "</string>"), ""},
		{"xml open quotes", []byte("<true " + strings.Repeat(`"`, 4*mib-101)), "unexpected end"},
		{"xml large data", in("<data>" + strings.Repeat("QUFB", mib-100) + "</data>"), ""},
		{"xml string at the bound", in("<string>" + strings.Repeat("x", 4*mib-100) + "</string>"), ""},
		{"xml string of 16 MiB", in("<string>" + strings.Repeat("x", 16*mib) + "</string>"), "larger than"},
		{"binary array in itself", under("\xa1\x02"), "too many values"},
		{"binary dictionary in itself", bplist(1, "\xd1\x01\x00", "\x51k"), "too many values"},
		{"binary array in itself, many times", under("\xae" + strings.Repeat("\x02", 14)), "too many values"},
		{"binary array in itself, in a large file", under("\xa1\x02", strings.Repeat("\x00", 1000)), "nested deeper"},
		{"binary deep", bplist(3, chain(500_000)...), "nested deeper"},
		{"binary deep and wide", under(doubled(100)...), "too many values"},
		{"binary one dictionary many times", oneManyTimes(), ""},
		{"binary many small dictionaries", manyDicts(21_000), ""},
		{"binary strings over the same bytes", overlapping('\x6f', 100_000, 2000), "objects overlap"},
		{"binary lists over the same bytes", overlapping('\xaf', 200_000, 2000), "too many values"},
		{"binary large utf-16", under("\x6f\x12\x00\x0f\xff\x00" + strings.Repeat("\x4f\x60", 0xfff00)), ""},
		{"binary large broken string", under("\x5f\x12\x00\x0f\xff\x00" + strings.Repeat("\xff\x41", 0x7ff80)), ""},
	}
}

func TestHostile(t *testing.T) {
	for _, tt := range hostile() {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			// When it is parsed.
			_, err := plist.Parse(tt.data)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			// Then it ends soon, within bounds, and as it should.
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error: got %v, want %q", err, tt.want)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 40*mib {
				t.Errorf("allocated: got %d MiB for %d bytes, want at most 40", used/mib, len(tt.data))
			} else {
				t.Logf("%d bytes: allocated %d KiB in %v", len(tt.data), used>>10, took.Round(time.Millisecond))
			}
			if took > 30*time.Second {
				t.Errorf("time: got %v, want well below 30s", took)
			}
		})
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func ref3(i int) string { return string([]byte{byte(i >> 16), byte(i >> 8), byte(i)}) }

// chain returns n arrays of which each contains the next.
func chain(n int) []string {
	objects := make([]string, 0, n+1)
	for i := range n {
		objects = append(objects, "\xa1"+ref3(i+1))
	}
	return append(objects, "\x09")
}

// doubled returns arrays that hold the next one twice, after a value of a few bytes that
// lifts the budget, which is the size of the input.
func doubled(n int) []string {
	var objects []string
	for i := range n {
		objects = append(objects, "\xa2"+strings.Repeat(string([]byte{byte(i + 3)}), 2))
	}
	return append(objects, "\x09", "\x4f\x12\x00\x02\x00\x00"+strings.Repeat("x", 0x20000))
}

// oneManyTimes returns a list with a dictionary of one key referred to 20,000 times.
func oneManyTimes() []byte {
	return under("\xaf\x11\x4e\x20"+strings.Repeat("\x03", 20000), "\xd1\x01\x04", "\x09",
		"\x4f\x12\x00\x02\x00\x00"+strings.Repeat("x", 0x20000))
}

// manyDicts returns a list of n dictionaries of one key.
func manyDicts(n int) []byte {
	objects := []string{"\xd1" + ref3(1) + ref3(2), "\x51k", ""}
	var list strings.Builder
	list.WriteString("\xaf\x12" + string(binary.BigEndian.AppendUint32(nil, uint32(n))))
	for i := range n {
		list.WriteString(ref3(i + 3))
		objects = append(objects, "\xd1"+ref3(1)+ref3(1))
	}
	objects[2] = list.String()
	return bplist(3, objects...)
}

// overlapping returns a list of count objects, each of size elements over nearly the
// same bytes.
func overlapping(marker byte, size uint32, count int) []byte {
	data := []byte("bplist00\xd1\x00\x00\x01\x00\x00\x02\x51k")
	offsets := []int{8, 15, 17}
	data = append(data, 0xaf, 0x12)
	data = binary.BigEndian.AppendUint32(data, uint32(count))
	for i := range count {
		data = append(data, ref3(i+3)...)
	}
	for range count {
		offsets = append(offsets, len(data))
		data = append(data, marker, 0x12)
		data = binary.BigEndian.AppendUint32(data, size)
	}
	return finish(append(data, make([]byte, 600_000)...), 3, offsets)
}
