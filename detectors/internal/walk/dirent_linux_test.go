package walk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// record writes a linux_dirent64 as the kernel does, padded to 8 bytes.
func record(offset uint64, kind byte, name string) []byte {
	const header, align = 19, 8
	size := (header + len(name) + 1 + align - 1) / align * align
	buf := make([]byte, size)
	binary.NativeEndian.PutUint64(buf, 42)
	binary.NativeEndian.PutUint64(buf[8:], offset)
	binary.NativeEndian.PutUint16(buf[16:], uint16(size))
	buf[18] = kind
	copy(buf[header:], name)
	return buf
}

func TestNextDirent(t *testing.T) {
	cases := []struct {
		name string
		buf  []byte
		want []string
	}{
		{"nothing", nil, nil},
		{"files", slices.Concat(record(1, unix.DT_REG, "a"), record(2, unix.DT_DIR, "bc")), []string{"a", "bc"}},
		{"dots", slices.Concat(record(1, unix.DT_DIR, "."), record(2, unix.DT_DIR, ".."), record(3, unix.DT_REG, "...")), []string{"..."}},
		{"dotted", slices.Concat(record(1, unix.DT_REG, ".a"), record(2, unix.DT_REG, "..b")), []string{".a", "..b"}},
		{"no name", slices.Concat(record(1, unix.DT_REG, ""), record(2, unix.DT_REG, "a")), []string{"a"}},
		{"cut short", record(1, unix.DT_REG, "a long enough name")[:20], nil},
		{"no length", make([]byte, 64), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			// given records, when they are taken apart, then the names come out
			if got := names(t, c.buf); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func names(t *testing.T, buf []byte) (names []string) {
	t.Helper()
	for len(buf) > 0 {
		name, _, rest := nextDirent(buf)
		if len(rest) >= len(buf) {
			t.Fatalf("%d bytes left of %d, want fewer", len(rest), len(buf))
		}
		if name != nil {
			names = append(names, string(name))
		}
		buf = rest
	}
	return names
}

func FuzzNextDirent(f *testing.F) {
	f.Add(slices.Concat(record(1, unix.DT_DIR, "."), record(2, unix.DT_REG, "file"), record(1<<63-1, unix.DT_LNK, "link")))
	f.Add(record(1, unix.DT_UNKNOWN, "new\nline\xff"))
	f.Add(record(1, unix.DT_REG, "cut")[:21])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, buf []byte) {
		endsDir(buf)
		for _, name := range names(t, buf) {
			if name == "" || name == "." || name == ".." || bytes.IndexByte([]byte(name), 0) >= 0 {
				t.Errorf("got name %q", name)
			}
		}
	})
}

func TestEndsDir(t *testing.T) {
	for offset, want := range map[uint64]bool{0: false, 1: false, 1<<31 - 1: false, 1<<63 - 1: true, 1<<64 - 1: false} {
		// given the offset of a directory's last record in a batch, when that is the
		// greatest, then it is the last at all
		if got := endsDir(record(offset, unix.DT_REG, "a")); got != want {
			t.Errorf("offset %#x: got %t, want %t", offset, got, want)
		}
	}
}

func TestTypeWithoutAsking(t *testing.T) {
	// given a directory entry of each type
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(
		os.WriteFile(path("file"), nil, 0o644),
		os.Mkdir(path("dir"), 0o755),
		os.Symlink("dir", path("link")),
		unix.Mkfifo(path("fifo"), 0o644),
		unix.Mknod(path("socket"), unix.S_IFSOCK|0o644, 0),
	)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]fs.FileMode{
		path("file"): 0, path("dir"): fs.ModeDir, path("link"): fs.ModeSymlink, path("fifo"): fs.ModeNamedPipe,
		path("socket"): fs.ModeSocket, "/dev/null": fs.ModeDevice | fs.ModeCharDevice,
	}
	for name, want := range want {
		// when a file system does not say which
		got, exists := typeOf(unix.AT_FDCWD, []byte(name), unix.DT_UNKNOWN)
		// then asking for it gives the same
		if !exists || got != want {
			t.Errorf("%q: got %v (exists: %t), want %v", name, got, exists, want)
		}
	}
	if _, exists := typeOf(unix.AT_FDCWD, []byte(path("missing")), unix.DT_UNKNOWN); exists {
		t.Error("missing: got a type")
	}
	if got, exists := typeOf(unix.AT_FDCWD, []byte(path("file/below")), unix.DT_UNKNOWN); !exists || got != fs.ModeIrregular {
		t.Errorf("no answer: got %v (exists: %t), want %v", got, exists, fs.ModeIrregular)
	}
	// and one that does is believed
	if got, _ := typeOf(unix.AT_FDCWD, []byte(path("missing")), unix.DT_BLK); got != fs.ModeDevice {
		t.Errorf("DT_BLK: got %v, want %v", got, fs.ModeDevice)
	}
}

func TestReadingARemovedDirectory(t *testing.T) {
	// given a directory that is removed after it was opened
	path := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := openRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	// when it is walked
	var failed error
	p := newPool(Options{Failed: func(_ string, err error) { failed = err }}, usual())
	stats, err := p.run(t.Context(), job{dir: dir, path: path, share: 1})
	// then that is reported and the walk ends as usual
	if err != nil || !errors.Is(failed, fs.ErrNotExist) || stats.Failed != 1 {
		t.Errorf("got failure %v, %+v and error %v, want %v", failed, stats, err, fs.ErrNotExist)
	}
}
