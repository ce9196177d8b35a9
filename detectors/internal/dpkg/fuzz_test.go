package dpkg_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"beagle/detectors/internal/dpkg"
)

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/status")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text[:700])
	f.Add([]byte("Package: a\r\nStatus: install ok installed\r\n\r\n# x\nPackage: b\nVersion: 1\n"))
	f.Add([]byte(" x\n-a: b\n\nPackage: ../x\n\nPackage: a\nPackage: b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		err := dpkg.Parse(bytes.NewReader(data), func(p dpkg.Package) error {
			n++
			if p.Name == "" || strings.ContainsAny(p.Name+p.Architecture, "/\x00 \t\r\n") {
				t.Errorf("package: got %+v, want names safe in a path", p)
			}
			if (p.Want == "") != (p.State == "") || (p.Flag == "") != (p.State == "") {
				t.Errorf("status: got %+v, want all three words or none", p)
			}
			return nil
		})
		checkFuzz(t, err, n, data)
	})
}

func FuzzFiles(f *testing.F) {
	f.Add([]byte("/.\n/usr\n/usr/bin/gzip\n"))
	f.Add([]byte("/a\n\nrel\n/n\x00ul\n/b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		err := dpkg.Files(bytes.NewReader(data), func(p string) error {
			n++
			if !strings.HasPrefix(p, "/") || strings.ContainsAny(p, "\x00\n") {
				t.Errorf("path: got %q, want an absolute one", p)
			}
			return nil
		})
		checkFuzz(t, err, n, data)
	})
}

// checkFuzz holds what is true of any input: no error but a count that fits its lines.
func checkFuzz(t *testing.T, err error, delivered int, data []byte) {
	t.Helper()
	lost := 0
	if bad := (*dpkg.Malformed)(nil); errors.As(err, &bad) {
		lost = bad.Count
		if lost < 1 || bad.FirstLine < 1 {
			t.Errorf("malformed: got %+v, want positive numbers", bad)
		}
	} else if err != nil {
		t.Errorf("error: got %v, want none but malformed", err)
	}
	if most := bytes.Count(data, []byte("\n")) + 1; delivered+lost > most {
		t.Errorf("entries: got %d and %d lost, want at most %d", delivered, lost, most)
	}
}
