package store_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// full is a record with something in every field.
func full() api.Record {
	carrier := "wechat"
	return api.Record{
		ID: "r1", App: api.App{ID: "wps", Name: "WPS Office", NativeName: "金山WPS", Vendor: "kingsoft"}, Owner: "alice",
		Presence: []string{"running", "installed"}, Confidence: "certain", ImpliedBy: &carrier, Verdict: "prohibited",
		Instances: []api.Instance{
			{Root: "/opt/wps", Edition: "pro", Version: "11.1", Presence: []string{"running", "installed"}, Evidence: []api.Evidence{
				{Kind: "dpkg", Value: "wps-office", Path: "/var/lib/dpkg/status", Area: "machine", Strength: "proof", Attributes: map[string]string{"version": "11.1"}},
				{Kind: "process", Value: "wps", Path: "/opt/wps/wps", Area: "machine", Strength: "strong", Attributes: map[string]string{"pid": "7", "started": "x", "user": "alice"}},
			}},
			{Root: "/home/alice/wps", Version: "10.0", Presence: []string{"portable"}},
		},
		Verdicts: []api.Verdict{
			{Policy: "default", Verdict: "prohibited", Since: "2026-01-01", Citation: "c1", Reason: api.Reason{Code: "named", Args: map[string]string{"authority": "us"}}, SourceDate: "2026-02-02"},
			{Policy: "other", Verdict: "lifted", Reason: api.Reason{Code: "revoked", Args: map[string]string{}}},
		},
	}
}

func TestRevisionRisesOnlyWithTheContent(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*api.Record)
		want   string
	}{
		{"nothing", func(*api.Record) {}, ""},
		{"another process number", func(r *api.Record) {
			r.Instances[0].Evidence[1].Attributes = map[string]string{"pid": "8", "started": "y", "user": "bob"}
		}, ""},
		{"one more process of the same program", func(r *api.Record) {
			r.Instances[0].Evidence = append(r.Instances[0].Evidence, r.Instances[0].Evidence[1])
		}, ""},
		{"a newer look at the law that says the same", func(r *api.Record) { r.Verdicts[0].SourceDate = "2026-11-24" }, ""},
		{"the order of things", func(r *api.Record) {
			slices.Reverse(r.Presence)
			slices.Reverse(r.Instances)
			slices.Reverse(r.Instances[1].Evidence)
			slices.Reverse(r.Verdicts)
		}, ""},
		{"nil instead of empty", func(r *api.Record) {
			r.Verdicts[1].Reason.Args, r.Instances[1].Evidence = nil, []api.Evidence{}
		}, ""},
		{"the verdict", func(r *api.Record) { r.Verdict = "exempt" }, "wps changed 2 verdict"},
		{"the presence", func(r *api.Record) { r.Presence = []string{"installed"} }, "wps changed 2 presence"},
		{"the confidence", func(r *api.Record) { r.Confidence = "likely" }, "wps changed 2 confidence"},
		{"the folder", func(r *api.Record) { r.Instances[0].Root = "/opt/WPS" }, "wps changed 2 copies"},
		{"the edition", func(r *api.Record) { r.Instances[0].Edition = "" }, "wps changed 2 copies"},
		{"the version", func(r *api.Record) { r.Instances[0].Version = "12" }, "wps changed 2 copies"},
		{"the presence of one copy", func(r *api.Record) { r.Instances[1].Presence = nil }, "wps changed 2 copies"},
		{"one copy less", func(r *api.Record) { r.Instances = r.Instances[:1] }, "wps changed 2 copies"},
		{"one fact less", func(r *api.Record) { r.Instances[0].Evidence = r.Instances[0].Evidence[:1] }, "wps changed 2 copies"},
		{"what a fact is worth", func(r *api.Record) { r.Instances[0].Evidence[1].Strength = "hint" }, "wps changed 2 copies"},
		{"the area of a fact", func(r *api.Record) { r.Instances[0].Evidence[0].Area = "/opt" }, "wps changed 2 copies"},
		{"one policy", func(r *api.Record) { r.Verdicts[1].Verdict = "allowed" }, "wps changed 2 policies"},
		{"the reason of one policy", func(r *api.Record) { r.Verdicts[0].Reason.Args["authority"] = "tx" }, "wps changed 2 policies"},
		{"the citation", func(r *api.Record) { r.Verdicts[0].Citation = "c2" }, "wps changed 2 policies"},
		{"the name", func(r *api.Record) { r.App.Name = "WPS" }, "wps changed 2 details"},
		{"the carrier", func(r *api.Record) { r.ImpliedBy = nil }, "wps changed 2 details"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a record,
			s := open(t, t.TempDir())
			apply(t, s, store.Sweep{}, always(full()))
			// when this is different the next time,
			next := full()
			c.change(&next)
			change := apply(t, s, store.Sweep{}, always(next))
			// then the revision rises, or not,
			equal(t, "changes", told(change.Changes), c.want)
			// and in any case the newest is what is stored.
			r, _, err := s.Record(t.Context(), "r1")
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "stored", asJSON(t, r.Record), asJSON(t, next))
			equal(t, "returned", asJSON(t, change.Records), asJSON(t, []api.Stored{r}))
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestARecordThatComesBackKeepsItsIdentity(t *testing.T) {
	// Given an app that was seen, went and came back,
	dir := t.TempDir()
	s := open(t, dir)
	area := []store.Area{finished("opt", "machine")}
	seen := []catalog.Evidence{saw("opt", "machine", "wps")}
	at := func(hours int) time.Time { return start().Add(time.Duration(hours) * time.Hour) }
	apply(t, s, store.Sweep{At: at(0), Areas: area, Seen: seen}, judge)
	apply(t, s, store.Sweep{At: at(1), Areas: area}, judge)
	change := apply(t, s, store.Sweep{At: at(2), Areas: area, Seen: seen}, judge)
	equal(t, "changes", told(change.Changes), "wps reopened 3")
	closed(t, s)
	// when the store is opened again,
	s = open(t, dir)
	// then it is the same record, open, first seen at first and last seen now,
	r, found, err := s.Record(t.Context(), catalog.RecordID("wps", "machine"))
	if err != nil || !found {
		t.Fatal(found, err)
	}
	equal(t, "revision", r.Revision, 3)
	equal(t, "epoch", r.Epoch, s.Opening().Epoch)
	equal(t, "closed", r.ClosedAt == nil && r.ClosedReason == "", true)
	equal(t, "first seen", r.FirstSeen, at(0))
	equal(t, "last seen", r.LastSeen, at(2))
	// and its history is there, the newest first,
	history, err := s.History(t.Context(), 10, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, h := range history {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %d %s %s", h.Time.Format("15h"), h.App, h.What, h.Revision, h.Verdict, h.Reason)))
	}
	equal(t, "history", strings.Join(lines, "; "),
		"10h wps reopened 3 prohibited; 09h wps closed 2 prohibited removed; 08h wps opened 1 prohibited")
	// as is what has to be told, the oldest first.
	out, err := s.Outbox(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, o := range out {
		var c api.Change
		if err := json.Unmarshal(o.Payload, &c); err != nil {
			t.Fatal(err)
		}
		equal(t, "id", c.ID, o.ID)
		what = append(what, c.What)
	}
	equal(t, "outbox", strings.Join(what, " "), "opened closed reopened")
}

func TestOnlyWhatWasSeenIsSeenLater(t *testing.T) {
	// Given two apps,
	s := open(t, t.TempDir())
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps"), saw("opt", "machine", "qq")}}, judge)
	// when a tiny sweep an hour later sees one of them,
	later := start().Add(time.Hour)
	change := apply(t, s, store.Sweep{At: later, Seen: []catalog.Evidence{saw("opt", "machine", "qq")}}, judge)
	// then only that one was last seen then.
	equal(t, "qq", change.Records[0].LastSeen, later)
	equal(t, "wps", change.Records[1].LastSeen, start())
	equal(t, "changes", told(change.Changes), "")
}

func TestAClockThatWasAhead(t *testing.T) {
	// Given an app seen while the clock was a year ahead,
	s := open(t, t.TempDir())
	area, seen := []store.Area{finished("opt", "machine")}, []catalog.Evidence{saw("opt", "machine", "wps")}
	apply(t, s, store.Sweep{At: start().AddDate(1, 0, 0), Areas: area, Seen: seen}, judge)
	// when the clock is right again, then the record does not stay in the future,
	change := apply(t, s, store.Sweep{Areas: area, Seen: seen}, judge)
	equal(t, "first seen", change.Records[0].FirstSeen, start())
	equal(t, "last seen", change.Records[0].LastSeen, start())
	// and the app can be found gone.
	equal(t, "changes", told(apply(t, s, store.Sweep{Areas: area}, judge).Changes), "wps closed 2 removed")
}

func TestWhatTheMachineSaysIsKeptByteByByte(t *testing.T) {
	// Given names that are not valid UTF-8, or hold what databases and JSON dislike,
	dir := t.TempDir()
	s := open(t, dir)
	odd := saw("opt", "user:b\xffb", "wps\xfe\xfe", "root", "/home/\xff\x00'\";--", "", "")
	odd.Path, odd.Owner = "/home/\xff/\u202e\n", "b\xffb"
	apply(t, s, store.Sweep{Areas: []store.Area{finished("opt", odd.Area)}, Seen: []catalog.Evidence{odd}}, judge)
	closed(t, s)
	// when they are read again, then they are what they were,
	s = open(t, dir)
	equal(t, "set aside", s.Opening().SetAside, "")
	list, err := s.Evidence(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	odd.Seen = start()
	equal(t, "evidence", fmt.Sprintf("%+q", list[0]), fmt.Sprintf("%+q", odd))
	// and the same look changes nothing, and its end has its reason.
	change := apply(t, s, store.Sweep{Areas: []store.Area{finished("opt", odd.Area)}, Seen: []catalog.Evidence{odd}}, judge)
	equal(t, "changes", len(change.Changes), 0)
	change = apply(t, s, store.Sweep{Areas: []store.Area{finished("opt", odd.Area)}}, judge)
	equal(t, "changes", len(change.Changes) == 1 && change.Changes[0].Reason == api.ClosedRemoved, true)
}

func TestTheJudgeAlwaysGetsTheSameOrder(t *testing.T) {
	// Given the same evidence in different orders, some of it known before,
	a, b, c := saw("a", "machine", "x"), saw("b", "machine", "x"), saw("c", "machine", "x")
	order := func(sweeps ...[]catalog.Evidence) string {
		s := open(t, t.TempDir())
		var got string
		for _, seen := range sweeps {
			apply(t, s, store.Sweep{Seen: seen}, func(believed []catalog.Evidence) []api.Record {
				got = ""
				for _, ev := range believed {
					got += ev.Probe
				}
				return nil
			})
		}
		return got
	}
	// then it is judged in one order.
	equal(t, "at once", order([]catalog.Evidence{c, a, b}), "abc")
	equal(t, "one by one", order([]catalog.Evidence{c}, []catalog.Evidence{b}, []catalog.Evidence{a, c}), "abc")
}

func TestAJudgeThatErrs(t *testing.T) {
	for name, records := range map[string][]api.Record{
		"without an id": {{}},
		"one id twice":  {full(), full()},
	} {
		t.Run(name, func(t *testing.T) {
			// Given such records, then nothing is kept.
			s := open(t, t.TempDir())
			if _, err := s.Apply(t.Context(), store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, always(records...)); err == nil {
				t.Error("got no error")
			}
			equal(t, "records", known(t, s), "")
		})
	}
}

func TestCoverage(t *testing.T) {
	// Given an area that was looked at fully, and failed an hour later,
	s := open(t, t.TempDir())
	problem := &api.Error{Code: "error", Args: map[string]string{}, Text: "no"}
	apply(t, s, store.Sweep{Areas: []store.Area{{Probe: "opt", Area: "machine", Outcome: "finished", Examined: 7, At: start()}}}, judge)
	later := start().Add(time.Hour)
	apply(t, s, store.Sweep{At: later, Areas: []store.Area{{Probe: "opt", Area: "machine", Outcome: "failed", Problem: problem}}}, judge)
	// then both are known,
	list, err := s.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := start()
	equal(t, "coverage", asJSON(t, list), asJSON(t, []api.Coverage{{
		Probe: "opt", Area: "machine", Status: "failed", At: later, LastFinished: &first, Error: problem,
	}}))
	// until the probe is no more.
	apply(t, s, store.Sweep{Retired: []string{"opt"}}, judge)
	list, err = s.Coverage(t.Context())
	equal(t, "coverage", fmt.Sprint(list, err), "[] <nil>")
}

func TestOutboxAndMeta(t *testing.T) {
	// Given three changes in the outbox,
	s := open(t, t.TempDir())
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "a"), saw("opt", "machine", "b"), saw("opt", "machine", "c")}}, judge)
	out, err := s.Outbox(t.Context(), 2)
	if err != nil || len(out) != 2 {
		t.Fatal(len(out), err)
	}
	for _, o := range out {
		if !regexp.MustCompile(`^0[0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(o.ID) {
			t.Errorf("got the id %q, want a UUID of version 7", o.ID)
		}
	}
	// when two are delivered, one of them twice, then one is left.
	if err := s.Delivered(t.Context(), []string{out[0].ID, out[1].ID, out[0].ID, "unknown"}); err != nil {
		t.Fatal(err)
	}
	backlog, err := s.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "rows", backlog.Rows, 1)
	equal(t, "oldest", backlog.Oldest, start())
	equal(t, "dropped", backlog.Dropped, 0)
	// Small values are kept too.
	for _, value := range []string{"", "x", "y"} {
		if err := s.SetMeta(t.Context(), "last", value); err != nil {
			t.Fatal(err)
		}
		got, err := s.Meta(t.Context(), "last")
		if got != value || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, value)
		}
	}
}
