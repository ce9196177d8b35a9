package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
)

func stored(id, verdict string, revision int64) api.Stored {
	return api.Stored{Record: api.Record{ID: id, Verdict: verdict}, Epoch: "e", Revision: revision}
}

func TestWith(t *testing.T) {
	gone := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	of := func(r api.Stored) api.Event { return api.Event{Kind: api.EventRecord, Record: &r} }
	closed, strange := stored("a", api.VerdictProhibited, 3), stored("z", api.VerdictProhibited, 3)
	closed.ClosedAt, strange.ClosedAt = &gone, &gone
	otherEpoch := stored("a", api.VerdictExempt, 1)
	otherEpoch.Epoch = "f"
	for _, c := range []struct {
		name  string
		event api.Event
		want  string // records, count of prohibited, activity, probe under way, conditions
	}{
		{"new record", of(stored("c", api.VerdictProhibited, 1)), "a2 b1 c1|2|idle||"},
		{"changed record", of(stored("a", api.VerdictAllowed, 3)), "a3 b1|0|idle||"},
		{"same revision seen again", of(stored("a", api.VerdictProhibited, 2)), "a2 b1|1|idle||"},
		{"older record", of(stored("a", api.VerdictAllowed, 1)), "a2 b1|1|idle||"},
		{"record of a new store", of(otherEpoch), "a1 b1|0|idle||"},
		{"closed record", of(closed), "b1|0|idle||"},
		{"closed record that was not held", of(strange), "a2 b1|1|idle||"},
		{"activity", api.Event{Kind: api.EventActivity, Activity: "paused"}, "a2 b1|1|paused||"},
		{"progress", api.Event{Kind: api.EventProgress, Progress: &api.Progress{Probe: "dpkg"}}, "a2 b1|1|idle|dpkg|"},
		{"conditions", api.Event{Kind: api.EventConditions, Conditions: []api.Condition{{Code: "disk_full"}}}, "a2 b1|1|idle||disk_full"},
		{"snapshot", api.Event{Kind: api.EventSnapshot, Snapshot: &api.Snapshot{Activity: "starting"}}, "|0|starting||"},
		{"unknown kind", api.Event{Kind: "surprise"}, "a2 b1|1|idle||"},
		{"record without one", api.Event{Kind: api.EventRecord}, "a2 b1|1|idle||"},
		{"snapshot without one", api.Event{Kind: api.EventSnapshot}, "a2 b1|1|idle||"},
	} {
		t.Run(c.name, func(t *testing.T) {
			records := []api.Stored{stored("a", api.VerdictProhibited, 2), stored("b", api.VerdictLifted, 1)}
			before := api.Snapshot{Activity: "idle", Records: records, Summary: api.Count(records, true)}
			if got := sketch(before.With(c.event)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := sketch(before); got != "a2 b1|1|idle||" {
				t.Errorf("the old snapshot became %q", got)
			}
		})
	}
}

func sketch(s api.Snapshot) string {
	var records, conditions []string
	for _, r := range s.Records {
		records = append(records, fmt.Sprint(r.ID, r.Revision))
	}
	for _, c := range s.Conditions {
		conditions = append(conditions, c.Code)
	}
	probe := ""
	if s.Progress != nil {
		probe = s.Progress.Probe
	}
	return fmt.Sprintf("%s|%d|%s|%s|%s", strings.Join(records, " "), s.Summary.Prohibited, s.Activity, probe, strings.Join(conditions, " "))
}

func TestCount(t *testing.T) {
	// Given an open and a closed record of each verdict, then only the open ones count.
	var records []api.Stored
	for _, verdict := range []string{
		api.VerdictProhibited, api.VerdictPending, api.VerdictSuspended, api.VerdictExempt,
		api.VerdictUnconfirmed, api.VerdictLifted, api.VerdictAllowed, api.VerdictNotApplicable, "surprise",
	} {
		open, closed := stored("o"+verdict, verdict, 1), stored("c"+verdict, verdict, 1)
		closed.ClosedAt = &time.Time{}
		records = append(records, open, closed)
	}
	want := api.Summary{Prohibited: 1, Pending: 1, Suspended: 1, Exempt: 1, Unconfirmed: 1, Lifted: 1, Complete: true}
	if got := api.Count(records, true); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
