package dpkg_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"beagle/detectors/internal/dpkg"
)

// BenchmarkParse reads the host's own status text if there is one, else the recording
// many times over.
func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("/var/lib/dpkg/status")
	if err != nil {
		if text, err = os.ReadFile("testdata/status"); err != nil {
			b.Fatal(err)
		}
		text = bytes.Repeat(append(text, '\n'), 80)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := dpkg.Parse(bytes.NewReader(text), func(dpkg.Package) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFiles(b *testing.B) {
	var list bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&list, "/usr/share/doc/example/part-%04d/readme.gz\n", i)
	}
	b.SetBytes(int64(list.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := dpkg.Files(bytes.NewReader(list.Bytes()), func(string) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
