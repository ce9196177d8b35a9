package winereg_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"beagle/detectors/internal/winereg"
)

func TestMalformedLines(t *testing.T) {
	for line, want := range map[string]string{
		`nonsense`:                               `line 4: "nonsense"`,
		`"v`:                                     "line 4: value name",
		`"v\`:                                    "line 4: value name",
		`"v"`:                                    "line 4: value",
		`"v"=`:                                   "has no type",
		`"v"=x`:                                  "has no type",
		`"v"=x:1`:                                `type "x"`,
		`"v"=dword:`:                             "number",
		`"v"=dword:123456789`:                    "number",
		`"v"=dword(4):1`:                         "type",
		`"v"=str(2:"x"`:                          "malformed",
		`"v"=str(2):x`:                           "not in quotes",
		`"v"="x`:                                 "no end",
		`"v"=hex:123`:                            "not start with a byte",
		`"v"=hex:01,zz`:                          "not start with a byte",
		`"v"=hex(100000000):01`:                  "malformed",
		strings.Repeat("[A", 1):                  "line 4: key",
		"[" + strings.Repeat("a\\\\", 513):       "line 4: key",
		"[" + strings.Repeat("a\\\\", 513) + "]": "over 512 levels",
	} {
		// Given a malformed line before a good section.
		r, err := winereg.Parse(strings.NewReader(header + "[First]\n\"a\"=\"1\"\n" + line + "\n[Last]\n\"b\"=\"2\""))

		// Then the error names it, and the rest is read.
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "line 4") {
			t.Errorf("%q: got error %v, want one with %q in line 4", line, err, want)
		}
		if a, _ := mustKey(t, r, "First").Value("a"); a != "1" {
			t.Errorf("%q: value before it: got %q, want 1", line, a)
		}
		if b, _ := mustKey(t, r, "Last").Value("b"); b != "2" {
			t.Errorf("%q: value after it: got %q, want 2", line, b)
		}
	}
}

func TestValueOutsideKeys(t *testing.T) {
	// Given values before any key and after a malformed one.
	r, err := winereg.Parse(strings.NewReader(header + "\"a\"=\"1\"\n[A]\n[B\n\"b\"=\"2\"\n\"c\"=hex:01,\\"))

	// Then they belong to none, and the error counts them.
	want := "line 2: value outside any key (and 3 more lines)"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got error %v, want one that ends in %q", err, want)
	}
	if values, _ := mustKey(t, r, "A").Values(); len(values) != 0 {
		t.Errorf("got values %v, want none", values)
	}
}

func TestMissingContinuation(t *testing.T) {
	_, err := winereg.Parse(strings.NewReader(header + "[A]\n\"v\"=hex:01,\\"))
	if want := `line 3: value "v": continuation line is missing`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

func TestNotARegistry(t *testing.T) {
	for name, input := range map[string]string{
		"empty":       "",
		"REGEDIT4":    "REGEDIT4\n\n[A]\n",
		"version 1":   "WINE REGISTRY Version 1\n",
		"binary":      "regf\x00\x01",
		"leading gap": "\n" + header,
	} {
		if r, err := winereg.Parse(strings.NewReader(input)); err == nil || r != nil {
			t.Errorf("%s: got %v, %v, want an error", name, r, err)
		}
	}
	// CRLF is as good as LF.
	if _, err := winereg.Parse(strings.NewReader("WINE REGISTRY Version 2\r\n[A]\r\n")); err != nil {
		t.Errorf("CRLF: got error %v, want none", err)
	}
}

func TestReadError(t *testing.T) {
	// Given a file that cannot be read to its end.
	broken := errors.New("disk on fire")
	r, err := winereg.Parse(io.MultiReader(strings.NewReader(header+"[A]\n"), iotest.ErrReader(broken)))

	// Then the error says so, and what came before is there.
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("got error %v, want %v at line 3", err, broken)
	}
	mustKey(t, r, "A")
}

func TestBounds(t *testing.T) {
	for name, test := range map[string]struct {
		line func(i int) string
		want string
	}{
		"line":  {func(i int) string { return "\"" + strings.Repeat("x", 5000) }, "line 3: over 4000 bytes"},
		"input": {func(i int) string { return ";\r\n" }, "over 100000 bytes of input"},
		"one value": {func(i int) string { return map[bool]string{true: "\"v\"=hex:"}[i == 0] + "00,\\\n" },
			"over 100000 bytes of input"},
		"keys": {func(i int) string { return fmt.Sprintf("[K\\\\%d]\n", i) }, "line 1001: over 1000 keys"},
		"values": {func(i int) string { return fmt.Sprintf("\"%d\"=dword:1\n", i) },
			"line 503: over 500 values"},
	} {
		t.Run(name, func(t *testing.T) {
			// Given input beyond a bound.
			var input strings.Builder
			input.WriteString(header + "[A]\n")
			for i := 0; input.Len() <= 100_000; i++ {
				input.WriteString(test.line(i))
			}
			r, err := winereg.ParseWithin(strings.NewReader(input.String()), 100_000, 4000, 1000, 500)

			// Then reading ends there with an error that names the line, and what came
			// before is there.
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "line ") {
				t.Fatalf("got error %v, want one with %q", err, test.want)
			}
			mustKey(t, r, "A")
		})
	}
	// And input up to the bound is read.
	input := header + "[A]\n"
	input += ";" + strings.Repeat("x", 99_999-len(input))
	for text, want := range map[string]bool{input: true, input + "\n": false} {
		if _, err := winereg.ParseWithin(strings.NewReader(text), 100_000, 100_000, 1, 1); (err == nil) != want {
			t.Errorf("input of %d bytes: got error %v, want none: %v", len(text), err, want)
		}
	}
}

func TestParseBounds(t *testing.T) {
	// Given a line that is too long for Parse, and one that is not.
	for size, want := range map[int]bool{1<<20 - 2: true, 1<<20 + 1: false} {
		_, err := winereg.Parse(strings.NewReader(header + ";" + strings.Repeat("x", size-1)))
		if (err == nil) != want {
			t.Errorf("line of %d bytes: got error %v, want none: %v", size, err, want)
		}
	}
}

func TestTruncated(t *testing.T) {
	data, err := os.ReadFile("testdata/system.reg")
	if err != nil {
		t.Fatalf("read recording: %v", err)
	}
	for size := 0; size < len(data); size += 64 {
		r, err := winereg.Parse(bytes.NewReader(data[:size]))
		if r == nil && err == nil {
			t.Errorf("cut at %d: got neither registry nor error", size)
		}
	}
}

func FuzzWineReg(f *testing.F) {
	for _, name := range []string{"system.reg", "user.reg"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatalf("read recording: %v", err)
		}
		f.Add(data)
	}
	f.Add([]byte(header + "[A\\\\B]\n\"v\"=hex:01,\\\n  02\n@=str(7):\"a\\0b\\x12\"\n[\n[]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		r, err := winereg.Parse(bytes.NewReader(data))
		if r == nil {
			if err == nil {
				t.Fatal("got neither registry nor error")
			}
			return
		}
		check(t, mustKey(t, r, ""))
	})
}

// check looks up all that is listed.
func check(t *testing.T, k *winereg.Key) {
	values, _ := k.Values()
	for _, v := range values {
		if got, ok := k.Value(v.Name); !ok || got != v.String() {
			t.Errorf("value %q of %q: got %q, %v, want %q", v.Name, k.Name(), got, ok, v.String())
		}
	}
	names, _ := k.Subkeys()
	for _, name := range names {
		sub, err := k.Key(name)
		if err != nil || sub.Name() != name {
			t.Errorf("subkey %q of %q: got %v, %v", name, k.Name(), sub, err)
			continue
		}
		check(t, sub)
	}
}
