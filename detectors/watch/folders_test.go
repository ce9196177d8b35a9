package watch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/watch"
)

// eachWay runs a test for every way in which this system can watch folders.
func eachWay(t *testing.T, test func(t *testing.T, begin func(folders ...watch.Folder) *watching)) {
	t.Helper()
	for _, asks := range []bool{false, true} {
		if asks && runtime.GOOS != "linux" {
			continue // it asks anyway
		}
		t.Run(fmt.Sprintf("asks %v", asks), func(t *testing.T) {
			test(t, func(folders ...watch.Folder) *watching {
				s := start(t, watch.New(liveHost(t), watch.Options{Processes: watch.Off, Poll: quickly, Folders: folders}).Asks(asks).Quiet(quickly))
				want := "polling"
				if runtime.GOOS == "linux" && !asks {
					want = "inotify"
				}
				if _, files := s.Mode(); files != want {
					t.Errorf("mode %q, want %q", files, want)
				}
				return s
			})
		})
	}
}

// changed waits for a change of a topic that is told after do was done.
func (s *watching) changed(topic string, do func()) {
	s.t.Helper()
	before := len(s.all())
	do()
	s.until("a change of "+topic, func(events []watch.Event) bool {
		return slices.ContainsFunc(events[before:], func(ev watch.Event) bool {
			return ev.Kind == watch.Changed && ev.Topic == topic
		})
	})
}

func (s *watching) topics() string {
	var topics []string
	for _, ev := range s.all() {
		if ev.Kind == watch.Changed {
			topics = append(topics, ev.Topic)
		}
	}
	return strings.Join(topics, " ")
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestChanges(t *testing.T) {
	eachWay(t, func(t *testing.T, begin func(...watch.Folder) *watching) {
		// Given a folder, one with sub-folders, and one in which a single file matters,
		dir := t.TempDir()
		for _, name := range []string{"flat/a", "deep/sub/a", "deep/.hidden/a", "db/status", "db/lock"} {
			put(t, filepath.Join(dir, name), "x")
		}
		s := begin(
			watch.Folder{Topic: "flat", Dir: filepath.Join(dir, "flat")},
			watch.Folder{Topic: "deep", Dir: filepath.Join(dir, "deep"), Depth: 1},
			watch.Folder{Topic: "db", Dir: filepath.Join(dir, "db"), Names: []string{"status"}},
		)
		// when things change that do not matter, and then one that does,
		put(t, filepath.Join(dir, "flat/.hidden"), "x")
		put(t, filepath.Join(dir, "deep/.hidden/b"), "x")
		put(t, filepath.Join(dir, "db/lock"), "y")
		s.changed("flat", func() { put(t, filepath.Join(dir, "flat/b"), "x") })
		// then only that is told,
		if got := s.topics(); got != "flat" {
			t.Errorf("told %s", got)
		}
		// and so are those that follow.
		s.changed("deep", func() { put(t, filepath.Join(dir, "deep/sub/b"), "x") })
		s.changed("deep", func() { put(t, filepath.Join(dir, "deep/new/a"), "x") })
		s.changed("deep", func() { put(t, filepath.Join(dir, "deep/new/b"), "x") })
		put(t, filepath.Join(dir, "db/status-new"), "longer")
		s.changed("db", func() {
			if err := os.Rename(filepath.Join(dir, "db/status-new"), filepath.Join(dir, "db/status")); err != nil {
				t.Fatal(err)
			}
		})
		s.changed("flat", func() {
			if err := os.Remove(filepath.Join(dir, "flat/a")); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestAFolderThatComesAndGoes(t *testing.T) {
	eachWay(t, func(t *testing.T, begin func(...watch.Folder) *watching) {
		// Given a folder that is not there, nor the one it would be in,
		dir := t.TempDir()
		place := filepath.Join(dir, "share", "applications")
		s := begin(watch.Folder{Topic: "desktop", Dir: place, Depth: 1})
		// when it appears, vanishes and appears again, then each is told, and so is what happens
		// in it.
		for range 2 {
			s.changed("desktop", func() { put(t, filepath.Join(place, "a.desktop"), "x") })
			s.changed("desktop", func() { put(t, filepath.Join(place, "b.desktop"), "x") })
			s.changed("desktop", func() {
				// One by one, for Wine 8 cannot os.RemoveAll.
				for _, path := range []string{filepath.Join(place, "a.desktop"), filepath.Join(place, "b.desktop"), place, filepath.Join(dir, "share")} {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	})
}

func TestFoldersAreReplaced(t *testing.T) {
	eachWay(t, func(t *testing.T, begin func(...watch.Folder) *watching) {
		// Given folders, of which one is replaced by another,
		dir := t.TempDir()
		for _, name := range []string{"stays", "goes", "comes"} {
			put(t, filepath.Join(dir, name, "a"), "x")
		}
		folder := func(name string) watch.Folder {
			return watch.Folder{Topic: name, Dir: filepath.Join(dir, name)}
		}
		s := begin(folder("stays"), folder("goes"))
		// then the new one is told, for nobody knows what happened there before,
		s.changed("comes", func() { s.SetFolders([]watch.Folder{folder("stays"), folder("comes")}) })
		// and when all change, the replaced one is not told.
		put(t, filepath.Join(dir, "goes", "b"), "x")
		s.changed("stays", func() { put(t, filepath.Join(dir, "stays", "b"), "x") })
		s.changed("comes", func() { put(t, filepath.Join(dir, "comes", "b"), "x") })
		if strings.Contains(s.topics(), "goes") {
			t.Errorf("told %s", s.topics())
		}
	})
}

func TestLinksAndForeignFileSystems(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs a mount table")
	}
	// Given a folder behind a link, and one behind a link to a network file system,
	dir := t.TempDir()
	put(t, filepath.Join(dir, "disk/real/a"), "x")
	put(t, filepath.Join(dir, "net/real/a"), "x")
	for _, name := range []string{"disk", "net"} {
		if err := os.Symlink(filepath.Join("..", name, "real"), filepath.Join(dir, "disk", name+" link")); err != nil {
			t.Fatal(err)
		}
	}
	host := liveHost(t)
	s := start(t, watch.New(host, watch.Options{Processes: watch.Off, Folders: []watch.Folder{
		{Topic: "linked", Dir: filepath.Join(dir, "disk", "disk link")},
		{Topic: "foreign", Dir: filepath.Join(dir, "disk", "net link")},
	}}).Mounts(func() []detectors.Mount {
		return append(host.MountsNow(), detectors.Mount{Path: filepath.Join(dir, "net"), Type: "nfs4"})
	}).Quiet(quickly))
	// when both change, then only the local one is told.
	put(t, filepath.Join(dir, "net/real/b"), "x")
	s.changed("linked", func() { put(t, filepath.Join(dir, "disk/real/b"), "x") })
	if got := s.topics(); got != "linked" {
		t.Errorf("told %s", got)
	}
}
