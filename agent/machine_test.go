package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/budget"
	"beagle/agent/internal/local"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

// machine is a small computer, a folder with a list of programs and a clock, that tests
// change while an agent watches it.
type machine struct {
	dir string

	mu        sync.Mutex
	processes []detectors.Process
	broken    error // of listing programs
	lists     int   // how often they were listed
	held      *gate // the next list of programs waits there, and is of the time before
	ahead     time.Duration
	slept     time.Duration
	stopped   time.Duration
	// alter changes the host of each look.
	alter func(*detectors.Host)
}

// gate holds whoever comes until it is opened.
type gate struct{ reached, open chan struct{} }

func newGate() *gate { return &gate{make(chan struct{}), make(chan struct{})} }

// wait waits until somebody is held.
func (g *gate) wait(t *testing.T) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(patience):
		t.Fatal("nobody comes to the gate")
	}
}

func (g *gate) hold() {
	close(g.reached)
	<-g.open
}

const desk = `
os: linux
hostname: desk-17
dir: /home/alice
dir: /opt
process: 1 root /usr/lib/systemd/systemd

-- etc/passwd --
root:x:0:0:root:/root:/bin/bash
alice:x:1000:1000:,,,:/home/alice:/bin/bash
-- root/.profile --
-- var/lib/dpkg/status --
Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2

`

const wpsPackage = `Package: wps-office
Status: install ok installed
Architecture: amd64
Version: 11.1.0.11719

`

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{dir: t.TempDir()}
	if err := hosttest.Extract(desk, m.dir); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *machine) host(ctx context.Context) (*detectors.Host, error) {
	host, err := detectors.Offline(ctx, m.dir, catalog.Linux)
	if err != nil {
		return nil, err
	}
	host.Hostname, host.Processes, host.Offline = "desk-17", m, false
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alter != nil {
		m.alter(host)
	}
	return host, nil
}

// List lists the programs, as the kernel would.
func (m *machine) List(context.Context) ([]detectors.Process, error) {
	m.mu.Lock()
	m.lists++
	list, broken, held := slices.Clone(m.processes), m.broken, m.held
	m.held = nil
	m.mu.Unlock()
	if held != nil {
		held.hold()
	}
	return list, broken
}

// hold has the next look wait where it lists programs, until the gate is opened.
func (m *machine) hold(t *testing.T) *gate {
	t.Helper()
	g := newGate()
	m.change(func() { m.held = g })
	return g
}

func (m *machine) change(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

func (m *machine) sweeps() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lists
}

// clocks are the real ones, moved by what the test did.
func (m *machine) clocks() reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := newClocks()()
	r.wall = r.wall.Add(m.ahead + m.slept + m.stopped)
	r.elapsed += m.slept + m.stopped
	r.running += m.stopped
	return r
}

// write puts a file on the machine.
func (m *machine) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(m.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// installed is what the package manager of the machine lists.
func (m *machine) installed(t *testing.T, packages ...string) {
	t.Helper()
	m.write(t, "var/lib/dpkg/status", strings.Join(packages, ""))
}

// running is an agent on a machine.
type running struct {
	t        *testing.T
	m        *machine
	state    string
	settings string
	agent    *Agent
	client   *api.Client
	ended    chan error
	stop     context.CancelFunc
	change   func(*world) // before it starts; may be nil
}

// quiet are settings for an agent that only looks when it is told to.
const quiet = "watch: {processes: off, files: false}\nschedule: {deep: off}\n"

// agentOn runs an agent until the test ends, and returns it after its first sweep.
func agentOn(t *testing.T, m *machine) *running {
	t.Helper()
	dir := socketDir(t)
	r := &running{t: t, m: m, state: filepath.Join(dir, "state"), settings: filepath.Join(dir, "settings.yaml")}
	r.set(quiet)
	r.start()
	return r
}

// socketDir is a folder with a short name, as those of sockets are.
func socketDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// set writes the settings, as a whole.
func (r *running) set(text string) {
	r.t.Helper()
	if err := errors.Join(os.WriteFile(r.settings+".new", []byte(text), 0o600), os.Rename(r.settings+".new", r.settings)); err != nil {
		r.t.Fatal(err)
	}
}

// start runs the agent, again if it was stopped, and waits for its first sweep.
func (r *running) start() {
	r.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready := make(chan struct{})
	socket := r.socket()
	config := ServiceConfig{
		State: r.state, Socket: socket, Settings: SettingsPlaces{File: r.settings}, Privileged: true,
		Ready: func() { close(ready) }, Log: discard(),
	}
	r.client, r.ended, r.stop = api.NewClient(socket), make(chan error, 1), stop
	var err error
	if r.agent, err = newAgent(ctx, config, r.world()); err != nil {
		r.t.Fatal(err)
	}
	go func() { r.ended <- r.agent.Run(ctx) }()
	r.t.Cleanup(func() { stop(); r.end() })
	select {
	case <-ready:
	case err := <-r.ended:
		r.t.Fatalf("the agent ended at once: %v", err)
	}
	r.until("the first sweep", func(s api.Snapshot) bool { return s.Activity == "idle" && s.LastSweep != nil })
}

func (r *running) socket() string { return filepath.Join(filepath.Dir(r.state), "run", "agent.sock") }

func (r *running) world() world {
	index, err := catalog.Embedded()
	if err != nil {
		r.t.Fatal(err)
	}
	w := world{
		clocks: r.m.clocks, tick: 10 * time.Millisecond, patience: patience, host: r.m.host, watcher: newWatcher,
		sources: idleMachine{}, catalog: index, set: policy.Embedded(),
	}
	if r.change != nil {
		r.change(&w)
	}
	return w
}

// idleMachine has time, memory and power enough: the test's own use must not hold its sweeps.
type idleMachine struct{}

func (idleMachine) CPU() (time.Duration, error)  { return 0, nil }
func (idleMachine) Memory() (int64, error)       { return 1 << 20, nil }
func (idleMachine) Power() (budget.Power, error) { return budget.Mains, nil }
func (idleMachine) Load() (float64, error)       { return 0, nil }

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// end stops the agent and waits until it has.
func (r *running) end() {
	r.t.Helper()
	if r.ended == nil {
		return
	}
	r.stop()
	select {
	case err := <-r.ended:
		if err != nil {
			r.t.Errorf("the agent ended with %v", err)
		}
	case <-time.After(patience):
		r.t.Error("the agent does not stop")
	}
	r.ended = nil
}

// patience is how long a test waits before it takes a thing for broken. Nothing takes it.
const patience = 30 * time.Second

// until follows the agent until what it shows is as wanted.
func (r *running) until(what string, ok func(api.Snapshot) bool) api.Snapshot {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	seen := errors.New("seen")
	var now api.Snapshot
	for ctx.Err() == nil {
		err := r.client.Events(ctx, func(e api.Event) error {
			if now = now.With(e); ok(now) {
				return seen
			}
			return nil
		})
		if errors.Is(err, seen) {
			return now
		}
	}
	r.t.Fatalf("%s did not come; the agent shows %+v", what, now)
	return now
}

// sweep asks for a sweep over everything and waits until it is over. One that is under way
// began before, and so does not count.
func (r *running) sweep(t *testing.T) api.Snapshot {
	t.Helper()
	for {
		before := r.until("an idle agent", func(s api.Snapshot) bool { return s.Activity == activityIdle && s.LastSweep != nil })
		r.m.change(func() { r.m.ahead += time.Minute }) // lest it be too soon, by the agent's clock
		// Not through the API, which lets one user ask only now and then.
		err := r.agent.RequestScan(t.Context(), false)
		if errors.Is(err, local.ErrScanning) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return r.until("the end of a sweep", func(s api.Snapshot) bool {
			return s.Activity == activityIdle && s.LastSweep != nil && !s.LastSweep.Equal(*before.LastSweep)
		})
	}
}

// condition returns the condition of this code, nil if none holds.
func condition(s api.Snapshot, code string) *api.Condition {
	for i := range s.Conditions {
		if s.Conditions[i].Code == code {
			return &s.Conditions[i]
		}
	}
	return nil
}

// found lists the open records as app, owner, presence and verdict.
func found(s api.Snapshot) string {
	var list []string
	for i := range s.Records {
		r := &s.Records[i]
		list = append(list, strings.Join([]string{r.App.ID, r.Owner, strings.Join(r.Presence, "+"), r.Verdict}, " "))
	}
	return strings.Join(list, ", ")
}
