package local_test

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

// shared is a machine with two users: an app of the machine that both run and that each has
// an entry for, and an app of each.
func shared() *agent {
	a := newAgent(
		record("m1", api.MachineOwner, api.VerdictProhibited, process("alice"), process("bob"), entry("machine"), entry("user:alice"), entry("user:bob")),
		record("a1", "alice", api.VerdictProhibited, entry("user:alice")),
		record("b1", "bob", api.VerdictPending, entry("user:bob")),
	)
	a.snapshot.Conditions = []api.Condition{
		{Code: "disk_full"}, {Code: "profile_closed", Args: map[string]string{"user": "bob"}},
	}
	a.closed["a0"] = record("a0", "alice", api.VerdictAllowed)
	a.closed["b0"] = record("b0", "bob", api.VerdictAllowed)
	for _, of := range []string{"b0 bob", "a0 alice", "m1 machine", "a1 alice", "b1 bob"} {
		id, owner, _ := strings.Cut(of, " ")
		a.history = append(a.history, api.HistoryEntry{RecordID: id, Owner: owner, What: api.RecordOpened})
	}
	a.coverage = []api.Coverage{{Probe: "dpkg", Area: "machine"}, {Probe: "profiles", Area: "user:alice"}, {Probe: "profiles", Area: "user:bob"}}
	a.checks = []api.Check{{Code: "clock", Status: "ok"}, {Code: "profile", Status: "error", Args: map[string]string{"user": "bob"}}}
	return a
}

// TestWhoSeesWhat asks everything there is to ask as three users and a stranger.
func TestWhoSeesWhat(t *testing.T) {
	stranger := local.Viewer{ID: "4711", Account: "4711"} // an account without records or profile
	r := serve(t, shared(), alice(), bob(), admin(), stranger)
	for _, c := range []struct {
		name                                                   string
		who                                                    local.Viewer
		records, users, areas, conditions, history, cover, doc string
		summary                                                api.Summary
		reads, export                                          string
	}{
		{
			name: "alice", who: alice(), records: "m1 a1", users: "alice", areas: "machine machine machine user:alice",
			conditions: "disk_full", history: "a0 m1 a1", cover: "machine user:alice", doc: "clock",
			summary: api.Summary{Prohibited: 2, Complete: true}, reads: "m1 a1 a0", export: "m1 a1 a0 / a0 a1",
		},
		{
			name: "bob", who: bob(), records: "m1 b1", users: "bob", areas: "machine machine machine user:bob",
			conditions: "disk_full profile_closed", history: "b0 m1 b1", cover: "machine user:bob", doc: "clock profile",
			summary: api.Summary{Prohibited: 1, Pending: 1, Complete: true}, reads: "m1 b1 b0", export: "m1 b1 b0 / b0 b1",
		},
		{
			name: "administrator", who: admin(), records: "m1 a1 b1", users: "alice bob", areas: "machine machine machine user:alice user:bob",
			conditions: "disk_full profile_closed", history: "b0 a0 m1 a1 b1", cover: "machine user:alice user:bob", doc: "clock profile",
			summary: api.Summary{Prohibited: 2, Pending: 1, Complete: true}, reads: "m1 a1 b1 a0 b0", export: " / ",
		},
		{
			name: "stranger", who: stranger, records: "m1", users: "", areas: "machine machine machine",
			conditions: "disk_full", history: "m1", cover: "machine", doc: "clock",
			summary: api.Summary{Prohibited: 1, Complete: true}, reads: "m1", export: " / ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, ctx := r.as(c.who), t.Context()
			check := func(what, got, want string) {
				t.Helper()
				if got != want {
					t.Errorf("%s: got %q, want %q", what, got, want)
				}
			}
			snapshot, err := client.Snapshot(ctx)
			if err != nil {
				t.Fatal(err)
			}
			check("records", ids(snapshot.Records), c.records)
			users, areas := evidenceOf(snapshot.Records[0])
			check("users of the machine's record", users, c.users)
			check("areas of the machine's record", areas, c.areas)
			check("conditions", join(snapshot.Conditions, func(c api.Condition) string { return c.Code }), c.conditions)
			if snapshot.Summary != c.summary {
				t.Errorf("summary: got %+v, want %+v", snapshot.Summary, c.summary)
			}

			first := within(t, "the stream's snapshot", follow(t, client))
			if first.Snapshot == nil || ids(first.Snapshot.Records) != c.records {
				t.Errorf("stream: got %+v first, want a snapshot with %q", first, c.records)
			}

			history, err := client.History(ctx, "", 0)
			check("history", join(history, func(e api.HistoryEntry) string { return e.RecordID }), c.history)
			coverage, err2 := client.Coverage(ctx)
			check("coverage", join(coverage, func(c api.Coverage) string { return c.Area }), c.cover)
			doctor, err3 := client.Doctor(ctx)
			check("checks", join(doctor.Checks, func(c api.Check) string { return c.Code }), c.doc)
			export, err4 := client.Export(ctx)
			check("export", ids(export.Records)+" / "+join(export.History, func(e api.HistoryEntry) string { return e.RecordID }), c.export)
			for _, err := range []error{err, err2, err3, err4} {
				if err != nil {
					t.Error(err)
				}
			}

			var reads []string
			for _, id := range []string{"m1", "a1", "b1", "a0", "b0"} {
				got, err := client.Record(ctx, id)
				if err == nil {
					reads = append(reads, got.ID)
				} else if code := refusal(t, err).Problem.Code; code != api.CodeNotFound {
					t.Errorf("record %s: got %q, want %q", id, code, api.CodeNotFound)
				}
				if err2 := client.Recheck(ctx, id); (err == nil) != (err2 == nil) {
					t.Errorf("recheck of %s: got %v where reading it got %v", id, err2, err)
				}
			}
			check("single records", strings.Join(reads, " "), c.reads)
		})
	}
}

func TestEventsAreRedacted(t *testing.T) {
	m1 := record("m1", api.MachineOwner, api.VerdictProhibited, process("bob"), entry("user:bob"))
	b1 := record("b1", "bob", api.VerdictProhibited)
	snapshot := newAgent(m1, b1).snapshot
	about := []api.Condition{{Code: "profile_closed", Args: map[string]string{"user": "bob"}}}
	for _, c := range []struct {
		name             string
		event            api.Event
		alice, bob, root bool // who gets it
		hidden           bool // whether alice gets it without a trace of bob
	}{
		{"record of the machine", api.Event{Kind: api.EventRecord, Record: &m1}, true, true, true, true},
		{"record of bob", api.Event{Kind: api.EventRecord, Record: &b1}, false, true, true, false},
		{"snapshot", api.Event{Kind: api.EventSnapshot, Snapshot: &snapshot}, true, true, true, true},
		{"conditions", api.Event{Kind: api.EventConditions, Conditions: about}, true, true, true, true},
		{"progress", api.Event{Kind: api.EventProgress, Progress: &api.Progress{Probe: "dpkg"}}, true, true, true, true},
		{"activity", api.Event{Kind: api.EventActivity, Activity: "scanning"}, true, true, true, true},
		{"more than its kind says", api.Event{Kind: api.EventActivity, Record: &b1, Snapshot: &snapshot}, true, true, true, true},
		{"unknown kind", api.Event{Kind: "surprise", Record: &m1}, false, false, true, false},
		{"record without one", api.Event{Kind: api.EventRecord}, false, false, true, false},
		{"snapshot without one", api.Event{Kind: api.EventSnapshot}, false, false, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := text(t, c.event)
			for who, want := range map[string]bool{"alice": c.alice, "bob": c.bob, "root": c.root} {
				viewer := map[string]local.Viewer{"alice": alice(), "bob": bob(), "root": admin()}[who]
				if _, got := local.VisibleEvent(c.event, viewer); got != want {
					t.Errorf("%s gets it: got %v, want %v", who, got, want)
				}
			}
			shown, _ := local.VisibleEvent(c.event, alice())
			if got := text(t, shown); c.hidden && strings.Contains(got, "bob") {
				t.Errorf("alice gets a trace of bob: %s", got)
			}
			if after := text(t, c.event); after != before {
				t.Errorf("the event was changed:\n%s\nwas\n%s", after, before)
			}
		})
	}
}

// TestVisibleChangesNothing makes sure that what all readers share stays as it is.
func TestVisibleChangesNothing(t *testing.T) {
	s := shared().snapshot
	before := text(t, s)
	for _, who := range []local.Viewer{alice(), bob(), admin(), {}} {
		local.Visible(s, who)
		if after := text(t, s); after != before {
			t.Fatalf("%+v changed the snapshot:\n%s\nwas\n%s", who, after, before)
		}
	}
}

func TestNames(t *testing.T) {
	// Names differ by case on Linux and macOS, and do not on Windows; nobody is nameless.
	for _, c := range []struct {
		owner, viewer string
		want          bool
	}{
		{"alice", "alice", true},
		{"Alice", "alice", runtime.GOOS == "windows"},
		{"alice", "alice2", false},
		{"", "", false},
		{"alice", "", false},
		{api.MachineOwner, "", true},
	} {
		s := newAgent(record("r", c.owner, api.VerdictAllowed)).snapshot
		got := len(local.Visible(s, local.Viewer{ID: "1", Owner: c.viewer}).Records) == 1
		if got != c.want {
			t.Errorf("viewer %q sees a record of %q: got %v, want %v", c.viewer, c.owner, got, c.want)
		}
	}
}

func join[T any](list []T, of func(T) string) string {
	var texts []string
	for _, v := range list {
		texts = append(texts, of(v))
	}
	return strings.Join(texts, " ")
}

func ids(records []api.Stored) string {
	return join(records, func(r api.Stored) string { return r.ID })
}

// evidenceOf lists whose processes a record names and in which areas things were seen.
func evidenceOf(r api.Stored) (users, areas string) {
	var names, places []string
	for _, ev := range r.Instances[0].Evidence {
		places = append(places, ev.Area)
		if name, ok := ev.Attributes["user"]; ok {
			names = append(names, name)
		}
	}
	slices.Sort(places)
	return strings.Join(names, " "), strings.Join(places, " ")
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
