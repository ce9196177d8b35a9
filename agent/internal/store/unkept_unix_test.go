//go:build !windows

package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// blocked is a store with one record whose folder was replaced by a file, so that nothing can be
// written until release is called.
func blocked(t *testing.T) (s *store.Store, dir string, release func()) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "beagle")
	s = open(t, dir)
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	must(t, os.RemoveAll(dir))
	must(t, os.WriteFile(dir, nil, 0o600))
	return s, dir, func() { must(t, os.Remove(dir)) }
}

// refused keeps a sweep that the disk does not take, and returns what it did.
func refused(t *testing.T, s *store.Store, sweep store.Sweep) string {
	t.Helper()
	sweep.At = start()
	change, err := s.Apply(t.Context(), sweep, judge)
	failsWith(t, err, store.ErrUnwritable)
	equal(t, "behind", s.Behind(), true)
	return told(change.Changes)
}

func TestWhatTheDiskDoesNotTakeIsKeptInOrder(t *testing.T) {
	// Given a disk that takes nothing,
	s, dir, release := blocked(t)
	qq := []catalog.Evidence{saw("portable", "user:bob", "qq")}
	// when an app is found, found gone, and found again,
	equal(t, "found", refused(t, s, store.Sweep{Since: s.Mark(), Seen: qq}), "qq opened 1")
	equal(t, "gone", refused(t, s, store.Sweep{Since: s.Mark(), Gone: qq}), "qq closed 2 removed")
	equal(t, "back", refused(t, s, store.Sweep{Since: s.Mark(), Seen: qq}), "qq reopened 3")
	equal(t, "another is gone", refused(t, s, store.Sweep{Areas: []store.Area{finished("opt", "machine")}}), "wps closed 2 removed")
	// then all of it can be read,
	r, found, err := s.Record(t.Context(), catalog.RecordID("qq", catalog.MachineOwner))
	must(t, err)
	equal(t, "revision", fmt.Sprint(found, r.Revision), "true 3")
	history, err := s.History(t.Context(), 2, "")
	must(t, err)
	equal(t, "history", history[0].App+" "+history[0].What+", "+history[1].App+" "+history[1].What, "wps closed, qq reopened")
	believed, err := s.Evidence(t.Context())
	must(t, err)
	equal(t, "believed", len(believed), 1)
	coverage, err := s.Coverage(t.Context())
	must(t, err)
	equal(t, "coverage", len(coverage), 1)
	// and once the disk takes it, it is there, in the order in which it happened.
	release()
	equal(t, "changes", told(apply(t, s, store.Sweep{}, judge).Changes), "")
	equal(t, "behind", s.Behind(), false)
	closed(t, s)
	s = open(t, dir)
	equal(t, "records", known(t, s), "qq open 3, wps closed 2")
	history, err = s.History(t.Context(), 100, "")
	must(t, err)
	var words []string
	for _, h := range history {
		words = append(words, h.App+" "+h.What)
	}
	equal(t, "history", strings.Join(words, ", "), "wps closed, qq reopened, qq closed, qq opened, wps opened")
	backlog, err := s.Backlog(t.Context())
	must(t, err)
	equal(t, "outbox", backlog.Rows, 5)
}

func TestALookThatTheDiskDidNotTake(t *testing.T) {
	// Given a disk that takes nothing, and a long look at an area, during which something new is
	// seen there,
	s, _, release := blocked(t)
	began := s.Mark()
	equal(t, "seen meanwhile", refused(t, s, store.Sweep{Seen: []catalog.Evidence{saw("portable", "user:bob", "qq")}}), "qq opened 1")
	equal(t, "the look", refused(t, s, store.Sweep{Since: began, Areas: []store.Area{finished("portable", "user:bob")}}), "")
	// when it takes both, then what was seen meanwhile stays.
	release()
	apply(t, s, store.Sweep{}, judge)
	equal(t, "records", known(t, s), "qq open 1, wps open 1")
}

func TestAStoreThatCannotBeReadKnowsNothing(t *testing.T) {
	// Given a store in use whose files were removed, and something in the place of the new one,
	dir := filepath.Join(t.TempDir(), "beagle")
	s := open(t, dir)
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	for _, name := range []string{"state.db", "state.db-wal", "state.db-shm"} {
		must(t, os.Remove(filepath.Join(dir, name)))
	}
	inTheWay := filepath.Join(dir, "state.db", "x")
	must(t, os.MkdirAll(inTheWay, 0o700))
	_, err := s.Apply(t.Context(), store.Sweep{}, judge)
	failsWith(t, err, store.ErrUnwritable)
	// when a sweep is kept, then it does not say that there are no records.
	change, err := s.Apply(t.Context(), store.Sweep{}, judge)
	failsWith(t, err, store.ErrUnwritable)
	if change.Records != nil && len(change.Records) == 0 {
		t.Error("got no records, want that nothing is known of them")
	}
	// And when the way is free, then everything is there.
	must(t, os.RemoveAll(filepath.Join(dir, "state.db")))
	change = apply(t, s, store.Sweep{}, judge)
	equal(t, "records", len(change.Records), 1)
	equal(t, "behind", s.Behind(), false)
}
