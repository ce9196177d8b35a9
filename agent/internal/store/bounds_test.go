package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// nights lets days pass, with one empty sweep each.
func nights(t *testing.T, s *store.Store, from time.Time, days int, judge store.Judge) time.Time {
	t.Helper()
	for range days {
		from = from.Add(24 * time.Hour)
		apply(t, s, store.Sweep{At: from}, judge)
	}
	return from
}

func TestOldThingsAreForgotten(t *testing.T) {
	// Given a record that was changed and closed, beside one that stays,
	s := open(t, t.TempDir())
	area := []store.Area{finished("opt", "machine")}
	stays, goes := saw("opt", "user:bob", "qq"), saw("opt", "machine", "wps")
	apply(t, s, store.Sweep{Areas: area, Seen: []catalog.Evidence{goes, stays}}, judge)
	apply(t, s, store.Sweep{Areas: area}, judge)
	equal(t, "records", known(t, s), "qq open 1, wps closed 2")
	count := func() string {
		history, err := s.History(t.Context(), 100, "")
		must(t, err)
		backlog, err := s.Backlog(t.Context())
		must(t, err)
		coverage, err := s.Coverage(t.Context())
		must(t, err)
		return fmt.Sprintf("history %d outbox %d dropped %d areas %d", len(history), backlog.Rows, backlog.Dropped, len(coverage))
	}
	equal(t, "at first", count(), "history 3 outbox 3 dropped 0 areas 1")
	// when 30 days have passed, then all is there; a day later the outbox is given up;
	now := nights(t, s, start(), 30, judge)
	equal(t, "after 30 days", count(), "history 3 outbox 3 dropped 0 areas 1")
	now = nights(t, s, now, 1, judge)
	equal(t, "after 31 days", count(), "history 3 outbox 0 dropped 3 areas 1")
	// and when 401 days have passed, then so are history and closed records.
	now = nights(t, s, now, 370, judge)
	equal(t, "after 401 days", count(), "history 0 outbox 0 dropped 3 areas 0")
	equal(t, "records", known(t, s), "qq open 1")
	// When the forgotten one comes back, then it does not count from the start.
	change := apply(t, s, store.Sweep{At: now, Seen: []catalog.Evidence{goes}}, judge)
	equal(t, "changes", told(change.Changes), "wps opened 3")
}

func TestAClockThatLeapsForgetsNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		leaps []time.Duration
		want  int64
	}{
		{"a year ahead", []time.Duration{365 * 24 * time.Hour}, 0},
		{"ten years ahead and back", []time.Duration{3650 * 24 * time.Hour, time.Hour}, 0},
		{"a year back", []time.Duration{-365 * 24 * time.Hour, time.Hour}, 0},
		{"a year ahead for days", []time.Duration{365 * 24 * time.Hour, 366 * 24 * time.Hour}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given something to tell, when the clock leaps, then it is told all the same.
			s := open(t, t.TempDir())
			apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
			for _, leap := range c.leaps {
				apply(t, s, store.Sweep{At: start().Add(leap)}, judge)
			}
			backlog, err := s.Backlog(t.Context())
			must(t, err)
			equal(t, "dropped", backlog.Dropped, c.want)
		})
	}
}

func TestTheOutboxIsBounded(t *testing.T) {
	// Given 60 changes of 10 KiB each that nobody fetches, and room for fewer,
	dir := t.TempDir()
	bounded := store.Options{Now: start, OutboxBytes: 512 << 10}
	s := openWith(t, dir, bounded)
	for i := range 60 {
		r := full()
		r.App.Name, r.App.Vendor = fmt.Sprint(i), strings.Repeat("x", 10<<10)
		apply(t, s, store.Sweep{}, always(r))
	}
	// then the newest are kept, up to the bound, and the others are counted,
	backlog, err := s.Backlog(t.Context())
	must(t, err)
	equal(t, "rows and dropped", backlog.Rows+backlog.Dropped, 60)
	if backlog.Bytes > 512<<10 || backlog.Bytes < 500<<10 {
		t.Errorf("got %d bytes, want 512 KiB or little less", backlog.Bytes)
	}
	out, err := s.Outbox(t.Context(), 100)
	must(t, err)
	if newest := string(out[len(out)-1].Payload); !strings.Contains(newest, `"name":"59"`) {
		t.Errorf("got %.200s..., want the newest change", newest)
	}
	closed(t, s)
	// also when the store is opened again;
	large := size(t, filepath.Join(dir, "state.db"))
	s = openWith(t, dir, bounded)
	again, err := s.Backlog(t.Context())
	must(t, err)
	equal(t, "backlog", again, backlog)
	// and when they were delivered, then the disk gets its space back the next day.
	for _, o := range out {
		must(t, s.Delivered(t.Context(), []string{o.ID}))
	}
	nights(t, s, start(), 1, always())
	closed(t, s)
	if got := size(t, filepath.Join(dir, "state.db")); got > large/2 {
		t.Errorf("the file has %d bytes of %d, want it to have shrunk", got, large)
	}
}

func TestTheHistoryOfOneRecordIsBounded(t *testing.T) {
	// Given an app that somebody starts and ends all the time, and another one,
	s, err := store.Memory(t.Context(), store.Options{Now: start})
	must(t, err)
	defer closed(t, s)
	wps := []catalog.Evidence{saw("opt", "machine", "wps")}
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "qq")}}, judge)
	for range 600 {
		apply(t, s, store.Sweep{Seen: wps}, judge)
		apply(t, s, store.Sweep{Gone: wps}, judge)
	}
	// then the newest changes of the one are kept, and all of the other.
	history, err := s.History(t.Context(), 10_000, "")
	must(t, err)
	equal(t, "entries", len(history), 1001)
	equal(t, "the newest", fmt.Sprint(history[0].App, history[0].Revision), "wps1200")
	equal(t, "the oldest", history[1000].App, "qq")
}

func TestEvidenceOfOneAreaIsBounded(t *testing.T) {
	// Given an area in which someone made very many files with a known name,
	s := open(t, t.TempDir())
	var seen []catalog.Evidence
	for i := range 1500 {
		ev := saw("portable", "user:bob", "wps")
		ev.Path = fmt.Sprintf("/home/bob/%04d/wps", i)
		seen = append(seen, ev)
	}
	var believed []catalog.Evidence
	watch := func(list []catalog.Evidence) []api.Record {
		believed = list
		return nil
	}
	has := func(path string) bool {
		return slices.ContainsFunc(believed, func(ev catalog.Evidence) bool { return ev.Path == path })
	}
	area := []store.Area{finished("portable", "user:bob")}
	// when it is kept, then what is beyond the bound is left out and the area says so.
	apply(t, s, store.Sweep{Areas: area, Seen: append(slices.Clone(seen), saw("dpkg", "machine", "qq"))}, watch)
	equal(t, "believed", len(believed), 1001)
	list, err := s.Coverage(t.Context())
	must(t, err)
	equal(t, "status", list[0].Status, "partial")
	equal(t, "code", list[0].Error.Code, "limit")
	// When something weightier is found, then it is taken, and what was known is still there.
	real := saw("portable", "user:bob", "wps")
	apply(t, s, store.Sweep{Areas: area, Seen: append([]catalog.Evidence{real}, seen...)}, watch)
	equal(t, "believed", len(believed), 1002)
	equal(t, "the real one", has(real.Path), true)
	equal(t, "the last one before", has("/home/bob/0999/wps"), true)
	// When there is more and more, then what comes first is taken and it ends somewhere.
	for i := range 4 {
		more := []catalog.Evidence{real}
		for j := range 1500 {
			ev := saw("portable", "user:bob", "wps")
			ev.Path = fmt.Sprintf("/home/bob/%d/%04d/wps", i, j)
			more = append(more, ev)
		}
		apply(t, s, store.Sweep{Seen: more}, watch)
		equal(t, "the real one", has(real.Path), true)
		equal(t, "the newest", has(fmt.Sprintf("/home/bob/%d/0998/wps", i)), true)
	}
	equal(t, "believed", len(believed), 4001)
	// When they are gone, then so is the evidence.
	apply(t, s, store.Sweep{Areas: area}, watch)
	equal(t, "believed", len(believed), 1)
}
