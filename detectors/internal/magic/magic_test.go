package magic_test

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"beagle/detectors/internal/magic"
)

func TestSniffRecordings(t *testing.T) {
	// Given the first bytes of files made by compilers and archivers.
	tests := map[string]magic.Format{
		"linux-amd64.head":   magic.ELF,
		"windows-amd64.head": magic.PE,
		"darwin-amd64.head":  magic.MachO,
		"darwin-arm64.head":  magic.MachO,
		"java-class.head":    magic.Other,
		"archive-zip.head":   magic.Zip,
	}
	for file, want := range tests {
		head, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		// When and then.
		if got := magic.Sniff(head); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

func TestSniff(t *testing.T) {
	pad := func(s string) string { return s + strings.Repeat("\x00", 64) }
	tests := []struct {
		name string
		head string
		want magic.Format
	}{
		{"empty", "", magic.Other},
		{"text", "hello\n", magic.Other},
		{"zeros", pad(""), magic.Other},

		{"elf", pad("\x7fELF\x02\x01\x01"), magic.ELF},
		{"elf cut short", "\x7fELF\x02\x01\x01", magic.Other},
		{"appimage type 1", pad("\x7fELF\x02\x01\x01\x00AI\x01"), magic.AppImage},
		{"appimage type 2", pad("\x7fELF\x02\x01\x01\x00AI\x02"), magic.AppImage},
		{"appimage of no type", pad("\x7fELF\x02\x01\x01\x00AI\x03"), magic.ELF},
		{"appimage mark without elf", pad("\x7fELG\x02\x01\x01\x00AI\x02"), magic.Other},

		{"pe", mz(0x80, "PE\x00\x00"), magic.PE},
		{"pe header inside the dos header", mz(4, "PE\x00\x00"), magic.PE},
		{"pe signature at the last bytes", mz(508, "PE\x00\x00"), magic.PE},
		{"pe signature across the end", mz(509, ""), magic.PE},
		{"pe signature beyond the head", mz(0x10000, ""), magic.PE},
		{"pe offset negative", mz(0xfffffff0, ""), magic.Other},
		{"dos program", mz(0, ""), magic.Other},
		{"16-bit windows program", mz(0x80, "NE\x00\x00"), magic.Other},
		{"text that begins like dos", "MZ is not a program", magic.Other},

		{"macho big endian 32", pad("\xfe\xed\xfa\xce"), magic.MachO},
		{"macho big endian 64", pad("\xfe\xed\xfa\xcf"), magic.MachO},
		{"macho little endian 32", pad("\xce\xfa\xed\xfe"), magic.MachO},
		{"macho little endian 64", pad("\xcf\xfa\xed\xfe"), magic.MachO},
		{"macho cut short", "\xcf\xfa\xed\xfe\x07\x00\x00\x01", magic.Other},
		{"macho for two architectures", pad("\xca\xfe\xba\xbe\x00\x00\x00\x02"), magic.MachO},
		{"macho for two architectures, 64-bit", pad("\xca\xfe\xba\xbf\x00\x00\x00\x02"), magic.MachO},
		{"macho for no architecture", pad("\xca\xfe\xba\xbe\x00\x00\x00\x00"), magic.Other},
		{"class file of java 1.1", pad("\xca\xfe\xba\xbe\x00\x03\x00\x2d"), magic.Other},
		{"class file of version 45.0", pad("\xca\xfe\xba\xbe\x00\x00\x00\x2d"), magic.Other},
		{"class file of java 21", pad("\xca\xfe\xba\xbe\x00\x00\x00\x41"), magic.Other},
		{"class file with preview", pad("\xca\xfe\xba\xbe\xff\xff\x00\x41"), magic.Other},

		{"script", "#!/bin/sh\necho\n", magic.Script},
		{"script with blanks and return", "#! \t/usr/bin/env python3\r\n", magic.Script},
		{"script of one line", "#!perl", magic.Script},
		{"script without interpreter", "#! \n/bin/sh\n", magic.Other},
		{"script mark alone", "#!", magic.Other},
		{"rust attribute", "#![feature(test)]\n", magic.Other},
		{"script after a byte order mark", "\ufeff#!/bin/sh\n", magic.Other},

		{"zip", "PK\x03\x04\x14", magic.Zip},
		{"zip empty", "PK\x05\x06\x00", magic.Zip},
		{"zip spanned", "PK\x07\x08PK\x03\x04", magic.Zip},
		{"initials", "PK notes", magic.Other},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := magic.Sniff([]byte(tt.head)); got != tt.want {
				t.Errorf("format: got %q, want %q", got, tt.want)
			}
			// What follows the head makes no difference.
			if len(tt.head) == magic.HeadSize {
				if got := magic.Sniff([]byte(tt.head + "PE\x00\x00")); got != tt.want {
					t.Errorf("format with more bytes: got %q, want %q", got, tt.want)
				}
			}
		})
	}
}

// mz makes the head of a DOS program whose header points to sig.
func mz(at uint32, sig string) string {
	head := make([]byte, magic.HeadSize)
	copy(head, "MZ")
	binary.LittleEndian.PutUint32(head[0x3c:], at)
	if sig != "" {
		copy(head[at:], sig)
	}
	return string(head)
}

func TestExecutable(t *testing.T) {
	tests := map[magic.Format]bool{
		magic.ELF: true, magic.AppImage: true, magic.PE: true, magic.MachO: true, magic.Script: true,
		magic.Zip: false, magic.Other: false, "": false,
	}
	for f, want := range tests {
		if got := f.Executable(); got != want {
			t.Errorf("executable %q: got %v, want %v", f, got, want)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{
		"", "\x7fELF\x02\x01\x01\x00AI\x02\x00\x00\x00\x00\x00\x00", "#!/bin/sh\n", "#![x]", "PK\x03\x04",
		mz(0x80, "PE\x00\x00"), mz(0xffffffff, ""), mz(509, ""),
		"\xca\xfe\xba\xbe\x00\x00\x00\x02" + strings.Repeat("\x00", 40),
		"\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + strings.Repeat("\x00", 40),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := magic.Sniff(data)
		if got == "" {
			t.Error("format: got none, want one")
		}
		// Bytes beyond the head do not count.
		if again := magic.Sniff(data[:min(len(data), magic.HeadSize)]); again != got {
			t.Errorf("format: got %q, want %q as of the head alone", got, again)
		}
	})
}
