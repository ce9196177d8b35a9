package walk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/detectors/internal/walk"
)

func TestSameAsWalkDir(t *testing.T) {
	// given a tree with everything in it
	root := oddTree(t)
	want := expected(t, root, all)
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		// when it is walked
		got, stats := collect(t, w, root, walk.Options{Workers: workers})
		// then every entry is found once, with its type
		same(t, got, want)
		dirs := int64(1)
		for _, typ := range want {
			if typ == fs.ModeDir {
				dirs++
			}
		}
		n := int64(len(want))
		if want := (walk.Stats{Entries: n, Dirs: dirs, Wanted: n}); stats != want {
			t.Errorf("stats: got %+v, want %+v", stats, want)
		}
	})
}

func TestTightBounds(t *testing.T) {
	// given random trees
	for seed := range uint64(4) {
		root := randomTree(t, seed, 400)
		want := expected(t, root, all)
		each(t, walk.Tight(), func(t *testing.T, w walk.Func, workers int) {
			// when they are walked with hardly any memory or open directories
			got, _ := collect(t, w, root, walk.Options{Workers: workers})
			// then nothing is missing or found twice
			same(t, got, want)
		})
	}
}

func TestMaxDepth(t *testing.T) {
	root := randomTree(t, 0, 400)
	for _, depth := range []int{1, 2, 17} {
		// given everything up to a depth
		want := expected(t, root, func(path string) bool {
			rel, err := filepath.Rel(root, path)
			return err == nil && strings.Count(rel, string(os.PathSeparator)) < depth
		})
		each(t, both(), func(t *testing.T, w walk.Func, workers int) {
			// when the walk is limited to it, then it finds that
			got, _ := collect(t, w, root, walk.Options{MaxDepth: depth, Workers: workers})
			same(t, got, want)
		})
	}
}

func TestSkip(t *testing.T) {
	// given directories to skip by name or by path, and others like them
	root := t.TempDir()
	for _, dir := range []string{"proc", "home/proc", "home/mnt", "mnt", "home/node_modules", "node_modules", "off"} {
		touch(t, mkdir(t, root, filepath.FromSlash(dir)), "inside")
	}
	opt := walk.Options{
		SkipPaths: map[string]bool{
			root:                             true, // the root itself is walked all the same
			filepath.Join(root, "proc"):      true,
			filepath.Join(root, "mnt") + "/": true,
			filepath.Join(root, "off"):       false,
		},
		SkipNames: map[string]bool{"node_modules": true, "off": false, "inside": true},
	}
	skipped := []string{"proc", "mnt", filepath.Join("home", "node_modules"), "node_modules"}
	want := expected(t, root, func(path string) bool {
		rel, err := filepath.Rel(root, filepath.Dir(path))
		return err == nil && !slices.Contains(skipped, rel)
	})
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		// when it is walked, then they are found but not what is in them
		opt.Workers = workers
		got, _ := collect(t, w, root, opt)
		same(t, got, want)
	})
}

func TestWanted(t *testing.T) {
	// given two wanted names in one directory, one of them a directory, and none elsewhere
	root := t.TempDir()
	dir := mkdir(t, root, "a", "b")
	touch(t, dir, "Chat.AppImage")
	touch(t, dir, "notes")
	touch(t, mkdir(t, dir, "More.AppImage"), "inside")
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		// when it is walked
		var calls []string
		stats, err := w(t.Context(), root, walk.Options{
			Workers: workers,
			Wanted:  func(name []byte) bool { return bytes.HasSuffix(name, []byte(".AppImage")) },
			Found: func(dir string, entries []walk.Entry) {
				slices.SortFunc(entries, func(a, b walk.Entry) int { return strings.Compare(a.Name, b.Name) })
				calls = append(calls, fmt.Sprint(dir, entries))
			},
		})
		// then there is one call, with both
		want := []string{fmt.Sprint(dir, []walk.Entry{{Name: "Chat.AppImage"}, {Name: "More.AppImage", Type: fs.ModeDir}})}
		if err != nil || !slices.Equal(calls, want) {
			t.Errorf("got %q and error %v, want %q", calls, err, want)
		}
		if want := (walk.Stats{Entries: 6, Dirs: 4, Wanted: 2}); stats != want {
			t.Errorf("stats: got %+v, want %+v", stats, want)
		}
	})
}

func TestNothingAsked(t *testing.T) {
	// given no callback at all, when a tree is walked, then it is counted
	root := randomTree(t, 1, 400)
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		stats, err := w(t.Context(), root, walk.Options{Workers: workers})
		if err != nil || stats.Entries != 400 {
			t.Errorf("got %+v and error %v, want 400 entries", stats, err)
		}
	})
}

func TestRootThatIsNoDirectory(t *testing.T) {
	dir := t.TempDir()
	touch(t, dir, "file")
	if err := os.Symlink(mkdir(t, dir, "real"), filepath.Join(dir, "link")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	for _, name := range []string{"file", "link", "link" + string(os.PathSeparator), "missing"} {
		each(t, both(), func(t *testing.T, w walk.Func, workers int) {
			// given such a root, when it is walked
			root := dir + string(os.PathSeparator) + name
			_, err := w(t.Context(), root, walk.Options{
				Workers: workers,
				Failed:  func(path string, err error) { t.Errorf("Failed called for %q: %v", path, err) },
			})
			// then the walk fails and says where
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", filepath.Clean(root))) {
				t.Errorf("root %q: got error %v, want one naming it", name, err)
			}
			if missing := errors.Is(err, fs.ErrNotExist); missing != (name == "missing") {
				t.Errorf("root %q: got error %v, not existing: %t", name, err, missing)
			}
		})
	}
}

func TestChangesDuringTheWalk(t *testing.T) {
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		// given a directory that is removed and one that becomes a link out of the tree,
		// both after they were listed
		base := t.TempDir()
		touch(t, mkdir(t, base, "outside"), "secret")
		root := mkdir(t, base, "root")
		touch(t, mkdir(t, root, "stays"), "file")
		gone, swapped := mkdir(t, root, "gone"), mkdir(t, root, "swapped")
		var changed error
		// when the tree is walked
		var paths []string
		failed := make(map[string]error)
		stats, err := w(t.Context(), root, walk.Options{
			Workers: workers,
			Found: func(dir string, entries []walk.Entry) {
				if dir == root {
					changed = errors.Join(os.Remove(gone), os.Remove(swapped),
						os.Symlink(filepath.Join(base, "outside"), swapped))
				}
				for _, e := range entries {
					paths = append(paths, e.Name)
				}
			},
			Failed: func(path string, err error) { failed[path] = err },
		})
		if changed != nil {
			t.Skipf("could not change the tree: %v", changed)
		}
		// then both are reported, and the walk goes on without leaving the tree
		slices.Sort(paths)
		if want := []string{"file", "gone", "stays", "swapped"}; err != nil || !slices.Equal(paths, want) {
			t.Errorf("got %q and error %v, want %q", paths, err, want)
		}
		if err := failed[gone]; !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), fmt.Sprintf("%q", gone)) {
			t.Errorf("removed directory: got error %v, want one that says it does not exist", err)
		}
		if failed[swapped] == nil && runtime.GOOS != "windows" { // there it looks empty
			t.Error("exchanged directory: got no error, want one")
		}
		if stats.Failed != int64(len(failed)) {
			t.Errorf("got %d failures counted, want %d", stats.Failed, len(failed))
		}
	})
}

func TestTheWayBackIsGone(t *testing.T) {
	each(t, walk.Tight(), func(t *testing.T, w walk.Func, workers int) {
		// given a walk deep in a tree, with the directories on the way there closed
		base := t.TempDir()
		root, away := mkdir(t, base, "root"), filepath.Join(base, "away")
		dir := root
		for range 12 {
			for _, side := range []string{"a", "b", "c"} {
				touch(t, mkdir(t, dir, side), "file")
			}
			dir = mkdir(t, dir, "deep")
		}
		touch(t, dir, "end")
		// when one of them is moved out of the tree
		var moved error
		failures := 0
		stats, err := w(t.Context(), root, walk.Options{
			Workers: workers,
			Found: func(_ string, entries []walk.Entry) {
				if entries[0].Name == "end" {
					moved = os.Rename(filepath.Join(root, "deep", "deep"), away)
				}
			},
			Failed: func(path string, err error) {
				failures++
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("failed on %q: got %v, want %v", path, err, fs.ErrNotExist)
				}
			},
		})
		if moved != nil {
			t.Skipf("could not change the tree: %v", moved)
		}
		// then the walk comes to its end, and says what it could not go back to
		if err != nil || stats.Failed != int64(failures) {
			t.Errorf("got error %v and %d failures of %d, want them all", err, failures, stats.Failed)
		}
		if workers == 1 && failures == 0 {
			t.Error("got no failure, want some")
		}
	})
}

func TestUnreadableDirectory(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("nothing is unreadable for root, and permissions work differently on Windows")
	}
	// given a directory nobody may read
	root := t.TempDir()
	locked := mkdir(t, root, "locked")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		// when the tree is walked, then that is reported
		var failed error
		collect(t, w, root, walk.Options{Workers: workers, Failed: func(_ string, err error) { failed = err }})
		if !errors.Is(failed, fs.ErrPermission) {
			t.Errorf("got error %v, want %v", failed, fs.ErrPermission)
		}
	})
}

func TestCancel(t *testing.T) {
	root := randomTree(t, 2, 400)
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		// given a walk that is cancelled from within
		all, err := w(t.Context(), root, walk.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		calls := 0
		stats, err := w(ctx, root, walk.Options{
			Workers: workers,
			Found: func(string, []walk.Entry) {
				if calls++; calls == 5 {
					cancel()
				}
			},
			Progress: func(p walk.Progress) {
				if p.Fraction == 1 {
					t.Error("a cancelled walk reported its end")
				}
			},
		})
		// then it ends at once, with the counts so far
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v", err, context.Canceled)
		}
		if stats.Dirs < 5 || stats.Dirs >= all.Dirs {
			t.Errorf("got %d directories, want 5 or a few more and not all %d", stats.Dirs, all.Dirs)
		}
		// and one that is cancelled before does not begin
		if stats, err := w(ctx, root, walk.Options{}); !errors.Is(err, context.Canceled) || stats.Dirs != 0 {
			t.Errorf("got %+v and error %v, want %v", stats, err, context.Canceled)
		}
	})
}

func TestFraction(t *testing.T) {
	root := randomTree(t, 2, 900)
	each(t, walk.Eager(), func(t *testing.T, w walk.Func, workers int) {
		// when a walk reports progress as often as it can
		var seen []walk.Progress
		stats, err := w(t.Context(), root, walk.Options{
			Workers:  workers,
			Progress: func(p walk.Progress) { seen = append(seen, p) },
		})
		if err != nil {
			t.Fatal(err)
		}
		// then no number ever falls, there are many steps, and the last is the end
		if len(seen) < 20 {
			t.Fatalf("got %d reports, want more", len(seen))
		}
		steps, before := 0, walk.Progress{}
		for _, p := range seen {
			if p.Fraction < before.Fraction || p.Dirs < before.Dirs || p.Entries < before.Entries {
				t.Errorf("got %+v after %+v, want no less", p, before)
			}
			if p.Fraction > before.Fraction && p.Fraction < 1 {
				steps++
			}
			before = p
		}
		if want := (walk.Progress{Entries: stats.Entries, Dirs: stats.Dirs, Fraction: 1}); before != want {
			t.Errorf("last report: got %+v, want %+v", before, want)
		}
		if steps < 3 {
			t.Errorf("got %d steps between the beginning and the end, want more: %v", steps, seen)
		}
	})
}

func TestProgressIsRare(t *testing.T) {
	// given the usual pace
	root := randomTree(t, 2, 400)
	each(t, both(), func(t *testing.T, w walk.Func, workers int) {
		begin, calls := time.Now(), 0
		// when a tree is walked
		_, err := w(t.Context(), root, walk.Options{Workers: workers, Progress: func(walk.Progress) { calls++ }})
		// then there are ten reports a second and the last
		if most := int(time.Since(begin)/(100*time.Millisecond)) + 1; err != nil || calls < 1 || calls > most {
			t.Errorf("got %d reports and error %v, want 1 to %d", calls, err, most)
		}
	})
}

// The benchmarks walk the same tree; compare ns/op.

func BenchmarkWalk(b *testing.B)         { benchmark(b, walker(walk.Walk, 1)) }
func BenchmarkWalk2(b *testing.B)        { benchmark(b, walker(walk.Walk, 2)) }
func BenchmarkWalkPortable(b *testing.B) { benchmark(b, walker(walk.Portable, 1)) }

func BenchmarkWalkDir(b *testing.B) {
	benchmark(b, func(root string) (n int64, err error) {
		err = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
			if n++; strings.HasSuffix(d.Name(), ".AppImage") {
				b.Log(d.Name())
			}
			return err
		})
		return n - 1, err
	})
}

func walker(w walk.Func, workers int) func(root string) (int64, error) {
	return func(root string) (int64, error) {
		stats, err := w(context.Background(), root, walk.Options{
			Wanted:  func(name []byte) bool { return bytes.HasSuffix(name, []byte(".AppImage")) },
			Found:   func(string, []walk.Entry) {},
			Workers: workers,
		})
		return stats.Entries, err
	}
}

func benchmark(b *testing.B, count func(root string) (int64, error)) {
	const dirs, files = 1500, 13
	root := b.TempDir()
	parents := []string{root}
	for i := range dirs {
		dir := mkdir(b, parents[i/6], fmt.Sprint("directory", i))
		parents = append(parents, dir)
		for k := range files {
			touch(b, dir, fmt.Sprintf("file-%d-%d.dat", i, k))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		n, err := count(root)
		if err != nil || n != dirs*(files+1) {
			b.Fatalf("got %d entries and error %v, want %d", n, err, dirs*(files+1))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(dirs*(files+1)), "ns/entry")
}
