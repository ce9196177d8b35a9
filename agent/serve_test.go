package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/detectors"
)

const wps = "wps-office machine installed prohibited"

func TestRemembers(t *testing.T) {
	// Given a machine with a banned app, when an agent looks at it,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	first, err := r.client.Snapshot(t.Context())
	if err != nil || found(first) != wps || !first.Summary.Complete {
		t.Fatalf("got %q, complete %v, %v, want %q", found(first), first.Summary.Complete, err, wps)
	}
	// then one that starts after it goes on from there,
	r.end()
	r.start()
	again, err := r.client.Snapshot(t.Context())
	if err != nil || len(again.Records) != 1 {
		t.Fatalf("got %q, %v", found(again), err)
	}
	before, now := first.Records[0], again.Records[0]
	if now.Epoch != before.Epoch || now.Revision != before.Revision || !now.FirstSeen.Equal(before.FirstSeen) || now.LastSeen.Before(before.LastSeen) {
		t.Errorf("got %+v, want what was known: %+v", now, before)
	}
	// and when the app is removed, the record is closed with its time.
	m.installed(t)
	if s := r.sweep(t); len(s.Records) != 0 {
		t.Errorf("got %q, want nothing", found(s))
	}
	gone, err := r.client.Record(t.Context(), now.ID)
	if err != nil || gone.ClosedAt == nil || gone.ClosedReason != api.ClosedRemoved || gone.Revision != before.Revision+1 {
		t.Errorf("got %+v, %v, want it closed as removed", gone, err)
	}
	history, err := r.client.History(t.Context(), now.ID, 0)
	if err != nil || len(history) != 2 || history[0].What != api.RecordClosed || history[1].What != api.RecordOpened {
		t.Errorf("got the history %+v, %v", history, err)
	}
}

func TestWhatFailsClosesNothing(t *testing.T) {
	// Given an app that is installed and running,
	m := newMachine(t)
	m.write(t, "opt/kingsoft/wps-office/office6/wps", "\x7fELF")
	m.installed(t, wpsPackage)
	m.processes = []detectors.Process{{PID: 7, Name: "wps", Exe: "/opt/kingsoft/wps-office/office6/wps", User: "alice"}}
	r := agentOn(t, m)
	const both = "wps-office machine running+installed prohibited"
	s, err := r.client.Snapshot(t.Context())
	if err != nil || found(s) != both {
		t.Fatalf("got %q, %v, want %q", found(s), err, both)
	}
	// when programs cannot be listed and the package list cannot be read,
	m.change(func() { m.processes, m.broken = nil, errors.New("no such thing") })
	status := filepath.Join(m.dir, "var/lib/dpkg/status")
	if err := errors.Join(os.Remove(status), os.Mkdir(status, 0o755)); err != nil {
		t.Fatal(err)
	}
	s = r.sweep(t)
	// then the record stands, and a condition says what was not seen.
	if found(s) != both || s.Summary.Complete {
		t.Errorf("got %q, complete %v, want what was known and incomplete", found(s), s.Summary.Complete)
	}
	if c := condition(s, api.ConditionIncomplete); c == nil || c.Args["count"] != "2" {
		t.Errorf("got %+v, want two areas", s.Conditions)
	}
	// When both work again, then what is gone is gone, and nothing is said any more.
	if err := os.Remove(status); err != nil {
		t.Fatal(err)
	}
	m.installed(t)
	m.change(func() { m.broken = nil })
	if err := os.RemoveAll(filepath.Join(m.dir, "opt/kingsoft")); err != nil {
		t.Fatal(err)
	}
	if s = r.sweep(t); found(s) != "" || !s.Summary.Complete || condition(s, api.ConditionIncomplete) != nil {
		t.Errorf("got %q, complete %v, %+v", found(s), s.Summary.Complete, s.Conditions)
	}
}

func TestAUserWhoIsRemoved(t *testing.T) {
	// Given an app of a user,
	m := newMachine(t)
	m.write(t, "home/alice/.local/share/applications/wps-office-wps.desktop", "[Desktop Entry]\nName=WPS\nType=Application\nExec=/home/alice/wps/office6/wps %U\n")
	m.write(t, "home/alice/wps/office6/wps", "\x7fELF")
	r := agentOn(t, m)
	s, err := r.client.Snapshot(t.Context())
	if err != nil || !strings.Contains(found(s), "wps-office alice") {
		t.Fatalf("got %q, %v, want a record of alice", found(s), err)
	}
	// when she is removed with her home, then so is the record.
	m.write(t, "etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
	if err := os.RemoveAll(filepath.Join(m.dir, "home/alice")); err != nil {
		t.Fatal(err)
	}
	if s = r.sweep(t); found(s) != "" || !s.Summary.Complete {
		t.Errorf("got %q, complete %v, want nothing", found(s), s.Summary.Complete)
	}
}

func TestADatePasses(t *testing.T) {
	// Given an app that is banned from the day after tomorrow,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	const rarely = "watch: {processes: off, files: false}\nschedule: {deep: off, inventory: 30d}\n"
	r.end()
	r.set(rarely)
	r.start()
	since := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	r.set(rarely + "bans: [{app: wps-office, since: " + since + ", reason: x}]\n")
	r.until("the ban", func(s api.Snapshot) bool { return found(s) == "wps-office machine installed pending" })
	sweeps := m.sweeps()
	// when that day comes, then the verdict is another, and nobody looked at the machine for it.
	m.change(func() { m.ahead += 48 * time.Hour })
	s := r.until("the day", func(s api.Snapshot) bool { return found(s) == wps })
	if got := m.sweeps(); got != sweeps {
		t.Errorf("%d sweeps, then %d", sweeps, got)
	}
	history, err := r.client.History(t.Context(), s.Records[0].ID, 0)
	if err != nil || history[0].What != api.RecordChanged || history[0].Reason != api.ChangedVerdict {
		t.Errorf("got the history %+v, %v, want a changed verdict", history, err)
	}
}

func TestClocks(t *testing.T) {
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	for _, c := range []struct {
		name   string
		change func()
		code   string
	}{
		{"a year ahead", func() { m.ahead += 365 * 24 * time.Hour }, api.ConditionClockChanged},
		{"back to now", func() { m.ahead -= 365 * 24 * time.Hour }, api.ConditionClockChanged},
		{"a year back", func() { m.ahead -= 365 * 24 * time.Hour }, api.ConditionClockBehind},
		{"stopped for a minute", func() { m.stopped += time.Minute }, api.ConditionStalled},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, err := r.client.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			old := condition(before, c.code)
			m.change(c.change)
			r.until(c.code, func(s api.Snapshot) bool {
				now := condition(s, c.code)
				return now != nil && (old == nil || !now.Since.Equal(old.Since))
			})
			// Detection goes on.
			m.installed(t)
			if s := r.sweep(t); found(s) != "" {
				t.Errorf("got %q after the app was removed", found(s))
			}
			m.installed(t, wpsPackage)
			if s := r.sweep(t); !strings.HasPrefix(found(s), "wps-office machine installed") {
				t.Errorf("got %q after the app came back", found(s))
			}
		})
	}
}

func TestSettingsAreReadAgain(t *testing.T) {
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	// Given settings that do not ban the app, then it is allowed,
	r.set(quiet + "bans: [{app: vmate, since: 2020-01-01, reason: x}]\n")
	r.until("other rules", func(s api.Snapshot) bool { return !strings.Contains(found(s), "prohibited") })
	// and when they break, then the last good ones hold and the error is shown.
	r.set(quiet + "bans: [{app: wps-offise, since: 2020-01-01, reason: x}]\n")
	s := r.until("the error", func(s api.Snapshot) bool { return condition(s, api.ConditionSettingsBroken) != nil })
	if text := condition(s, api.ConditionSettingsBroken).Args["text"]; !strings.Contains(text, `"wps-offise"`) || !strings.Contains(text, "wps-office") {
		t.Errorf("got %q, want the wrong name and the right one", text)
	}
	if strings.Contains(found(s), "prohibited") {
		t.Errorf("got %q under broken settings", found(s))
	}
	r.set(quiet)
	r.until("the end of the error", func(s api.Snapshot) bool {
		return condition(s, api.ConditionSettingsBroken) == nil && found(s) == wps
	})
}

func TestTooSoon(t *testing.T) {
	r := agentOn(t, newMachine(t))
	r.sweep(t)
	var refused *api.Refusal
	err := r.client.RequestScan(t.Context(), false)
	if !errors.As(err, &refused) || refused.Problem.Code != api.CodeTooSoon || refused.RetryAfter <= 0 || refused.RetryAfter > sweepSpacing {
		t.Errorf("got %v, want a refusal that says when", err)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	// Given an agent that ran and stopped once, so that whatever is made once is there,
	m := newMachine(t)
	r := agentOn(t, m)
	r.end()
	before := runtime.NumGoroutine()
	// when it runs and stops again, then no goroutine is left.
	for range 3 {
		r.start()
		r.sweep(t)
		r.end()
	}
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if got := runtime.NumGoroutine(); got > before {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines, then %d:\n%s", before, got, buf[:runtime.Stack(buf, true)])
	}
}

func TestAnEndWhileItStarts(t *testing.T) {
	// Given an agent that is told to end before it runs, then that is no failure.
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r := &running{t: t, m: newMachine(t)}
	err := serve(ctx, ServiceConfig{State: t.TempDir(), Socket: filepath.Join(t.TempDir(), "s"), Log: discard()}, r.world())
	if err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTwoAgents(t *testing.T) {
	r := agentOn(t, newMachine(t))
	err := serve(t.Context(), ServiceConfig{
		State: r.state, Socket: filepath.Join(t.TempDir(), "s"), Settings: SettingsPlaces{File: r.settings}, Log: discard(),
	}, r.world())
	if err == nil || !strings.Contains(err.Error(), "another agent") {
		t.Errorf("a second agent with the same memory: got %v", err)
	}
	err = serve(t.Context(), ServiceConfig{
		State: t.TempDir(), Socket: r.socket(), Settings: SettingsPlaces{File: r.settings}, Log: discard(),
	}, r.world())
	if err == nil || !strings.Contains(err.Error(), "another agent") {
		t.Errorf("a second agent at the same socket: got %v", err)
	}
}
