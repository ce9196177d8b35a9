package agent

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/settings"
	"beagle/detectors"
)

// sound is an agent with which all is well.
func sound() examined {
	now := time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC)
	last, next := now.Add(-10*time.Minute), now.Add(50*time.Minute)
	return examined{
		system: "linux", folder: "/var/lib/beagle", disk: diskSpace{free: 50 << 30, total: 100 << 30}, interval: time.Hour,
		policiesDate: "2026-11-24",
		snapshot: api.Snapshot{
			At: now, Started: now.Add(-20 * time.Hour), Privileged: true, CatalogVersion: "1.0.0", CatalogDate: "2026-11-20",
			LastSweep: &last, NextSweep: &next, Watching: "fanotify", WatchingFiles: "inotify",
		},
		coverage: []api.Coverage{{Probe: "dpkg", Area: "machine", Status: "finished"}, {Probe: "desktop", Area: "user:alice", Status: "skipped"}},
	}
}

func TestDiagnose(t *testing.T) {
	ago := func(e *examined, d time.Duration) *time.Time { at := e.snapshot.At.Add(-d); return &at }
	hold := func(e *examined, code string, args ...string) {
		e.snapshot.Conditions = append(e.snapshot.Conditions, api.Condition{Code: code, Severity: api.SeverityWarning, Args: check("", "", args...).Args})
	}
	for _, c := range []struct {
		name   string
		change func(*examined)
		code   string
		want   string // status, then the arguments that matter
	}{
		{"an ordinary user's", func(e *examined) { e.snapshot.Privileged = false }, api.CheckRights, "warning problem=not_privileged"},
		{"broken settings", func(e *examined) { hold(e, api.ConditionSettingsBroken, "text", "line 3") }, api.CheckSettings, "error problem=broken text=line 3"},
		{"settings of three", func(e *examined) {
			e.settings = []setting{{"a", "1", "default", ""}, {"b", "2", "file", "/etc/x:1"}, {"c", "3", "managed", "HKLM"}}
		}, api.CheckSettings, "ok count=2"},
		{"where a setting comes from", func(e *examined) { e.settings = []setting{{"b", "2", "file", "/etc/x:1"}} }, api.CheckSetting, "ok key=b layer=file place=/etc/x:1 value=2"},
		{"an old catalog", func(e *examined) { e.snapshot.CatalogDate = "2026-08-01" }, api.CheckCatalog, "warning days=116 problem=old"},
		{"a catalog of 90 days", func(e *examined) { e.snapshot.CatalogDate = "2026-08-28" }, api.CheckCatalog, "ok days=89"},
		{"a catalog without a date", func(e *examined) { e.snapshot.CatalogDate = "" }, api.CheckCatalog, "unknown problem=no_date"},
		{"policies of another year", func(e *examined) { e.policiesDate = "2021-02-03" }, api.CheckPolicies, "ok date=2021-02-03"},
		{"a memory that cannot be written", func(e *examined) { hold(e, api.ConditionStoreUnwritable, "text", "disk full") }, api.CheckState, "error folder=/var/lib/beagle problem=unwritable text=disk full"},
		{"a memory that was damaged", func(e *examined) { hold(e, api.ConditionStoreSetAside, "problem", "store_damaged", "file", "old") }, api.CheckState, "warning file=old problem=set_aside why=store_damaged"},
		{"little room", func(e *examined) { e.disk.free = 100 << 20 }, api.CheckDisk, "warning free=104857600 problem=low"},
		{"no room", func(e *examined) { e.disk.free = 0 }, api.CheckDisk, "error free=0 problem=full"},
		{"a disk that does not tell", func(e *examined) { e.diskErr = errors.New("gone") }, api.CheckDisk, "unknown text=gone"},
		{"a clock that is a year behind", func(e *examined) { e.snapshot.At = e.snapshot.At.AddDate(-1, 0, 0) }, api.CheckClock, "error made=2026-11-24 now=2025-11-25 problem=behind"},
		{"a clock that the agent found behind", func(e *examined) { hold(e, api.ConditionClockBehind, "now", "2025-11-25", "made", "2026-11-24") }, api.CheckClock, "error problem=behind"},
		{"a clock that was set", func(e *examined) { hold(e, api.ConditionClockChanged, "from", "a", "to", "b") }, api.CheckClock, "warning from=a problem=changed to=b"},
		{"rules of today in the west", func(e *examined) { e.policiesDate = "2026-11-26" }, api.CheckClock, "ok"},
		{"a first sweep", func(e *examined) {
			e.snapshot.LastSweep, e.snapshot.Started = nil, *ago(e, time.Minute)
		}, api.CheckSweeps, "unknown problem=first"},
		{"never a sweep", func(e *examined) { e.snapshot.LastSweep = nil }, api.CheckSweeps, "error problem=never"},
		{"a late sweep", func(e *examined) { e.snapshot.LastSweep = ago(e, 4*time.Hour) }, api.CheckSweeps, "warning problem=late"},
		{"a late sweep that waits", func(e *examined) {
			e.snapshot.LastSweep = ago(e, 4*time.Hour)
			hold(e, api.ConditionPaused, "reason", "on_battery")
		}, api.CheckSweeps, "warning problem=late reason=on_battery"},
		{"a sweep of a machine that was off", func(e *examined) {
			e.snapshot.LastSweep, e.snapshot.Started = ago(e, 99*time.Hour), *ago(e, time.Minute)
		}, api.CheckSweeps, "ok"},
		{"nothing looked at", func(e *examined) { e.coverage = nil }, api.CheckCoverage, "unknown problem=none"},
		{"watching that fell back", func(e *examined) {
			e.snapshot.Watching = "polling"
			hold(e, api.ConditionWatchDegraded, "problem", "watch_fallback", "what", "processes", "text", "no")
		}, api.CheckWatchProcesses, "warning mode=polling problem=watch_fallback text=no"},
		{"files beside a fallback of processes", func(e *examined) {
			e.snapshot.Watching, e.snapshot.WatchingFiles = "polling", "polling"
			hold(e, api.ConditionWatchDegraded, "problem", "watch_fallback", "what", "processes")
		}, api.CheckWatchFiles, "ok mode=polling"},
		{"polling where the system has nothing better", func(e *examined) { e.snapshot.Watching = "polling" }, api.CheckWatchProcesses, "ok mode=polling"},
		{"no endpoint", func(*examined) {}, api.CheckEndpoint, "ok problem=none"},
		{"an endpoint", func(e *examined) { e.endpoint = "https://x" }, api.CheckEndpoint, "ok endpoint=https://x"},
		{"another condition", func(e *examined) { hold(e, api.ConditionSocketLost) }, api.CheckCondition, "warning condition=socket_lost severity=warning"},
	} {
		e := sound()
		c.change(&e)
		checks := diagnose(&e)
		i := slices.IndexFunc(checks, func(have api.Check) bool { return have.Code == c.code })
		if i < 0 {
			t.Errorf("%s: no check %q", c.name, c.code)
			continue
		}
		got := &checks[i]
		status, args, _ := strings.Cut(c.want, " ")
		if got.Status != status {
			t.Errorf("%s: got status %q, want %q (%v %s)", c.name, got.Status, status, got.Args, got.Text)
		}
		have := maps.Clone(got.Args)
		have["text"] = got.Text
		for _, pair := range pairs(args) {
			if have[pair[0]] != pair[1] {
				t.Errorf("%s: got %s %q, want %q", c.name, pair[0], have[pair[0]], pair[1])
			}
		}
	}
}

// pairs splits "a=1 b=two words" at the names.
func pairs(text string) (list [][2]string) {
	for word := range strings.FieldsSeq(text) {
		if name, value, ok := strings.Cut(word, "="); ok {
			list = append(list, [2]string{name, value})
		} else if len(list) > 0 {
			list[len(list)-1][1] += " " + word
		}
	}
	return list
}

func TestDiagnoseAllIsWell(t *testing.T) {
	// Given nothing wrong, then every check is in order and none is said twice.
	e := sound()
	seen := map[string]bool{}
	for _, c := range diagnose(&e) {
		if c.Status != api.CheckOK || seen[c.Code] || c.Args == nil {
			t.Errorf("got %+v", c)
		}
		seen[c.Code] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d checks: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

func TestMissingRights(t *testing.T) {
	refused := func(probe, area, text string) api.Coverage {
		return api.Coverage{Probe: probe, Area: area, Status: "partial", Error: &api.Error{
			Code: detectors.CodeUnreadable, Args: map[string]string{"first": "x", "count": "1"}, Text: text,
		}}
	}
	for _, c := range []struct {
		name       string
		system     string
		privileged bool
		area       api.Coverage
		want       string
		held       []string
	}{
		{"an ordinary user", "linux", false, refused("desktop", "user:bob", "open x: permission denied"), api.RightSystem, []string{api.RightReadAll}},
		{"a service that cannot read", "linux", true, refused("desktop", "user:bob", "permission denied"), api.RightReadAll, []string{api.RightSeeProcesses}},
		{"a service that cannot see programs", "linux", true, refused("processes", "machine", "permission denied"), api.RightSeeProcesses, []string{api.RightReadAll}},
		{"a service that is refused in spite of its rights", "linux", true, refused("processes", "machine", "permission denied"), api.RightRefused, []string{api.RightReadAll, api.RightSeeProcesses}},
		{"macOS", "darwin", true, refused("bundles", "user:bob", "operation not permitted"), api.RightFullDisk, nil},
		{"Windows", "windows", true, refused("uninstall", "user:bob", "Access is denied."), api.RightAdministrator, nil},
		{"another reason", "linux", true, refused("dpkg", "machine", "input/output error"), "", nil},
	} {
		e := sound()
		e.system, e.held, e.snapshot.Privileged, e.coverage = c.system, c.held, c.privileged, []api.Coverage{c.area}
		checks := checkCoverage(&e)
		if len(checks) != 2 || checks[0].Status != api.CheckWarning || checks[0].Args["count"] != "1" {
			t.Errorf("%s: got %+v", c.name, checks)
			continue
		}
		got := checks[1]
		if got.Args["right"] != c.want || (got.Code == api.CheckAccess) != (c.want != "") {
			t.Errorf("%s: got %+v, want right %q", c.name, got, c.want)
		}
		// What concerns one user names that user, since others must not be shown it.
		if user, ok := userOf(c.area.Area); ok && got.Args["user"] != user {
			t.Errorf("%s: got user %q, want %q", c.name, got.Args["user"], user)
		}
	}
}

func TestManyAreas(t *testing.T) {
	// Given a machine with very many profiles that cannot be read, then the list has an end,
	// and those of one user and one right are one check.
	e := sound()
	e.coverage = nil
	for i := range 300 {
		user := "user:" + strings.Repeat("u", i/3+1)
		e.coverage = append(e.coverage, api.Coverage{Probe: "desktop", Area: user, Status: "failed", Error: &api.Error{Code: "error", Text: "permission denied"}})
	}
	checks := checkCoverage(&e)
	if len(checks) != 1+maxAreaChecks || checks[0].Args["count"] != "300" || checks[1].Args["count"] != "3" {
		t.Errorf("got %d checks, first %v and %v", len(checks), checks[0].Args, checks[1].Args)
	}
}

func TestExamineAlone(t *testing.T) {
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	// Given a folder that is there, then its disk is examined; otherwise there is nothing to say.
	for folder, want := range map[string]bool{t.TempDir(): true, t.TempDir() + "/none": false} {
		checks := Examine(folder, false, now)
		if got := slices.ContainsFunc(checks, func(c api.Check) bool { return c.Code == api.CheckDisk }); got != want {
			t.Errorf("%s: got a check of the disk %v, want %v", folder, got, want)
		}
	}
	// Given settings that cannot be understood, then that is what is wrong.
	var e examined
	checks := settingsAlone(&e, settings.Places{File: t.TempDir() + "/none.yaml", Named: true})
	if checks[0].Status != api.CheckError || !strings.Contains(checks[0].Text, "no such file") {
		t.Errorf("got %+v", checks[0])
	}
	e = examined{}
	checks = settingsAlone(&e, settings.Places{Environ: []string{"BEAGLE_SCHEDULE_INVENTORY=30m"}})
	if checks[0].Status != api.CheckOK {
		t.Errorf("got %+v", checks)
	}
}
