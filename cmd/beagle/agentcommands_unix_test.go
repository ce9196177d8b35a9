//go:build !windows

package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
)

func TestStatusAndFindings(t *testing.T) {
	// Given an agent that found nothing, then both say so.
	a := newFakeAgent(t, fine())
	code, out, _ := a.beagle("status")
	wants(t, "status", code, exitClean, out, "This machine is fine")
	code, out, _ = a.beagle("findings")
	wants(t, "findings", code, exitClean, out, "Nothing prohibited was found.")

	// Given one that could not look at everything, then status is what it is and findings warn.
	a.set(func(s *api.Snapshot) { s.Summary.Complete = false })
	a.coverage = partlySeen()
	code, out, _ = a.beagle("status")
	wants(t, "status of an incomplete look", code, exitClean, out, "4 of 9 areas")
	code, out, _ = a.beagle("findings")
	wants(t, "findings of an incomplete look", code, exitIncomplete, out, "Not everything could be looked at")

	// Given one that never looked, then nothing is known.
	a.set(func(s *api.Snapshot) { s.Summary.Complete, s.LastSweep = true, nil })
	code, out, _ = a.beagle("findings")
	wants(t, "findings before the first look", code, exitIncomplete, out, "not looked at yet")

	// Given something prohibited, then findings fail, and documents hold it.
	found := single(t, "wps-office", "alice")
	a.set(func(s *api.Snapshot) { *s = found })
	code, out, _ = a.beagle("findings", "--format", "json")
	wants(t, "findings as JSON", code, exitProhibited, out)
	var s api.Snapshot
	if err := json.Unmarshal([]byte(out), &s); err != nil || len(s.Records) != 1 || s.Schema != api.SnapshotSchema {
		t.Errorf("findings as JSON: %v, %d records of schema %q", err, len(s.Records), s.Schema)
	}
	code, out, _ = a.beagle("status", "--format", "json")
	var doc statusDocument
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitClean || !doc.Answers || doc.Snapshot == nil || len(doc.Coverage) != 9 {
		t.Errorf("status as JSON: code %d, %v: %s", code, err, out)
	}
}

func TestNoAgent(t *testing.T) {
	// Given nothing at the socket, then every command that asks says so and what to do.
	missing := Env{Socket: filepath.Join(t.TempDir(), "none")}
	run := func(args ...string) (int, string, string) {
		var out, errs strings.Builder
		env := missing
		env.Stdout, env.Stderr = &out, &errs
		code := Main(args, env)
		return code, out.String(), errs.String()
	}
	for _, args := range [][]string{
		{"status"}, {"findings"}, {"findings", "--watch"}, {"findings", "--format", "json"},
		{"explain", "d07df21f"}, {"scan", "--via-agent"}, {"scan", "--via-agent", "--format", "json", "--deep"},
	} {
		code, out, errs := run(args...)
		wants(t, strings.Join(args, " "), code, exitUnreachable, errs, "no agent answers", "no such file", "beagle scan")
		if out != "" {
			t.Errorf("%v: prints %q", args, out)
		}
	}
	code, out, _ := run("status", "--format", "json")
	wants(t, "status as JSON", code, exitUnreachable, out, `"answers": false`, `"code": "absent"`)
	code, out, _ = run("doctor")
	wants(t, "doctor", code, exitUnreachable, out, "FAIL", "no agent answers", "clock: plausible", "settings: ")
	code, out, _ = run("explain", "wechat")
	wants(t, "explain an app", code, exitClean, out, "is not known: no agent answers", "How to remove it")

	// Given wrong use, then that is what is said.
	for _, args := range [][]string{
		{"status", "--format", "csv"}, {"findings", "--socket", ""}, {"explain", "no-such-app"},
		{"scan", "--socket", "/x"}, {"scan", "--via-agent", "--root", "/", "--os", "linux"}, {"scan", "--via-agent", "--as-of", "2026-01-01"},
	} {
		if code, _, errs := run(args...); code != exitUsage || errs == "" {
			t.Errorf("%v: got exit code %d and %q", args, code, errs)
		}
	}
}

func TestWhyNoAgentAnswers(t *testing.T) {
	a := newFakeAgent(t, fine())
	// Given an agent that was killed, so that its socket is left, then it has stopped.
	a.stop()
	if err := os.WriteFile(a.path+".txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	stale := leftSocket(t)
	for _, c := range []struct{ path, want string }{
		{stale, "connection refused; that of the system is asked without --socket"},
		{a.path + ".txt", "no agent answers"}, // no socket at all
	} {
		a.path = c.path
		code, _, errs := a.beagle("status")
		wants(t, c.path, code, exitUnreachable, errs, c.want)
	}
}

func TestExplainRecord(t *testing.T) {
	s := busy(t)
	a := newFakeAgent(t, s)
	gone := s.Records[0]
	gone.ID, gone.ClosedReason, gone.ClosedAt = "abcdef0123456789", api.ClosedRemoved, before(time.Hour)
	a.closed = []api.Stored{gone}
	a.history = []api.HistoryEntry{
		{Time: *before(time.Hour), RecordID: gone.ID, What: api.RecordClosed, App: gone.App.ID, Owner: gone.Owner, Verdict: gone.Verdict, Reason: api.ClosedRemoved},
		{Time: *before(2 * time.Hour), RecordID: gone.ID, What: api.RecordOpened, App: gone.App.ID, Owner: gone.Owner, Verdict: gone.Verdict},
	}
	for app, steps := range removalOf(t, &s) {
		a.apps[app] = api.AppPage{App: api.App{ID: app}, Removal: steps}
	}

	// Given a record, then its id, the beginning of it, and capitals name it.
	for _, id := range []string{"d07df21f10eae3bd", "d07d", "D07DF21F"} {
		code, out, errs := a.beagle("explain", id)
		wants(t, id, code, exitClean, out+errs, "WPS Office", "of user alice", "Title of default", "delete the folder /home/alice/Apps/tools/office6")
	}
	// Given a closed one, then it is found too.
	code, out, _ := a.beagle("explain", "abcd")
	wants(t, "a closed record", code, exitClean, out, "WAS PROHIBITED", "gone since", "new ", "nothing to do")
	// Given a beginning that several have, or none, or that is too short, then it is refused.
	other := gone
	other.ID = "abcdff0123456789"
	a.history = append(a.history, api.HistoryEntry{RecordID: other.ID, What: api.RecordOpened, App: "qq", Owner: "bob"})
	code, _, errs := a.beagle("explain", "abcd")
	wants(t, "two records", code, exitUsage, errs, "several records begin", gone.ID, other.ID, "of user bob")
	code, _, errs = a.beagle("explain", "0000")
	wants(t, "no record", code, exitUsage, errs, "neither an app nor a record")
	code, _, errs = a.beagle("explain", "d07")
	wants(t, "too short", code, exitUsage, errs, "unknown app")

	// Given an app, then the page says where it is here.
	code, out, _ = a.beagle("explain", "wps-office")
	wants(t, "an app", code, exitClean, out, "On this machine", "of user alice", "beagle explain d07df21f")
	a.set(func(s *api.Snapshot) { *s = fine() })
	a.apps["wechat"] = api.AppPage{Verdicts: s.Records[0].Verdicts}
	code, out, _ = a.beagle("explain", "wechat")
	wants(t, "an app that is not here", code, exitClean, out, "not found; last looked", "if it were here: prohibited by policy default")
}

func TestScanViaAgent(t *testing.T) {
	a := newFakeAgent(t, fine())
	found := single(t, "wps-office", "alice")
	// Given an agent that looks when asked, and then knows something new,
	began := now().Add(time.Second)
	look := func(deep bool) {
		a.tell(api.Event{Kind: api.EventActivity, Activity: "scanning"})
		a.tell(api.Event{Kind: api.EventProgress, Progress: &api.Progress{Probe: "dpkg", Share: 0.5, Began: began, Deep: deep}})
		a.set(func(s *api.Snapshot) {
			s.Records, s.Summary, s.Activity = found.Records, found.Summary, "idle"
			at := s.At.Add(2 * time.Second)
			if deep {
				s.LastDeep = &at
			} else {
				s.LastSweep = &at
			}
		})
	}
	a.onScan = look
	// then its result is printed as that of a scan.
	for _, deep := range []bool{false, true} {
		a.set(func(s *api.Snapshot) { *s = fine() })
		args := []string{"scan", "--via-agent", "--format", "json"}
		if deep {
			args = append(args, "--deep")
		}
		code, out, errs := a.beagle(args...)
		wants(t, strings.Join(args, " "), code, exitProhibited, out+errs, `"duration_ms": null`, `"schema": "beagle.scan/1"`, `"as_of": "2026-11-25"`)
		var doc agentScan
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Findings) != 1 || len(doc.Probes) != 6 || doc.Started == nil || !doc.Started.Equal(began) || !doc.Finished.Equal(now().Add(2*time.Second)) {
			t.Errorf("the document: %d findings, %d probes, started %v, finished %v", len(doc.Findings), len(doc.Probes), doc.Started, doc.Finished)
		}
	}
	if want := []api.ScanRequest{{}, {Deep: true}}; !slices.Equal(a.asked, want) {
		t.Errorf("asked for %v, want %v", a.asked, want)
	}

	// Given one that looks already, then its result will do.
	a.set(func(s *api.Snapshot) { *s = fine(); s.Activity = "scanning" })
	a.refusal, a.status = &api.Failure{Error: api.Error{Code: api.CodeScanning, Args: map[string]string{}}}, http.StatusConflict
	code, out, errs := a.beagle("scan", "--via-agent")
	wants(t, "a look under way", code, exitProhibited, out+errs, "waiting for what it finds", "PROHIBITED  WPS Office")

	// and says nothing of it to whom wants nothing but findings.
	a.set(func(s *api.Snapshot) { *s = fine(); s.Activity = "scanning" })
	code, out, errs = a.beagle("scan", "--via-agent", "--quiet")
	wants(t, "a quiet look", code, exitProhibited, out, "PROHIBITED  WPS Office")
	if errs != "" {
		t.Errorf("a quiet look says %q", errs)
	}

	// Given one that has just looked, then it says when to ask again.
	a.onScan, a.refusal, a.status, a.retry = nil, &api.Failure{Error: api.Error{Code: api.CodeTooSoon, Args: map[string]string{"seconds": "7"}}}, http.StatusTooManyRequests, 7*time.Second
	code, _, errs = a.beagle("scan", "--via-agent")
	wants(t, "too soon", code, exitUnreachable, errs, "again in 7 seconds")
}

func TestScanViaAgentThatDies(t *testing.T) {
	// Given an agent that dies while it looks, then that is said and the code is that of no agent.
	a := newFakeAgent(t, fine())
	a.onScan = func(bool) {
		a.tell(api.Event{Kind: api.EventActivity, Activity: "scanning"})
		a.stop()
	}
	out := filepath.Join(t.TempDir(), "result.json")
	code, _, errs := a.beagle("scan", "--via-agent", "--output", out)
	wants(t, "an agent that dies", code, exitUnreachable, errs, "no agent answers")
	if _, err := os.Stat(out); err == nil {
		t.Error("there is a result")
	}
}

func TestScanViaAgentWithoutResult(t *testing.T) {
	// Given an agent that grants a wish and does nothing, then waiting has an end.
	a := newFakeAgent(t, fine())
	var flags agentFlags
	l, err := flags.connect(t.Context(), Env{Socket: a.path})
	if err != nil {
		t.Fatal(err)
	}
	r := request{link: l, patience: time.Millisecond}
	var coded exit
	if err := r.run(t.Context()); !errors.As(err, &coded) || coded.code != exitIncomplete || !errors.Is(err, errNoResult) {
		t.Errorf("got %v, want %v", err, errNoResult)
	}
}

func TestOwnAgent(t *testing.T) {
	if _, err := os.Lstat(api.DefaultSocket()); err == nil {
		t.Skip("this machine has an agent of its own")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the place of a user's socket can only be chosen on Linux")
	}
	// Given no agent of the system, and one of the user's own,
	dir := shortDir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if err := os.Mkdir(filepath.Join(dir, "beagle"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := fine()
	s.Privileged = false
	a := newFakeAgentAt(t, s, filepath.Join(dir, "beagle", "agent.sock"))
	a.checks = healthy()[3:]
	a.apps["wechat"] = api.AppPage{}
	socket := a.path
	a.path = "" // nothing in the environment
	// then it answers, and every page and document says whose it is.
	for _, args := range [][]string{{"status"}, {"findings"}, {"explain", "wechat"}, {"doctor"}} {
		_, out, errs := a.beagle(args...)
		wants(t, strings.Join(args, " "), 0, 0, strings.Join(strings.Fields(out+errs), " "), "of other users")
	}
	code, out, errs := a.beagle("findings", "--format", "json")
	wants(t, "findings as JSON", code, exitClean, errs, ownAgent)
	if strings.Contains(out, ownAgent) {
		t.Error("the notice is in the document")
	}
	_, out, _ = a.beagle("status", "--format", "json")
	wants(t, "status as JSON", code, exitClean, out, `"own_agent": true`, socket)
	// Given that it is named, then it is what was asked for.
	_, out, errs = a.beagle("status", "--socket", socket)
	wants(t, "status of a named agent", code, exitClean, out, "those of one user")
	if errs != "" {
		t.Errorf("status of a named agent: %s", errs)
	}
	// Given that it is gone too, then the system's is what is missing.
	a.stop()
	code, _, errs = a.beagle("status")
	wants(t, "no agent at all", code, exitUnreachable, errs, api.DefaultSocket())
}
