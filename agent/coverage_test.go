package agent

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/agent/api"
	"beagle/detectors"
	"beagle/detectors/catalog"
)

// area returns how looking at an area ended, "" if that is not known.
func (r *running) area(probe, area string) (status string, problem *api.Error) {
	r.t.Helper()
	list, err := r.agent.Coverage(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range list {
		if c.Probe == probe && c.Area == area {
			return c.Status, c.Error
		}
	}
	return "", nil
}

// deep asks for a deep sweep and waits until it is over.
func (r *running) deep() api.Snapshot {
	r.t.Helper()
	before := r.until("an idle agent", func(s api.Snapshot) bool { return s.Activity == activityIdle })
	r.m.change(func() { r.m.ahead += 2 * deepSpacing })
	if err := r.agent.RequestScan(r.t.Context(), true); err != nil {
		r.t.Fatal(err)
	}
	return r.until("a deep sweep", func(s api.Snapshot) bool {
		return s.Activity == activityIdle && s.LastDeep != nil && (before.LastDeep == nil || !s.LastDeep.Equal(*before.LastDeep))
	})
}

func TestAProblemThatIsOver(t *testing.T) {
	// Given a list of users that could not be read, when it can be, then nothing is said any more.
	m := newMachine(t)
	m.alter = func(h *detectors.Host) { h.UsersErr = errors.New("no such thing") }
	r := agentOn(t, m)
	if s := r.sweep(t); s.Summary.Complete || condition(s, api.ConditionIncomplete) == nil {
		t.Fatalf("got complete %v, %+v", s.Summary.Complete, s.Conditions)
	}
	m.change(func() { m.alter = nil })
	if s := r.sweep(t); !s.Summary.Complete || condition(s, api.ConditionIncomplete) != nil {
		t.Errorf("got complete %v, %+v", s.Summary.Complete, s.Conditions)
	}
}

func TestANetworkShareIsNoGap(t *testing.T) {
	// Given a machine with a network share among its programs,
	m := newMachine(t)
	m.write(t, "srv/share/x", "")
	share := detectors.Mount{Path: filepath.Join(m.dir, "srv/share"), Type: "nfs4", Device: "0:50", Subdir: "/"}
	m.alter = func(h *detectors.Host) { h.Mounts = []detectors.Mount{share} }
	r := agentOn(t, m)
	for range 2 {
		// when there is a deep sweep, then the share is left out, and that is no gap,
		s := r.deep()
		if got, problem := r.area(probePortable, "drive:/srv/share"); got != "skipped" || !s.Summary.Complete {
			t.Errorf("got %q %+v, complete %v, want it skipped", got, problem, s.Summary.Complete)
		}
		// nor is it one that the share is gone.
		m.change(func() { m.alter = nil })
	}
}

func TestAreasOfWhichAProbeSpeaksNoMore(t *testing.T) {
	host := &detectors.Host{OS: catalog.Linux, Root: "/", Users: []detectors.User{{Name: "alice"}}, Mounts: []detectors.Mount{{Path: "/mnt/here"}}}
	for _, c := range []struct {
		name, area, status string
		removable          bool
		usersErr           error
		want               string
	}{
		{"a user who is no more", "user:bob", "finished", true, nil, "skipped absent"},
		{"a user of whom nothing is known", "user:bob", "failed", true, errors.New("x"), ""},
		{"a user who is there", "user:alice", "finished", true, nil, ""},
		{"what was wrong with a user who is there", "user:alice", "partial", true, nil, "skipped"},
		{"a drive that is elsewhere", "drive:/mnt/usb", "finished", true, nil, "unreachable absent"},
		{"a drive that still is", "drive:/mnt/usb", "unreachable", true, nil, "unreachable absent"},
		{"a drive that was never looked at", "drive:/mnt/usb", "skipped", true, nil, ""},
		{"a drive that is elsewhere and not asked for", "drive:/mnt/usb", "unreachable", false, nil, "skipped"},
		{"a drive that is there and not asked for", "drive:/mnt/here", "finished", false, nil, ""},
		{"a drive that is there and belongs to another area", "drive:/mnt/here", "failed", true, nil, "skipped"},
		{"a folder", "/data", "finished", true, nil, ""},
		{"a folder that could not be looked into", "/data", "failed", true, nil, "skipped"},
	} {
		host.UsersErr = c.usersErr
		l := look{host: host, removable: c.removable}
		got := ""
		for _, area := range l.missing(&api.Coverage{Probe: probePortable, Area: c.area, Status: c.status}) {
			got = area.Outcome
			if area.Problem != nil {
				got += " " + area.Problem.Code
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAFolderThatIsNotAskedForAnyMore(t *testing.T) {
	// Given a folder by the settings that cannot be looked into,
	m := newMachine(t)
	if err := os.Symlink("data", filepath.Join(m.dir, "data")); err != nil { // a link to itself
		t.Fatal(err)
	}
	r := agentOn(t, m)
	r.set(quiet + "deep: {paths: [/data]}\n")
	r.until("settings", func(api.Snapshot) bool { return len(r.agent.rules.settings().Settings.Deep.Paths) == 1 })
	if s := r.deep(); s.Summary.Complete {
		t.Fatalf("got complete %v, %+v", s.Summary.Complete, s.Conditions)
	}
	// when the settings name it no more, then nothing is said of it after the next deep sweep.
	r.set(quiet)
	r.until("settings", func(api.Snapshot) bool { return len(r.agent.rules.settings().Settings.Deep.Paths) == 0 })
	if s := r.deep(); !s.Summary.Complete || condition(s, api.ConditionIncomplete) != nil {
		t.Errorf("got complete %v, %+v", s.Summary.Complete, s.Conditions)
	}
}

func TestWhatEverybodySeesNamesNothingOfOthers(t *testing.T) {
	// Given a program in somebody's home beside which the agent cannot look,
	m := newMachine(t)
	m.write(t, "home/alice/private", "no folder")
	m.processes = []detectors.Process{{PID: 7, Name: "wps", Exe: "/home/alice/private/wps", User: "alice"}}
	r := agentOn(t, m)
	r.sweep(t)
	// then the area of all programs, which everybody may see, does not say where.
	status, problem := r.area(probeProcesses, "machine")
	if status != "partial" || problem == nil || problem.Args["count"] != "1" {
		t.Fatalf("got %q, %+v, want one thing that could not be read", status, problem)
	}
	if text := problem.Args["first"] + problem.Text; strings.Contains(text, "alice") || strings.Contains(text, "private") {
		t.Errorf("got %+v, want no path of alice's", problem)
	}
}
