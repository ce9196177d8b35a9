package walk_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"beagle/detectors/internal/walk"
)

// both returns the walkers of this system: the one in use and the portable one.
func both() map[string]walk.Func {
	return map[string]walk.Func{"native": walk.Walk, "portable": walk.Portable}
}

// each runs a test with every walker, alone and with several workers.
func each(t *testing.T, walkers map[string]walk.Func, test func(t *testing.T, w walk.Func, workers int)) {
	t.Helper()
	for name, w := range walkers {
		for _, workers := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s/%d workers", name, workers), func(t *testing.T) { test(t, w, workers) })
		}
	}
}

// collect walks root and returns the type of every path found. It fails the test if a
// path comes twice or callbacks overlap.
func collect(t *testing.T, w walk.Func, root string, opt walk.Options) (map[string]fs.FileMode, walk.Stats) {
	t.Helper()
	var busy atomic.Bool
	found := make(map[string]fs.FileMode)
	failed := opt.Failed
	alone := func(call func()) {
		if !busy.CompareAndSwap(false, true) {
			t.Error("two callbacks ran at the same time")
		}
		call()
		busy.Store(false)
	}
	opt.Found = func(dir string, entries []walk.Entry) {
		alone(func() {
			for _, e := range entries {
				path := filepath.Join(dir, e.Name)
				if _, twice := found[path]; twice {
					t.Errorf("found %q twice", path)
				}
				found[path] = e.Type
			}
		})
	}
	opt.Failed = func(path string, err error) {
		alone(func() {
			if failed == nil {
				t.Errorf("failed on %q: %v", path, err)
			} else {
				failed(path, err)
			}
		})
	}
	stats, err := w(t.Context(), root, opt)
	if err != nil {
		t.Fatalf("walk %q: %v", root, err)
	}
	return found, stats
}

// expected returns what filepath.WalkDir finds below root, as far as keep agrees.
func expected(t *testing.T, root string, keep func(path string) bool) map[string]fs.FileMode {
	t.Helper()
	want := make(map[string]fs.FileMode)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != root && keep(path) {
			want[path] = d.Type()
		}
		return err
	})
	if err != nil {
		t.Fatalf("filepath.WalkDir: %v", err)
	}
	return want
}

func all(string) bool { return true }

// same reports the differences between two sets of paths, the first few of them.
func same(t *testing.T, got, want map[string]fs.FileMode) {
	t.Helper()
	const most = 10
	wrong := 0
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if typ, ok := got[path]; (!ok || typ != want[path]) && wrong < most {
			wrong++
			t.Errorf("path %q: got %v (found: %t), want %v", path, typ, ok, want[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[path]; !ok && wrong < most {
			wrong++
			t.Errorf("path %q: got %v, want nothing", path, got[path])
		}
	}
}

func mkdir(t testing.TB, parts ...string) string {
	t.Helper()
	dir := filepath.Join(parts...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func touch(t testing.TB, parts ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(parts...), nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// oddTree builds what real trees have and walkers stumble over.
func oddTree(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	mkdir(t, root, "empty")
	mkdir(t, root, "..dir", "...", ".hidden")
	touch(t, root, "..dir", "..file")
	touch(t, root, strings.Repeat("n", 255))
	many := mkdir(t, root, "many")
	for i := range 1500 {
		mkdir(t, many, fmt.Sprintf("a name of some length to fill more than a batch %d", i))
	}
	// A long chain, with something beside each link, so that there is always a way back.
	deep := root
	for range 300 {
		mkdir(t, deep, "a", "leaf")
		mkdir(t, deep, "z")
		touch(t, deep, "f")
		deep = mkdir(t, deep, "d")
	}
	addOdd(t, root)
	return root
}

// randomTree builds a tree of n entries, the deeper and narrower the smaller seed is.
func randomTree(t testing.TB, seed uint64, n int) string {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	dirs := []string{t.TempDir()}
	for i := range n {
		// Preferring directories made late makes it deep.
		from := min(random.IntN(len(dirs)), random.IntN(len(dirs)))
		parent := dirs[len(dirs)-1-from/(1+int(seed))]
		if random.IntN(3) > 0 && len(parent) < 3000 {
			name := fmt.Sprint("d", i, strings.Repeat("x", random.IntN(40)))
			dirs = append(dirs, mkdir(t, parent, name))
		} else {
			touch(t, parent, fmt.Sprint("f", i))
		}
	}
	return dirs[0]
}
