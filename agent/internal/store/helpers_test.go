package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors"
	"beagle/detectors/catalog"
)

// start is when the tests begin.
func start() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	return openWith(t, dir, store.Options{Now: start})
}

func openWith(t *testing.T, dir string, opt store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, s) })
	return s
}

func closed(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// saw is evidence of an app, as the probe of that name reports it.
func saw(probe, area, app string, attributes ...string) catalog.Evidence {
	ev := catalog.Evidence{
		Kind: catalog.KindFile, OS: catalog.Linux, Value: app, Path: "/opt/" + app,
		Owner: catalog.MachineOwner, Probe: probe, Area: area, Attributes: map[string]string{},
	}
	for i := 0; i < len(attributes); i += 2 {
		ev.Attributes[attributes[i]] = attributes[i+1]
	}
	return ev
}

// finished is an area that was looked at fully.
func finished(probe, area string) store.Area {
	return store.Area{Probe: probe, Area: area, Outcome: string(detectors.Finished)}
}

// judge makes one record for each value and owner.
func judge(believed []catalog.Evidence) []api.Record {
	records := map[string]*api.Record{}
	for _, ev := range believed {
		id := catalog.RecordID(ev.Value, ev.Owner)
		r := records[id]
		if r == nil {
			r = &api.Record{
				ID: id, App: api.App{ID: ev.Value}, Owner: ev.Owner, Presence: []string{"installed"},
				Confidence: "certain", Verdict: "prohibited", Instances: []api.Instance{{Root: ev.Path}},
			}
			records[id] = r
		}
		r.Instances[0].Evidence = append(r.Instances[0].Evidence, api.Evidence{
			Kind: string(ev.Kind), Value: ev.Value, Path: ev.Path, Area: ev.Area, Attributes: ev.Attributes,
		})
	}
	list := []api.Record{}
	for _, id := range slices.Sorted(maps.Keys(records)) {
		list = append(list, *records[id])
	}
	return list
}

// nobody recognises anything.
func nobody([]catalog.Evidence) []api.Record { return nil }

// always makes these records of whatever is believed.
func always(records ...api.Record) store.Judge {
	return func([]catalog.Evidence) []api.Record { return records }
}

func apply(t *testing.T, s *store.Store, sweep store.Sweep, judge store.Judge) store.Change {
	t.Helper()
	if sweep.At.IsZero() {
		sweep.At = start()
	}
	change, err := s.Apply(t.Context(), sweep, judge)
	if err != nil {
		t.Fatal(err)
	}
	return change
}

// told says what changes did, such as "wps opened 1, qq closed 2 removed".
func told(changes []api.Change) string {
	var words []string
	for _, c := range changes {
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %d %s", c.Record.App.ID, c.What, c.Record.Revision, c.Reason)))
	}
	return strings.Join(words, ", ")
}

// known says which records are stored, such as "qq closed 2, wps open 1".
func known(t *testing.T, s *store.Store) string {
	t.Helper()
	records, err := s.Records(context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, r := range records {
		state := "open"
		if r.ClosedAt != nil {
			state = "closed"
		}
		words = append(words, fmt.Sprintf("%s %s %d", r.App.ID, state, r.Revision))
	}
	return strings.Join(words, ", ")
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func failsWith(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got the error %v, want %v", err, want)
	}
}
