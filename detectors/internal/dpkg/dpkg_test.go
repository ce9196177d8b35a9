package dpkg_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"beagle/detectors/internal/dpkg"
)

func collect(r io.Reader) ([]dpkg.Package, error) {
	var got []dpkg.Package
	err := dpkg.Parse(r, func(p dpkg.Package) error {
		got = append(got, p)
		return nil
	})
	return got, err
}

func installed(name, version, arch string) dpkg.Package {
	return dpkg.Package{
		Name: name, Version: version, Architecture: arch,
		Want: "install", Flag: "ok", State: "installed",
	}
}

// recorded is what testdata/status holds: stanzas of a Debian 12 host.
var recorded = []dpkg.Package{
	installed("adduser", "3.134", "all"),
	installed("base-files", "12.4+deb12u11", "amd64"),
	installed("bash", "5.2.15-2+b8", "amd64"),
	installed("dpkg", "1.21.22", "amd64"),
	installed("fonts-dejavu-core", "2.37-6", "all"),
	installed("gcc-12-base", "12.2.0-14+deb12u1", "amd64"),
	installed("libc6", "2.36-9+deb12u14", "amd64"),
	installed("libperl5.36", "5.36.0-7+deb12u4", "amd64"),
	installed("openssl", "3.0.19-1~deb12u2", "amd64"),
	installed("perl-base", "5.36.0-7+deb12u4", "amd64"),
	installed("vim", "2:9.0.1378-2+deb12u2", "amd64"),
}

func TestParseRecording(t *testing.T) {
	text, err := os.ReadFile("testdata/status")
	if err != nil {
		t.Fatal(err)
	}
	// Given one recording in several shapes.
	for name, r := range map[string]io.Reader{
		"as recorded":   bytes.NewReader(text),
		"byte by byte":  iotest.OneByteReader(bytes.NewReader(text)),
		"eof with data": iotest.DataErrReader(bytes.NewReader(text)),
		"crlf":          bytes.NewReader(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))),
	} {
		t.Run(name, func(t *testing.T) {
			// When it is parsed.
			got, err := collect(r)
			// Then every package is there, in order.
			if err != nil {
				t.Fatalf("error: got %v, want none", err)
			}
			if !reflect.DeepEqual(got, recorded) {
				t.Errorf("packages:\n got %+v\nwant %+v", got, recorded)
			}
		})
	}
}

func TestParse(t *testing.T) {
	const good = "Package: good\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
	want := installed("good", "1", "amd64")
	long := strings.Repeat("x", 200<<10)

	tests := []struct {
		name string
		text string
		want []dpkg.Package
		bad  dpkg.Malformed
	}{
		{name: "empty file"},
		{name: "only blank lines", text: "\n\n\r\n \t\n"},
		{name: "no final line feed", text: strings.TrimSuffix(good, "\n"), want: []dpkg.Package{want}},
		{name: "several blank lines between", text: "\n\n" + good + "\n\n\n" + good, want: []dpkg.Package{want, want}},
		{name: "a line of blanks separates", text: good + " \t\n" + good, want: []dpkg.Package{want, want}},
		{name: "a line of a lone return separates", text: good + "\r\n" + good, want: []dpkg.Package{want, want}},
		{
			name: "field names in any case and blanks around values",
			text: "PACKAGE:good\nstatus:\t install  ok\tinstalled \t\naRCHitecture:  amd64\nversion: 1  \n",
			want: []dpkg.Package{want},
		},
		{
			name: "names that only resemble",
			text: "Packages: x\nXPackage: x\nConfig-Version: 9\nVersions: 9\nStatut: a b c\nArchitecturf: x\n" + good,
			want: []dpkg.Package{want},
		},
		{
			name: "fields inside a continuation are text",
			text: good + "Description: x\n Package: evil\n Version: 9\n .\n\tStatus: a b c\n",
			want: []dpkg.Package{want},
		},
		{
			name: "an empty value is no value",
			text: "Package: bare\nVersion:\nStatus: \nArchitecture:\r\n",
			want: []dpkg.Package{{Name: "bare"}},
		},
		{
			name: "no status as in status.d of minimal images",
			text: "Package: base-files\nVersion: 1\nArchitecture: all\n",
			want: []dpkg.Package{{Name: "base-files", Version: "1", Architecture: "all"}},
		},
		{
			name: "purged package without version",
			text: "Package: gone\nStatus: purge ok not-installed\n",
			want: []dpkg.Package{{Name: "gone", Want: "purge", Flag: "ok", State: "not-installed"}},
		},
		{
			name: "removed with configuration left",
			text: "Package: left\nStatus: deinstall ok config-files\nVersion: 1:2-3\nConffiles:\n /etc/left 00\n",
			want: []dpkg.Package{{Name: "left", Version: "1:2-3", Want: "deinstall", Flag: "ok", State: "config-files"}},
		},
		{
			name: "overlong line of a field not needed",
			text: "Package: good\nDepends: " + long + "\n " + long + "\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n",
			want: []dpkg.Package{want},
		},
		{
			name: "overlong last line without line feed",
			text: good + "Description: " + long,
			want: []dpkg.Package{want},
		},
		{
			name: "comments are no part of a stanza",
			text: "# one\n\n" + good + "# two\n",
			want: []dpkg.Package{want},
		},
		{
			name: "garbage line",
			text: good + "\n" + good + "<<<<<<< ours\n\n" + good,
			want: []dpkg.Package{want, want},
			bad:  dpkg.Malformed{Count: 1, FirstLine: 6},
		},
		{
			name: "stanza without package",
			text: "Version: 1\n\n" + good,
			want: []dpkg.Package{want},
			bad:  dpkg.Malformed{Count: 1, FirstLine: 1},
		},
		{
			name: "continuation without field, hyphen name, no name, blank name, binary line",
			text: " text\n" + good + "\n-X: 1\n" + good + "\n: 1\n" + good + "\nA B: 1\n" + good + "\n\x00\xff\n" + good + "\n" + good,
			want: []dpkg.Package{want},
			bad:  dpkg.Malformed{Count: 5, FirstLine: 1},
		},
		{
			name: "names that could lead elsewhere",
			text: "Package: ../x\n\nPackage: a/b\n\nPackage: .x\n\nPackage: a b\n\nPackage: a\x00\n\nPackage: ok\nArchitecture: ../all\n",
			bad:  dpkg.Malformed{Count: 6, FirstLine: 1},
		},
		{
			name: "status of two or four words",
			text: "Package: a\nStatus: install ok\n\nPackage: b\nStatus: install ok very installed\n",
			bad:  dpkg.Malformed{Count: 2, FirstLine: 1},
		},
		{
			name: "field twice",
			text: "Package: a\nVersion: 1\nversion: 2\n",
			bad:  dpkg.Malformed{Count: 1, FirstLine: 1},
		},
		{
			name: "blank inside a version, version too long, name overlong",
			text: "Package: a\nVersion: 1 2\n\nPackage: a\nVersion: " + long[:2000] + "\n\nPackage: " + long + "\n\n" + good,
			want: []dpkg.Package{want},
			bad:  dpkg.Malformed{Count: 3, FirstLine: 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// When the text is parsed.
			got, err := collect(strings.NewReader(tt.text))
			// Then good stanzas are delivered and broken ones counted.
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("packages:\n got %+v\nwant %+v", got, tt.want)
			}
			checkMalformed(t, err, tt.bad)
		})
	}
}

func checkMalformed(t *testing.T, err error, want dpkg.Malformed) {
	t.Helper()
	var got dpkg.Malformed
	if bad := (*dpkg.Malformed)(nil); errors.As(err, &bad) {
		got = *bad
	} else if err != nil {
		t.Fatalf("error: got %v, want %+v", err, want)
	}
	if got != want {
		t.Errorf("malformed: got %+v, want %+v", got, want)
	}
}

func TestParseStops(t *testing.T) {
	broken := errors.New("cable cut")
	const text = "garbage\n\nPackage: a\n\nPackage: b\n"

	t.Run("when the callback fails", func(t *testing.T) {
		n := 0
		err := dpkg.Parse(strings.NewReader(text), func(dpkg.Package) error { n++; return broken })
		if err != broken || n != 1 {
			t.Errorf("got error %v after %d packages, want %v after 1", err, n, broken)
		}
	})
	t.Run("when the reader fails", func(t *testing.T) {
		r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
		got, err := collect(r)
		// Then the unfinished stanza is not delivered.
		if !errors.Is(err, broken) || len(got) != 1 {
			t.Errorf("got error %v after %d packages, want %v after 1", err, len(got), broken)
		}
	})
	t.Run("at the input bound", func(t *testing.T) {
		for name, endless := range map[string]string{"short lines": "A: b\n", "one line": "x", "blank lines": "\n"} {
			n := 0
			err := dpkg.ParseLimit(repeat(endless), 1<<20, func(dpkg.Package) error { n++; return nil })
			if err == nil || !strings.Contains(err.Error(), "larger than 1048576 bytes") || n != 0 {
				t.Errorf("%s: got error %v and %d packages, want the bound and none", name, err, n)
			}
		}
	})
	t.Run("not before the input bound", func(t *testing.T) {
		if err := dpkg.ParseLimit(strings.NewReader("Package: a\n"), 11, func(dpkg.Package) error { return nil }); err != nil {
			t.Errorf("got error %v, want none", err)
		}
	})
}

// repeat reads the same text without end.
type repeat string

func (s repeat) Read(p []byte) (int, error) {
	n := 0
	for n+len(s) <= len(p) {
		n += copy(p[n:], s)
	}
	if n == 0 {
		n = copy(p, s)
	}
	return n, nil
}

func TestFiles(t *testing.T) {
	list, err := os.ReadFile("testdata/gzip.list")
	if err != nil {
		t.Fatal(err)
	}
	long := "/" + strings.Repeat("x", 100<<10)
	tests := []struct {
		name string
		text string
		want []string
		bad  dpkg.Malformed
	}{
		{name: "recorded", text: string(list), want: strings.Split(strings.TrimSpace(string(list)), "\n")},
		{name: "empty"},
		{name: "no final line feed", text: "/.\n/bin", want: []string{"/.", "/bin"}},
		{name: "blanks and other bytes are part of a path", text: "/a b \n/\xff\r\n", want: []string{"/a b ", "/\xff\r"}},
		{
			name: "lines that are no path",
			text: "/a\n\nrel\n/n\x00ul\n" + long + "\n/b\n",
			want: []string{"/a", "/b"},
			bad:  dpkg.Malformed{Count: 4, FirstLine: 2},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// When the list is read.
			var got []string
			err := dpkg.Files(strings.NewReader(tt.text), func(p string) error {
				got = append(got, p)
				return nil
			})
			// Then the paths come as written.
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("paths:\n got %q\nwant %q", got, tt.want)
			}
			checkMalformed(t, err, tt.bad)
		})
	}
}

func TestFilesStops(t *testing.T) {
	broken := errors.New("enough")
	if err := dpkg.Files(strings.NewReader("/a\n/b\n"), func(string) error { return broken }); err != broken {
		t.Errorf("callback error: got %v, want %v", err, broken)
	}
	if err := dpkg.Files(iotest.ErrReader(broken), func(string) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("reader error: got %v, want %v", err, broken)
	}
	if err := dpkg.FilesLimit(repeat("/a\n"), 1<<16, func(string) error { return nil }); err == nil {
		t.Error("endless list: got no error, want the input bound")
	}
}

func TestStates(t *testing.T) {
	tests := map[string]struct{ onDisk, onlyConfig bool }{
		"":                 {},
		"not-installed":    {},
		"config-files":     {onlyConfig: true},
		"half-installed":   {onDisk: true},
		"unpacked":         {onDisk: true},
		"half-configured":  {onDisk: true},
		"triggers-awaited": {onDisk: true},
		"triggers-pending": {onDisk: true},
		"installed":        {onDisk: true},
		"Installed":        {},
	}
	for state, want := range tests {
		p := dpkg.Package{State: state}
		if p.OnDisk() != want.onDisk || p.OnlyConfig() != want.onlyConfig {
			t.Errorf("state %q: got %v, %v, want %v, %v",
				state, p.OnDisk(), p.OnlyConfig(), want.onDisk, want.onlyConfig)
		}
	}
}

func TestParseAllocations(t *testing.T) {
	// Given many packages of which each needs a name and a version.
	text, err := os.ReadFile("testdata/status")
	if err != nil {
		t.Fatal(err)
	}
	const copies = 20
	many := bytes.Repeat(append(text, '\n'), copies)
	// When they are parsed.
	allocs := testing.AllocsPerRun(5, func() {
		if err := dpkg.Parse(bytes.NewReader(many), func(dpkg.Package) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
	// Then hardly more than those two strings are allocated.
	if most := float64(copies*len(recorded)*2 + 50); allocs > most {
		t.Errorf("allocations: got %v, want at most %v", allocs, most)
	}
}
