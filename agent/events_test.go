package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/watch"
)

// portable puts a loose copy of WPS Office into alice's home.
func portable(t *testing.T, m *machine) (path string) {
	t.Helper()
	for _, name := range []string{"wps", "et", "wpp", "wpspdf"} {
		m.write(t, "home/alice/Apps/office6/"+name, "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 57))
	}
	return "/home/alice/Apps/office6/wps"
}

// tell hands events to the agent as its watcher would.
func (r *running) tell(batch ...watch.Event) {
	r.t.Helper()
	select {
	case r.agent.events <- batch:
	case <-time.After(patience):
		r.t.Fatal("the agent takes no events")
	}
}

func TestAProgramStartsAndEnds(t *testing.T) {
	// Given a loose copy that no usual sweep looks for,
	m := newMachine(t)
	path := portable(t, m)
	r := agentOn(t, m)
	if s := r.sweep(t); found(s) != "" {
		t.Fatalf("got %q before anything runs", found(s))
	}
	// when a program of it starts and ends, both before anybody can look,
	r.tell(watch.Event{Kind: watch.ProcessStarted, PID: 4711, Path: path, At: time.Now()},
		watch.Event{Kind: watch.ProcessEnded, PID: 4711, At: time.Now()})
	// then the record of it stands, since the copy was found where it ran,
	s := r.until("the copy", func(s api.Snapshot) bool { return found(s) == "wps-office alice portable prohibited" })
	history, err := r.client.History(t.Context(), s.Records[0].ID, 0)
	if err != nil || len(history) < 2 || history[len(history)-1].What != api.RecordOpened {
		t.Errorf("got the history %+v, %v, want that it ran first", history, err)
	}
	if slices.ContainsFunc(history, func(h api.HistoryEntry) bool { return h.What == api.RecordClosed }) {
		t.Errorf("got the history %+v, want no end while the copy was there", history)
	}
	// and when the copy is removed after it ran again, the record is closed without a sweep.
	pid := os.Getpid() // one that does not end by itself
	m.change(func() { m.processes = []detectors.Process{{PID: pid, Name: "wps", Exe: path, User: "alice"}} })
	r.tell(watch.Event{Kind: watch.ProcessStarted, PID: pid, Path: path, At: time.Now()})
	r.until("a running program", func(s api.Snapshot) bool { return strings.Contains(found(s), "running+portable") })
	m.change(func() { m.processes = nil })
	if err := os.RemoveAll(filepath.Join(m.dir, "home/alice/Apps")); err != nil {
		t.Fatal(err)
	}
	r.tell(watch.Event{Kind: watch.ProcessEnded, PID: pid, At: time.Now()})
	r.until("the end of the record", func(s api.Snapshot) bool { return found(s) == "" })
}

func TestWhatIsNoAppIsNoRecord(t *testing.T) {
	r := agentOn(t, newMachine(t))
	r.tell(watch.Event{Kind: watch.ProcessStarted, PID: 4711, Path: "/usr/bin/et", At: time.Now()})
	if s := r.sweep(t); found(s) != "" {
		t.Errorf("got %q", found(s))
	}
}

func TestAPackageIsInstalled(t *testing.T) {
	// Given an agent, when a package database changes, then its probe looks, and no other.
	m := newMachine(t)
	r := agentOn(t, m)
	before := looks(t, r)
	m.installed(t, wpsPackage)
	r.tell(watch.Event{Kind: watch.Changed, Topic: "dpkg", Path: "/var/lib/dpkg", At: time.Now()})
	r.until("the package", func(s api.Snapshot) bool { return found(s) == wps })
	after := looks(t, r)
	if after["dpkg"] == before["dpkg"] || after["opt"] != before["opt"] || after["desktop"] != before["desktop"] {
		t.Errorf("looked at %v, then at %v", before, after)
	}
}

// looks tells when each probe last looked.
func looks(t *testing.T, r *running) map[string]time.Time {
	t.Helper()
	coverage, err := r.client.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]time.Time{}
	for _, c := range coverage {
		at[c.Probe] = c.At
	}
	return at
}

// TestARemovedFolder has evidence of two probes in one folder, of which only one is told that
// something changed there.
func TestARemovedFolder(t *testing.T) {
	m := newMachine(t)
	for _, name := range []string{"wps", "et", "wpp", "wpspdf"} {
		m.write(t, "opt/kingsoft/wps-office/office6/"+name, "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 57))
	}
	r := agentOn(t, m)
	// Given a folder that the opt probe found and that a start showed as well,
	r.tell(watch.Event{Kind: watch.ProcessStarted, PID: 4711, Path: "/opt/kingsoft/wps-office/office6/wps", At: time.Now()})
	r.sweep(t) // which comes after the look around
	store, _ := r.agent.memory.now()
	believed, err := store.Evidence(t.Context())
	if err != nil || !slices.ContainsFunc(believed, func(ev evidence) bool { return ev.Probe == probePortable }) {
		t.Fatalf("got %v, %v, want evidence of a second probe", believed, err)
	}
	r.tell(watch.Event{Kind: watch.ProcessEnded, PID: 4711, At: time.Now()})
	r.until("the end of the program", func(s api.Snapshot) bool { return found(s) == wps })
	// when it is removed, then one event is enough.
	if err := os.RemoveAll(filepath.Join(m.dir, "opt/kingsoft")); err != nil {
		t.Fatal(err)
	}
	r.tell(watch.Event{Kind: watch.Changed, Topic: "opt", Path: "/opt", At: time.Now()})
	r.until("the end of the record", func(s api.Snapshot) bool { return found(s) == "" })
}

func TestLostEventsAreMadeGood(t *testing.T) {
	m := newMachine(t)
	r := agentOn(t, m)
	// Given something that nobody told of, when events are lost, then it is found,
	m.installed(t, wpsPackage)
	r.tell(watch.Event{Kind: watch.Lost, Problem: &detectors.Problem{Code: watch.CodeOverflow}, At: time.Now()})
	s := r.until("a sweep", func(s api.Snapshot) bool { return found(s) == wps })
	// and the loss is over.
	if condition(s, api.ConditionEventsLost) != nil {
		r.until("the end of the loss", func(s api.Snapshot) bool { return condition(s, api.ConditionEventsLost) == nil })
	}
}

func TestDeepSweepGoesOnWhereItStopped(t *testing.T) {
	// Given a copy in a home, and a deep sweep that was through with that home when it stopped,
	m := newMachine(t)
	portable(t, m)
	r := agentOn(t, m)
	r.agent.memory.remember(t.Context(), metaDeep, deepState{Started: m.clocks().wall, Done: []string{"user:alice"}})
	// when it goes on, then it does not look there again,
	if err := r.agent.RequestScan(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	s := r.until("the end", func(s api.Snapshot) bool { return s.LastDeep != nil && s.Activity == activityIdle })
	if found(s) != "" {
		t.Errorf("got %q, want that home left out", found(s))
	}
	// and the next one looks everywhere.
	m.change(func() { m.ahead += 2 * deepSpacing })
	first := *s.LastDeep
	if err := r.agent.RequestScan(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	s = r.until("the end", func(s api.Snapshot) bool { return !s.LastDeep.Equal(first) && s.Activity == activityIdle })
	if found(s) != "wps-office alice portable prohibited" {
		t.Fatalf("got %q", found(s))
	}
	// What only a deep sweep finds is looked at again by a usual one, and on demand.
	if s = r.sweep(t); found(s) != "wps-office alice portable prohibited" {
		t.Errorf("got %q after a usual sweep", found(s))
	}
	if err := os.RemoveAll(filepath.Join(m.dir, "home/alice/Apps")); err != nil {
		t.Fatal(err)
	}
	if err := r.client.Recheck(t.Context(), s.Records[0].ID); err != nil {
		t.Fatal(err)
	}
	r.until("the end of the record", func(s api.Snapshot) bool { return found(s) == "" })
}

func TestBrokenSettingsAtTheStart(t *testing.T) {
	// Given settings that allow an app, when they break and the agent starts anew,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	r.set(quiet + "bans: [{app: vmate, since: 2020-01-01, reason: x}]\n")
	allowed := r.until("other rules", func(s api.Snapshot) bool { return !strings.Contains(found(s), "prohibited") })
	r.end()
	r.set("organisation: {kind: x}\n")
	r.start()
	// then it goes on by those that were good.
	s := r.until("the error", func(s api.Snapshot) bool { return condition(s, api.ConditionSettingsBroken) != nil })
	if found(s) != found(allowed) {
		t.Errorf("got %q, want %q", found(s), found(allowed))
	}
}

func TestAPlaceThatCannotBeWritten(t *testing.T) {
	// Given a place for the memory that is taken by a file,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := &running{t: t, m: m, state: filepath.Join(socketDir(t), "state")}
	r.settings = filepath.Join(filepath.Dir(r.state), "settings.yaml")
	r.set(quiet)
	if err := os.WriteFile(r.state, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// when an agent starts, then it works all the same and says that it will forget,
	r.start()
	s, err := r.client.Snapshot(t.Context())
	if err != nil || found(s) != wps || condition(s, api.ConditionStoreUnwritable) == nil {
		t.Fatalf("got %q, %+v, %v", found(s), s.Conditions, err)
	}
	// and once there is a place it remembers.
	if err := os.Remove(r.state); err != nil {
		t.Fatal(err)
	}
	r.until("a memory", func(now api.Snapshot) bool {
		return condition(now, api.ConditionStoreUnwritable) == nil && found(now) == wps && now.Records[0].Epoch != s.Records[0].Epoch
	})
	r.end()
	r.start()
	if s, err = r.client.Snapshot(t.Context()); err != nil || len(s.Records) != 1 || s.Records[0].LastSeen.Equal(s.Records[0].FirstSeen) {
		t.Errorf("got %q, %v, want a record from before", found(s), err)
	}
}

func TestDamageWhileItRuns(t *testing.T) {
	// Given an agent with a record, when its file is overwritten,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	files, err := filepath.Glob(filepath.Join(r.state, "state.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v", files, err)
	}
	var failed error
	for _, file := range files {
		failed = errors.Join(failed, os.WriteFile(file, []byte(strings.Repeat("no database at all", 1000)), 0o600))
	}
	if failed != nil {
		t.Fatal(failed)
	}
	// then it begins anew, says so, and knows again what is there.
	m.installed(t)
	r.sweep(t)
	m.installed(t, wpsPackage)
	r.sweep(t)
	s := r.until("a new memory", func(s api.Snapshot) bool {
		return condition(s, api.ConditionStoreSetAside) != nil && found(s) == wps
	})
	if c := condition(s, api.ConditionStoreSetAside); c.Args["file"] == "" || c.Args["problem"] == "" {
		t.Errorf("got %+v", c)
	}
}

func TestManyChangesAtOnce(t *testing.T) {
	// Given a busy agent, when something appears in very many folders, and people ask for records,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	s, err := r.client.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	portable(t, m)
	held := m.hold(t)
	m.change(func() { m.ahead += time.Minute })
	if err := r.agent.RequestScan(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	held.wait(t)
	if err := r.agent.Recheck(t.Context(), s.Records[0].ID); err != nil {
		t.Fatal(err)
	}
	r.changed("/home/alice/Apps")
	var batch []watch.Event
	for i := range 200 {
		batch = append(batch, watch.Event{Kind: watch.Changed, Topic: probePortable, Path: fmt.Sprintf("/srv/%d", i)})
	}
	r.tell(batch...)
	// then none of it is forgotten.
	m.installed(t)
	close(held.open)
	r.until("the copy", func(s api.Snapshot) bool { return found(s) == loose })
}

func TestAProgramThatTurnsIntoAnother(t *testing.T) {
	// Given a start of an app by a process that at once runs another program,
	m := newMachine(t)
	path := portable(t, m)
	r := agentOn(t, m)
	pid := os.Getpid() // one that does not end
	other := strings.TrimSuffix(path, "wps") + "et"
	m.change(func() { m.processes = []detectors.Process{{PID: pid, Name: "et", Exe: other, User: "alice"}} })
	r.tell(watch.Event{Kind: watch.ProcessStarted, PID: pid, Path: path, At: time.Now()},
		watch.Event{Kind: watch.ProcessEnded, PID: pid, At: time.Now()},
		watch.Event{Kind: watch.ProcessStarted, PID: pid, Path: other, At: time.Now()})
	r.until("the program", func(s api.Snapshot) bool { return strings.Contains(found(s), "running") })
	// then only the second is still running.
	r.until("the end of the first", func(s api.Snapshot) bool { return programs(s) == other })
}

// programs lists the running programs on which records rest.
func programs(s api.Snapshot) string {
	var paths []string
	for i := range s.Records {
		for _, in := range s.Records[i].Instances {
			for _, ev := range in.Evidence {
				if ev.Kind == string(catalog.KindProcess) {
					paths = append(paths, ev.Path)
				}
			}
		}
	}
	return strings.Join(paths, " ")
}

func TestANumberThatAnotherProgramHasByNow(t *testing.T) {
	// Given an app that runs, as an agent saw it that may not see all programs,
	m := newMachine(t)
	path := portable(t, m)
	r := agentOn(t, m)
	pid := os.Getpid() // one that does not end
	secret := detectors.Process{PID: 99, Name: "secret", Err: os.ErrPermission}
	m.change(func() { m.processes = []detectors.Process{{PID: pid, Name: "wps", Exe: path, User: "alice"}, secret} })
	if s := r.sweep(t); programs(s) != path {
		t.Fatalf("got %q, want %q", programs(s), path)
	}
	r.end()
	// when another program has its number after a start of the machine, then it runs no more.
	m.change(func() {
		m.processes = []detectors.Process{{PID: pid, Name: "sh", Exe: "/bin/sh", User: "alice"}, secret}
	})
	r.start()
	if s := r.sweep(t); programs(s) != "" {
		t.Errorf("got %q, want that nothing runs", programs(s))
	}
}

func TestWhatHappensWhileARecordIsLookedAtAgain(t *testing.T) {
	// Given an app that runs, and a look at its record that found it ended,
	m := newMachine(t)
	path := portable(t, m)
	r := agentOn(t, m)
	pid := os.Getpid() // one that does not end
	runs := []detectors.Process{{PID: pid, Name: "wps", Exe: path, User: "alice"}}
	m.change(func() { m.processes = runs })
	s := r.sweep(t)
	if err := os.RemoveAll(filepath.Join(m.dir, "home/alice/Apps")); err != nil {
		t.Fatal(err)
	}
	m.change(func() { m.processes = nil })
	held := m.hold(t)
	if err := r.agent.Recheck(t.Context(), s.Records[0].ID); err != nil {
		t.Fatal(err)
	}
	held.wait(t)
	// when it starts again before that look is over, then it runs.
	portable(t, m)
	m.change(func() { m.processes = runs })
	r.tell(watch.Event{Kind: watch.ProcessStarted, PID: pid, Path: path, At: time.Now()})
	r.tell() // which is taken once the other is kept
	close(held.open)
	s = r.until("the end of the look", func(s api.Snapshot) bool { return s.Activity == activityIdle })
	if programs(s) != path {
		t.Errorf("got %q, %q, want that %q runs", programs(s), found(s), path)
	}
}

// careless is a watcher that follows nothing.
type careless struct{ watcher }

func (careless) Follow(int) bool { return false }

func TestWhatCannotBeFollowedIsNotKept(t *testing.T) {
	// Given a watcher that follows too many programs already, when more of them start, then they
	// are left to the next sweep.
	s := sweeper{Agent: &Agent{}, followed: map[int][]evidence{}}
	s.watcher.Store(&watching{watcher: careless{}})
	for pid := range 100 {
		s.track(evidence{Attributes: map[string]string{attrPID: strconv.Itoa(pid + 1)}})
	}
	if len(s.followed) > 0 {
		t.Errorf("%d programs are kept", len(s.followed))
	}
}

func TestWhereAProgramLies(t *testing.T) {
	for _, c := range []struct {
		os   catalog.OS
		path string
		want string
	}{
		{catalog.Linux, "/opt/wps/wps", "/opt/wps"},
		{catalog.Linux, "/wps", ""},
		{catalog.Windows, `C:\Apps\wps.exe`, `C:\Apps`},
		{catalog.Windows, `C:\wps.exe`, `C:\`},
		{catalog.Windows, "wps.exe", ""},
	} {
		if got := folderOf(&evidence{OS: c.os, Path: c.path}); got != c.want {
			t.Errorf("%q: got %q, want %q", c.path, got, c.want)
		}
	}
}
