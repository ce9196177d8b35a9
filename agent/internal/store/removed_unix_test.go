//go:build !windows

package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

func TestFilesRemovedWhileInUse(t *testing.T) {
	for _, c := range []struct {
		name   string
		remove func(t *testing.T, dir string)
	}{
		{"the folder", func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)) }},
		{"the file", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "state.db"))) }},
		{"the log", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "state.db-wal"))) }},
		{"everything in the folder", func(t *testing.T, dir string) {
			entries, err := os.ReadDir(dir)
			must(t, err)
			for _, e := range entries {
				must(t, os.Remove(filepath.Join(dir, e.Name())))
			}
		}},
		{"the folder, by renaming it", func(t *testing.T, dir string) { must(t, os.Rename(dir, dir+".old")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a store in use,
			dir := filepath.Join(t.TempDir(), "beagle")
			s := open(t, dir)
			epoch := s.Opening().Epoch
			apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
			// when this is removed, then it can still be read,
			c.remove(t, dir)
			equal(t, "records", known(t, s), "wps open 1")
			// what cannot be found again is not acknowledged,
			failsWith(t, s.SetMeta(t.Context(), "k", "v"), store.ErrUnwritable)
			// and the next sweep writes everything anew,
			change := apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "qq")}}, judge)
			equal(t, "restored", change.Restored, true)
			change = apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "vmate")}}, judge)
			equal(t, "restored again", change.Restored, false)
			modes(t, dir)
			// for its user and no other agent,
			_, err := store.Open(t.Context(), dir, store.Options{})
			failsWith(t, err, store.ErrLocked)
			// as the store that it was.
			closed(t, s)
			again := open(t, dir)
			equal(t, "epoch", again.Opening().Epoch, epoch)
			equal(t, "set aside", again.Opening().SetAside, "")
			equal(t, "records", known(t, again), "qq open 1, vmate open 1, wps open 1")
		})
	}
}

func TestAFolderThatCannotBeMadeAnew(t *testing.T) {
	// Given a store in use whose folder was replaced by a file,
	dir := filepath.Join(t.TempDir(), "beagle")
	s := open(t, dir)
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	must(t, os.RemoveAll(dir))
	must(t, os.WriteFile(dir, nil, 0o600))
	// when a sweep is kept, then it is not acknowledged, but told,
	change, err := s.Apply(t.Context(), store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "qq")}}, judge)
	failsWith(t, err, store.ErrUnwritable)
	equal(t, "changes", told(change.Changes), "qq opened 1")
	equal(t, "records", known(t, s), "wps open 1")
	// and when the file is gone, then the next one is kept.
	must(t, os.Remove(dir))
	change = apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "qq")}}, judge)
	equal(t, "restored", change.Restored, true)
	closed(t, s)
	equal(t, "records", known(t, open(t, dir)), "qq open 1, wps open 1")
}

func TestAFileReplacedWhileInUse(t *testing.T) {
	// Given a store in use whose file was replaced by another store's,
	dir, other := t.TempDir(), t.TempDir()
	s := open(t, dir)
	filled(t, other)
	must(t, os.Rename(filepath.Join(other, "state.db"), filepath.Join(dir, "state.db")))
	// when a sweep is kept, then nothing is acknowledged and the other file is left alone.
	_, err := s.Apply(t.Context(), store.Sweep{}, judge)
	failsWith(t, err, store.ErrUnwritable)
	if err != nil && !strings.Contains(err.Error(), "replaced") {
		t.Errorf("got %v, want it to say what happened", err)
	}
}

func TestAFolderTakenByAnotherAgent(t *testing.T) {
	// Given a store in use whose folder was removed and made anew by another agent,
	dir := filepath.Join(t.TempDir(), "beagle")
	s := open(t, dir)
	must(t, os.RemoveAll(dir))
	other := open(t, dir)
	apply(t, other, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	// when the first keeps a sweep, then the other's store is left alone.
	_, err := s.Apply(t.Context(), store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "qq")}}, judge)
	failsWith(t, err, store.ErrUnwritable)
	equal(t, "records of the other", known(t, other), "wps open 1")
}
