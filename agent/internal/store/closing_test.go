package store_test

import (
	"testing"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors"
	"beagle/detectors/catalog"
)

func TestClosingRules(t *testing.T) {
	absent := &api.Error{Code: detectors.CodeAbsent}
	other := &api.Error{Code: detectors.CodeLimit}
	for _, c := range []struct {
		name    string
		area    string
		outcome detectors.Outcome
		problem *api.Error
		want    string
	}{
		{"a finished area is the truth", "machine", detectors.Finished, nil, "wps closed 2 removed"},
		{"a partial one withdraws nothing", "machine", detectors.Partial, other, ""},
		{"a failed one withdraws nothing", "machine", detectors.Failed, other, ""},
		{"an unreachable one withdraws nothing", "machine", detectors.Unreachable, other, ""},
		{"nothing of the kind is the truth", "machine", detectors.Skipped, absent, "wps closed 2 removed"},
		{"skipped for another reason withdraws nothing", "machine", detectors.Skipped, other, ""},
		{"skipped without a reason withdraws nothing", "machine", detectors.Skipped, nil, ""},
		{"an absent drive is not an empty one", "drive:/media/usb", detectors.Skipped, absent, ""},
		{"an empty drive is", "drive:/media/usb", detectors.Finished, nil, "wps closed 2 removed"},
		{"a word nobody knows withdraws nothing", "machine", "odd", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given an app that was seen in the area,
			s := open(t, t.TempDir())
			apply(t, s, store.Sweep{Areas: []store.Area{finished("opt", c.area)}, Seen: []catalog.Evidence{saw("opt", c.area, "wps")}}, judge)
			// when the area is looked at again and the app is not seen,
			area := store.Area{Probe: "opt", Area: c.area, Outcome: string(c.outcome), Problem: c.problem}
			change := apply(t, s, store.Sweep{Areas: []store.Area{area}}, judge)
			// then its record is closed only if that means something.
			equal(t, "changes", told(change.Changes), c.want)
		})
	}
}

func TestOnlyTheSameAreaOfTheSameProbeWithdraws(t *testing.T) {
	// Given one app that two probes saw, and others elsewhere,
	s := open(t, t.TempDir())
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{
		saw("dpkg", "machine", "wps"), saw("opt", "machine", "wps"), saw("opt", "user:bob", "qq"), saw("exe", "machine", "vmate"),
	}}, judge)
	// when one of the probes finishes that area without it,
	change := apply(t, s, store.Sweep{Areas: []store.Area{finished("opt", "machine")}}, judge)
	// then only its own evidence goes, and no record is closed or changed: the same fact is
	// still seen.
	equal(t, "changes", told(change.Changes), "")
	believed, err := s.Evidence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var left string
	for _, ev := range believed {
		left += ev.Probe + ":" + ev.Value + " "
	}
	equal(t, "evidence left", left, "dpkg:wps exe:vmate opt:qq ")
}

func TestAnAreaGivenTwiceMustBeFinishedTwice(t *testing.T) {
	failed := store.Area{Probe: "opt", Area: "machine", Outcome: string(detectors.Failed)}
	for name, areas := range map[string][]store.Area{
		"failed first": {failed, finished("opt", "machine")},
		"failed last":  {finished("opt", "machine"), failed},
	} {
		t.Run(name, func(t *testing.T) {
			// Given an app, when its area comes both failed and finished, then it stays.
			s := open(t, t.TempDir())
			apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
			equal(t, "changes", told(apply(t, s, store.Sweep{Areas: areas}, judge).Changes), "")
		})
	}
}

func TestReasonsOfClosing(t *testing.T) {
	looked := []store.Area{finished("opt", "machine")}
	for _, c := range []struct {
		name  string
		seen  []catalog.Evidence
		sweep store.Sweep
		judge store.Judge
		want  string
	}{
		{"found gone by a direct look", []catalog.Evidence{saw("opt", "machine", "wps")},
			store.Sweep{Gone: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge, "wps closed 2 removed"},
		{"its probe is no more", []catalog.Evidence{saw("old", "machine", "wps")},
			store.Sweep{Retired: []string{"old"}}, judge, "wps closed 2 probe_retired"},
		{"one probe is no more and the other found it gone", []catalog.Evidence{saw("old", "machine", "wps"), saw("opt", "machine", "wps")},
			store.Sweep{Retired: []string{"old"}, Areas: looked}, judge, "wps closed 2 removed"},
		{"not recognised any more", []catalog.Evidence{saw("opt", "machine", "wps")},
			store.Sweep{}, nobody, "wps closed 2 rule_changed"},
		{"seen, but not what it was", []catalog.Evidence{saw("opt", "machine", "wps", "beside", "et")},
			store.Sweep{Areas: looked, Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, nobody, "wps closed 2 removed"},
		{"seen again unchanged, but not recognised", []catalog.Evidence{saw("opt", "machine", "wps")},
			store.Sweep{Areas: looked, Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, nobody, "wps closed 2 rule_changed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given an app, when a sweep makes its record vanish, then the reason says why,
			s := open(t, t.TempDir())
			apply(t, s, store.Sweep{Seen: c.seen}, judge)
			equal(t, "changes", told(apply(t, s, c.sweep, c.judge).Changes), c.want)
			// and the record keeps when and why.
			r, found, err := s.Record(t.Context(), catalog.RecordID("wps", catalog.MachineOwner))
			if err != nil || !found || r.ClosedAt == nil {
				t.Fatalf("got %+v, %t, %v", r, found, err)
			}
			equal(t, "closed at", *r.ClosedAt, start())
		})
	}
}

func TestRejudgingKeepsTheEvidence(t *testing.T) {
	// Given an app that a new catalog does not recognise,
	s := open(t, t.TempDir())
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	change, err := s.Rejudge(t.Context(), start(), nobody)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "changes", told(change.Changes), "wps closed 2 rule_changed")
	// when a still newer one does,
	change, err = s.Rejudge(t.Context(), start(), judge)
	// then the record is back without a look at the machine.
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "changes", told(change.Changes), "wps reopened 3")
}

func TestASweepAndWhatHappensMeanwhile(t *testing.T) {
	process := func(pid string) catalog.Evidence { return saw("processes", "machine", "wps", "pid", pid) }
	area := []store.Area{finished("processes", "machine")}
	believed := func(t *testing.T, s *store.Store) (pids string) {
		t.Helper()
		list, err := s.Evidence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range list {
			pids += ev.Attributes["pid"] + " "
		}
		return pids
	}
	t.Run("what started meanwhile stays", func(t *testing.T) {
		// Given a sweep that began before a process started,
		s := open(t, t.TempDir())
		began := s.Mark()
		apply(t, s, store.Sweep{Seen: []catalog.Evidence{process("7")}}, judge)
		// when the sweep is kept without it, then it stays;
		apply(t, s, store.Sweep{Since: began, Areas: area}, judge)
		equal(t, "processes", believed(t, s), "7 ")
		// and when the next sweep does not see it either, then it goes.
		apply(t, s, store.Sweep{Since: s.Mark(), Areas: area}, judge)
		equal(t, "processes", believed(t, s), "")
	})
	t.Run("what ended meanwhile does not come back", func(t *testing.T) {
		// Given a sweep that saw a process, which ended before the sweep was kept,
		s := open(t, t.TempDir())
		apply(t, s, store.Sweep{Seen: []catalog.Evidence{process("7")}}, judge)
		began := s.Mark()
		apply(t, s, store.Sweep{Gone: []catalog.Evidence{process("7")}}, judge)
		// when the sweep is kept, then it does not bring it back;
		apply(t, s, store.Sweep{Since: began, Areas: area, Seen: []catalog.Evidence{process("7"), process("8")}}, judge)
		equal(t, "processes", believed(t, s), "8 ")
		// and when a later sweep sees one with that number, then it is believed.
		apply(t, s, store.Sweep{Since: s.Mark(), Areas: area, Seen: []catalog.Evidence{process("7"), process("8")}}, judge)
		equal(t, "processes", believed(t, s), "7 8 ")
	})
	t.Run("seen wins over gone in one sweep", func(t *testing.T) {
		s := open(t, t.TempDir())
		apply(t, s, store.Sweep{Seen: []catalog.Evidence{process("7")}}, judge)
		apply(t, s, store.Sweep{Seen: []catalog.Evidence{process("7")}, Gone: []catalog.Evidence{process("7")}}, judge)
		equal(t, "processes", believed(t, s), "7 ")
	})
}

func TestTheWordsOfTheProbes(t *testing.T) {
	// Given the outcomes that probes report, when such areas are kept, then they are covered
	// fully or not as the probes mean it.
	s := open(t, t.TempDir())
	for _, outcome := range []detectors.Outcome{detectors.Finished, detectors.Partial, detectors.Failed, detectors.Skipped, detectors.Unreachable} {
		apply(t, s, store.Sweep{Areas: []store.Area{{Probe: "p", Area: string(outcome), Outcome: string(outcome)}}}, judge)
	}
	list, err := s.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		equal(t, c.Area, c.LastFinished != nil, c.Area == string(detectors.Finished))
	}
	equal(t, "areas", len(list), 5)
}
