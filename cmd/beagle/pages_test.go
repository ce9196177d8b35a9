package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/catalog"
)

// now is when the canned agents answer.
func now() time.Time { return time.Date(2026, 11, 25, 17, 20, 30, 0, time.UTC) }

func before(d time.Duration) *time.Time {
	t := now().Add(-d)
	return &t
}

func after(d time.Duration) *time.Time { return before(-d) }

// fine is an agent of the system on a machine where all is well.
func fine() api.Snapshot {
	return api.Snapshot{
		Schema: api.SnapshotSchema, AgentVersion: "0.1.0", CatalogVersion: "1.0.0", CatalogDate: "2026-11-24",
		Host: api.Host{Hostname: "desk-17", OS: "linux", Root: "/"}, At: now(), Privileged: true, Activity: "idle",
		Started: *before(9 * time.Hour), LastSweep: before(3 * time.Minute), LastDeep: before(39 * time.Hour),
		NextSweep: after(57 * time.Minute), NextDeep: after(5 * 24 * time.Hour),
		Watching: "fanotify", WatchingFiles: "inotify",
		Records: []api.Stored{}, Summary: api.Summary{Complete: true}, Conditions: []api.Condition{},
	}
}

// busy is an agent on the recorded host where much was found.
func busy(t *testing.T) api.Snapshot {
	t.Helper()
	s := fine()
	doc := recordedScan(t, "linux-busy")
	for i := range doc.Findings {
		s.Records = append(s.Records, api.Stored{
			Record: doc.Findings[i], Epoch: "e", Revision: 1,
			FirstSeen: *before(time.Duration(50+i) * time.Hour), LastSeen: *before(3 * time.Minute),
		})
	}
	s.Summary = doc.Summary
	sortRecords(s.Records)
	return s
}

// single is busy with a single prohibited app.
func single(t *testing.T, app, owner string) api.Snapshot {
	t.Helper()
	s := busy(t)
	for _, r := range s.Records {
		if r.App.ID == app && r.Owner == owner {
			s.Records = []api.Stored{r}
			s.Summary = api.Count(s.Records, true)
			return s
		}
	}
	t.Fatalf("the recorded host has no %s of %s", app, owner)
	return s
}

func wholeCoverage() []api.Coverage {
	var list []api.Coverage
	for _, name := range []string{"profiles", "processes", "dpkg", "desktop", "opt"} {
		list = append(list, area(name, api.MachineOwner, "finished", nil))
	}
	return append(list, area("portable", "user:alice", "finished", nil), area("portable", "user:bob", "finished", nil))
}

func area(probe, area, status string, problem *api.Error) api.Coverage {
	return api.Coverage{Probe: probe, Area: area, Status: status, Examined: 7, Unit: "files", At: *before(3 * time.Minute), Error: problem}
}

func denied(first string) *api.Error {
	return &api.Error{Code: detectors.CodeUnreadable, Args: map[string]string{"count": "1", "first": first}, Text: "permission denied"}
}

// partlySeen is the coverage of a look to which much was closed.
func partlySeen() []api.Coverage {
	list := wholeCoverage()
	list[1] = area("processes", api.MachineOwner, "partial", denied("process 812 (agetty)"))
	list[5] = area("portable", "user:alice", "failed", &api.Error{Code: detectors.CodeTimeout, Args: map[string]string{"limit": "10m0s"}})
	list = append(list,
		area("portable", "drive:/media/usb", "unreachable", &api.Error{Code: detectors.CodeAbsent, Args: map[string]string{"what": "/media/usb"}}),
		area("desktop", "user:bob", "partial", denied("/home/bob/.local/share/applications")))
	return list
}

// brokenSettings is the error of settings with two mistakes.
const brokenSettings = `settings /etc/beagle/settings.yaml:3: schedul: unknown key; did you mean "schedule"?
settings BEAGLE_LIMITS_CPU: limits.cpu: "0": want a number from 1 to 100`

func severalConditions() []api.Condition {
	since := *before(2 * time.Hour)
	args := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	return []api.Condition{
		{Code: api.ConditionStoreUnwritable, Severity: api.SeverityError, Since: since, Args: args("text", "no space left on device")},
		{Code: api.ConditionSettingsBroken, Severity: api.SeverityError, Since: since, Args: args("text", brokenSettings)},
		{Code: api.ConditionWatchDegraded, Severity: api.SeverityWarning, Since: since, Args: args("processes", "polling", "files", "inotify", "problem", "watch_fallback", "text", "operation not permitted")},
		{Code: api.ConditionClockChanged, Severity: api.SeverityWarning, Since: since, Args: args("from", "2026-11-25T15:20:30Z", "to", "2025-11-25T15:20:30Z")},
		{Code: api.ConditionPaused, Severity: api.SeverityInfo, Since: since, Args: args("reason", "on_battery")},
		{Code: "from_the_future", Severity: api.SeverityInfo, Since: since, Args: args("b", "2", "a", "1")},
	}
}

// TestGalleryOfStatus holds the page of status to its golden files.
func TestGalleryOfStatus(t *testing.T) {
	starting := fine()
	starting.LastSweep, starting.LastDeep, starting.NextSweep, starting.NextDeep = nil, nil, nil, nil
	starting.Activity, starting.Started, starting.Summary.Complete = "scanning", *before(20 * time.Second), false
	starting.Progress = &api.Progress{Probe: "dpkg", Unit: "packages", Examined: 1204, Share: 0.43, Began: *before(12 * time.Second)}
	starting.Watching, starting.WatchingFiles = "polling", "none"

	incomplete := fine()
	incomplete.Summary.Complete = false
	incomplete.Activity = "scanning"
	incomplete.Progress = &api.Progress{Probe: "portable", Unit: "files", Examined: 1204331, Share: 0.71, Began: *before(4 * time.Minute), Deep: true}

	troubled := busy(t)
	troubled.Conditions = append(severalConditions(), api.Condition{
		Code: api.ConditionIncomplete, Severity: api.SeverityWarning, Args: map[string]string{"count": "4"},
	}) // which the page tells where it tells what was looked at
	troubled.Activity = "paused"

	own := fine()
	own.Privileged, own.Watching, own.WatchingFiles = false, "polling", "inotify"
	own.Conditions = []api.Condition{{Code: api.ConditionNotPrivileged, Severity: api.SeverityWarning, Since: own.Started, Args: map[string]string{}}}

	for _, c := range []struct {
		name     string
		snapshot api.Snapshot
		own      bool
		coverage []api.Coverage
	}{
		{"status-fine", fine(), false, wholeCoverage()},
		{"status-starting", starting, false, nil},
		{"status-prohibited", single(t, "wps-office", "alice"), false, wholeCoverage()},
		{"status-incomplete", incomplete, false, partlySeen()},
		{"status-conditions", troubled, false, partlySeen()},
		{"status-own-agent", own, true, wholeCoverage()},
	} {
		t.Run(c.name, func(t *testing.T) {
			compareWithGolden(t, c.name, func(color bool) string {
				var buf bytes.Buffer
				p := statusPage{page: page{w: &buf, style: style{color}}, clock: clockwork{now(), time.UTC}}
				if err := p.print(&c.snapshot, c.own, c.coverage); err != nil {
					t.Fatal(err)
				}
				return buf.String()
			})
		})
	}
}

// removalOf are the steps that an agent on Linux gives for the apps of a snapshot.
func removalOf(t *testing.T, s *api.Snapshot) map[string][]api.Step {
	t.Helper()
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]api.Step{}
	for i := range s.Records {
		app, ok := index.App(s.Records[i].App.ID)
		if !ok {
			t.Fatalf("no app %q", s.Records[i].App.ID)
		}
		var steps []api.Step
		for _, step := range app.Removal.For(catalog.Linux) {
			args := map[string]string{}
			for _, a := range step.Args {
				args[a.Name] = a.Value
			}
			when := []string{}
			for _, w := range step.When {
				when = append(when, string(w))
			}
			steps = append(steps, api.Step{Code: step.Code, Args: args, When: when})
		}
		all[app.ID] = steps
	}
	return all
}

// TestGalleryOfFindings holds the page of findings to its golden files.
func TestGalleryOfFindings(t *testing.T) {
	incomplete := single(t, "wechat", "machine")
	incomplete.Summary.Complete = false
	own := fine()
	own.Privileged, own.LastSweep = false, nil
	for _, c := range []struct {
		name     string
		snapshot api.Snapshot
		own      bool
	}{
		{"findings-none", fine(), false},
		{"findings-busy", busy(t), false},
		{"findings-incomplete", incomplete, false},
		{"findings-own-agent", own, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			compareWithGolden(t, c.name, func(color bool) string {
				var buf bytes.Buffer
				p := findingsPage{scanPage: scanPage{page: page{w: &buf, style: style{color}}}, clock: clockwork{now(), time.UTC}, own: c.own}
				if err := p.print(&c.snapshot, removalOf(t, &c.snapshot)); err != nil {
					t.Fatal(err)
				}
				return buf.String()
			})
		})
	}
}

// TestNarrowTerminal prints a page on terminals of several widths.
func TestNarrowTerminal(t *testing.T) {
	print := func(terminal int) string {
		var buf bytes.Buffer
		e := examination{At: now(), Answers: true, Checks: ailing()}
		p := doctorPage{page: page{w: &buf, terminal: terminal}, clock: clockwork{now(), time.UTC}}
		if err := p.print(&e); err != nil {
			t.Fatal(err)
		}
		return buf.String()
	}
	for terminal, want := range map[int]int{0: maxColumns, 300: maxColumns, 60: 60, 50: 50} {
		widest := 0
		for line := range strings.Lines(print(terminal)) {
			widest = max(widest, width(strings.TrimSuffix(line, "\n")))
		}
		if widest > want || widest < want-10 {
			t.Errorf("on %d columns the page has %d, want %d", terminal, widest, want)
		}
	}
	if print(10) != print(minColumns) {
		t.Errorf("on 10 columns the page has not %d", minColumns)
	}
}

// TestLongPast prints the page about an app that came and went all the time.
func TestLongPast(t *testing.T) {
	s := single(t, "wps-office", "alice")
	e := explained{record: s.Records[0]}
	for i := range 100 {
		what := []string{api.RecordClosed, api.RecordReopened}[i%2]
		e.history = append(e.history, api.HistoryEntry{Time: *before(time.Duration(i) * time.Hour), What: what, Verdict: api.VerdictProhibited})
	}
	var buf bytes.Buffer
	p := recordPage{scanPage: scanPage{page: page{w: &buf}}, clock: clockwork{now(), time.UTC}}
	if err := p.print(&e); err != nil {
		t.Fatal(err)
	}
	if out := buf.String(); strings.Count(out, "prohibited: it is closed") != maxHistory/2 || !strings.Contains(out, "and more before that") {
		t.Errorf("got\n%s", out)
	}
}

func TestRemovalOfWhatNoPackageBrought(t *testing.T) {
	// Given a copy that lies where packages put theirs, then its folder is named beside the
	// package, unless the database of packages knows it.
	s := single(t, "wps-office", "machine")
	r := &s.Records[0].Record
	steps := removalOf(t, &s)["wps-office"]
	const folder = "if no package brought it, delete the folder /opt/kingsoft/wps-office"
	if got := strings.Join(stepsFor(r, steps), "\n"); strings.Contains(got, folder) {
		t.Errorf("with a package: got %s", got)
	}
	instance := &r.Instances[0]
	instance.Evidence = slices.DeleteFunc(slices.Clone(instance.Evidence), func(ev api.Evidence) bool { return ev.Kind == "dpkg" })
	if got := strings.Join(stepsFor(r, steps), "\n"); !strings.Contains(got, "sudo apt remove wps-office; "+folder) {
		t.Errorf("without: got %s", got)
	}
}

// TestGalleryOfRecords holds the page about one record to its golden files.
func TestGalleryOfRecords(t *testing.T) {
	s := single(t, "wps-office", "alice")
	open := explained{record: s.Records[0], titles: map[string]string{}}
	open.steps = stepsFor(&open.record.Record, removalOf(t, &s)["wps-office"])
	for _, p := range policy.Embedded().Policies {
		open.titles[p.ID] = p.Title
	}
	entry := func(ago time.Duration, what, reason, verdict string) api.HistoryEntry {
		return api.HistoryEntry{Time: *before(ago), RecordID: open.record.ID, What: what, Reason: reason, App: "wps-office", Owner: "alice", Verdict: verdict}
	}
	open.history = []api.HistoryEntry{
		entry(3*time.Hour, api.RecordChanged, api.ChangedPresence, api.VerdictProhibited),
		entry(4*time.Hour, api.RecordChanged, api.ChangedPresence, api.VerdictProhibited),
		entry(5*time.Hour, api.RecordChanged, api.ChangedPresence, api.VerdictProhibited),
		entry(20*time.Hour, api.RecordReopened, "", api.VerdictProhibited),
		entry(30*time.Hour, api.RecordClosed, api.ClosedRemoved, api.VerdictProhibited),
		entry(53*time.Hour, api.RecordOpened, "", api.VerdictProhibited),
	}
	closed := open
	closed.record.ClosedAt, closed.record.ClosedReason = before(time.Hour), api.ClosedRemoved
	closed.record.LastSeen = *before(time.Hour)
	closed.history = append([]api.HistoryEntry{entry(time.Hour, api.RecordClosed, api.ClosedRemoved, api.VerdictProhibited)}, open.history...)
	open.record.Requests = []api.Request{
		{Kind: api.RequestExemption, Text: "for the case of the week", Until: "2027-01-31", At: *before(time.Hour), Status: api.RequestKept},
		{Kind: api.RequestDispute, Text: "this is LibreOffice,\x1b[2J not WPS", At: *before(26 * time.Hour), Status: api.RequestKept},
	}
	for name, e := range map[string]explained{"record-open": open, "record-closed": closed} {
		t.Run(name, func(t *testing.T) {
			compareWithGolden(t, name, func(color bool) string {
				var buf bytes.Buffer
				p := recordPage{scanPage: scanPage{page: page{w: &buf, style: style{color}}}, clock: clockwork{now(), time.UTC}}
				if err := p.print(&e); err != nil {
					t.Fatal(err)
				}
				return buf.String()
			})
		})
	}
}
