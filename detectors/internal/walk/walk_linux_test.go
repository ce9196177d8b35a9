package walk_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"beagle/detectors/internal/walk"
)

func TestDeeperThanPathsGo(t *testing.T) {
	// given 5,000 levels, each with a way back, whose paths are longer than PATH_MAX
	const levels = 5000
	root := t.TempDir()
	deepTree(t, root, levels)
	cases := []struct {
		name    string
		walk    walk.Func
		workers int
		levels  int // that are listed at least
		reason  string
	}{
		{"native", walk.Walk, 1, 4096, "4096 levels"},
		{"native, 4 workers", walk.Walk, 4, 4096, "4096 levels"},
		{"portable", walk.Portable, 1, 1500, unix.ENAMETOOLONG.Error()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			// when it is walked
			before, most := openFiles(t), 0
			failures := make(map[string]int)
			stats, err := c.walk(t.Context(), root, walk.Options{
				Workers: c.workers,
				Found: func(dir string, _ []walk.Entry) {
					if len(dir)%64 == 0 { // now and then
						most = max(most, openFiles(t))
					}
				},
				Failed: func(path string, err error) { failures[unwrapAll(err).Error()]++ },
			})
			// then the walk ends well below, says so once for each directory, and keeps few open
			if err != nil || stats.Entries < 2*int64(c.levels) {
				t.Errorf("got %d entries and error %v, want %d", stats.Entries, err, 2*c.levels)
			}
			if n := len(failures); n != 1 {
				t.Errorf("got failures %v, want one kind", failures)
			}
			for reason, n := range failures {
				if !strings.Contains(reason, c.reason) || n > 2 {
					t.Errorf("got %q %d times, want %q once or twice", reason, n, c.reason)
				}
			}
			if limit := before + 65*c.workers; most > limit {
				t.Errorf("got %d open files, want %d at most", most, limit)
			}
			if after := openFiles(t); after > before {
				t.Errorf("got %d open files after the walk, want %d", after, before)
			}
		})
	}
}

func unwrapAll(err error) error {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err
}

// deepTree makes a chain of directories "d" with a directory "s" beside each, and takes
// it away again at the end, which os.RemoveAll may lack open files for.
func deepTree(t *testing.T, root string, levels int) {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	enter := func(at int, name string) int {
		fd, err := unix.Openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
		check(err)
		if at >= 0 {
			check(unix.Close(at))
		}
		return fd
	}
	fd := enter(unix.AT_FDCWD, root)
	for range levels {
		check(unix.Mkdirat(fd, "s", 0o755))
		check(unix.Mkdirat(fd, "d", 0o755))
		fd = enter(fd, "d")
	}
	t.Cleanup(func() {
		for range levels {
			fd = enter(fd, "..")
			check(unix.Unlinkat(fd, "d", unix.AT_REMOVEDIR))
			check(unix.Unlinkat(fd, "s", unix.AT_REMOVEDIR))
		}
		check(unix.Close(fd))
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestCancelClosesEverything(t *testing.T) {
	// given walks that end early, at various places, when all have ended
	root := randomTree(t, 0, 400)
	before := openFiles(t)
	for stop := range 20 {
		for _, w := range walk.Tight() {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			_, err := w(ctx, root, walk.Options{Workers: 4, Found: func(string, []walk.Entry) {
				if calls++; calls > stop {
					cancel()
				}
			}})
			if err == nil {
				t.Error("got no error, want one")
			}
		}
	}
	// then no directory is left open
	if after := openFiles(t); after > before {
		t.Errorf("got %d open files after the walks, want %d", after, before)
	}
}

func TestNoAllocationForUnwantedFiles(t *testing.T) {
	// given a directory with a few files and one with many
	few, many := t.TempDir(), t.TempDir()
	for i := range 500 {
		touch(t, many, fmt.Sprint("file", i))
		if i < 10 {
			touch(t, few, fmt.Sprint("file", i))
		}
	}
	count := func(root string) float64 {
		return testing.AllocsPerRun(10, func() {
			_, err := walk.Walk(t.Context(), root, walk.Options{
				Wanted:    func(name []byte) bool { return string(name) == "wanted" },
				Found:     func(string, []walk.Entry) {},
				SkipNames: map[string]bool{"proc": true},
				SkipPaths: map[string]bool{filepath.Join(root, "mnt"): true},
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	// when both are walked, then they need the same
	if f, m := count(few), count(many); m > f+3 {
		t.Errorf("got %.0f allocations for 500 files, want %.0f as for 10", m, f)
	}
}
