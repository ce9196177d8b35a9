package window

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"beagle/agent/api"
	"beagle/gui/view"
)

// at is the time in all tests: an afternoon in November.
func at() time.Time { return time.Date(2026, 11, 25, 17, 20, 0, 0, time.UTC) }

func ago(d time.Duration) *time.Time { t := at().Add(-d); return &t }

// machine is a service that answers from what was recorded of a real agent, without one.
type machine struct {
	Records  []api.Stored           `json:"records"`
	Apps     map[string]api.AppPage `json:"apps"`
	Policies []api.PolicyPage       `json:"policies"`
	Changes  []api.HistoryEntry     `json:"history"`
	Areas    []api.Coverage         `json:"coverage"`

	snapshot api.Snapshot
	reports  api.Sent
	missing  string // a question that this agent does not know
	fails    error  // every question fails so

	mu    sync.Mutex
	asked []string
}

func recorded(t testing.TB) *machine {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "view", "testdata", "linux.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m machine
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	m.snapshot = fine()
	m.snapshot.Records = m.Records
	m.snapshot.Summary = api.Count(m.Records, false)
	m.snapshot.Conditions = []api.Condition{
		{Code: api.ConditionIncomplete, Severity: api.SeverityWarning, Since: at().Add(-3 * time.Minute), Args: map[string]string{"count": "3", "probe": "desktop", "area": "user:bob"}},
	}
	return &m
}

// fine is a machine on which nothing was found.
func fine() api.Snapshot {
	return api.Snapshot{
		Schema: api.SnapshotSchema, AgentVersion: "0.1.0", CatalogVersion: "1.4.0", CatalogDate: "2026-11-01",
		Host: api.Host{Hostname: "desk-7", OS: "linux", Root: "/"}, At: at(), Privileged: true, Activity: "idle",
		LastSweep: ago(3 * time.Minute), LastDeep: ago(20 * time.Hour), NextSweep: ago(-57 * time.Minute), NextDeep: ago(-4 * time.Hour),
		Started: at().Add(-49 * time.Hour), Watching: "fanotify", WatchingFiles: "inotify",
		Summary: api.Summary{Complete: true},
	}
}

func (m *machine) note(what string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, what)
	return m.fails
}

// said returns what was asked that begins so.
func (m *machine) said(prefix string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, a := range m.asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

func (m *machine) Events(ctx context.Context, take func(api.Event) error) error {
	if m.fails != nil {
		return m.fails
	}
	if err := take(api.Event{Kind: api.EventSnapshot, Snapshot: &m.snapshot}); err != nil {
		return err
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

func (m *machine) RequestScan(context.Context, bool) error    { return m.note("scan") }
func (m *machine) Recheck(_ context.Context, id string) error { return m.note("recheck " + id) }
func (m *machine) Coverage(context.Context) ([]api.Coverage, error) {
	return m.Areas, m.note("coverage")
}

func (m *machine) Record(_ context.Context, id string) (api.Stored, error) {
	if err := m.note("record " + id); err != nil {
		return api.Stored{}, err
	}
	for _, r := range m.Records {
		if r.ID == id {
			return r, nil
		}
	}
	return api.Stored{}, &api.Refusal{Status: 404, Problem: api.Error{Code: api.CodeNotFound}}
}

func (m *machine) History(_ context.Context, id string, _ int) ([]api.HistoryEntry, error) {
	var list []api.HistoryEntry
	for _, h := range m.Changes {
		if id == "" || h.RecordID == id {
			list = append(list, h)
		}
	}
	return list, m.note("history " + id)
}

func (m *machine) App(_ context.Context, id string) (api.AppPage, error) {
	if app, ok := m.Apps[id]; ok && m.fails == nil {
		return app, m.note("app " + id)
	}
	return api.AppPage{}, errors.Join(m.note("app "+id), &api.Refusal{Status: 404, Problem: api.Error{Code: api.CodeNotFound}})
}

func (m *machine) Policy(_ context.Context, id string) (api.PolicyPage, error) {
	for _, p := range m.Policies {
		if p.ID == id {
			return p, m.note("policy " + id)
		}
	}
	return api.PolicyPage{}, fmt.Errorf("no policy %q", id)
}

func (m *machine) Doctor(context.Context) (api.Doctor, error) {
	return api.Doctor{At: at(), Checks: []api.Check{{Code: api.CheckEndpoint, Status: api.CheckOK, Args: map[string]string{"problem": "none"}}}}, m.note("doctor")
}

func (m *machine) Export(context.Context) (api.Export, error) {
	return api.Export{Schema: api.ExportSchema, At: at(), User: "alice", Records: m.Records, History: m.Changes}, m.note("export")
}

func (m *machine) Sent(context.Context) (api.Sent, error) {
	if m.missing == "sent" {
		return api.Sent{}, &api.Refusal{Status: 404, Problem: api.Error{Code: api.CodeNotFound}}
	}
	return m.reports, m.note("sent")
}

func (m *machine) Dispute(_ context.Context, id, text string) error {
	return m.note("dispute " + id + " " + text)
}

func (m *machine) RequestExemption(_ context.Context, id, text, until string) error {
	return m.note("exemption " + id + " " + text + " " + until)
}

// record returns the id of the record of an app.
func (m *machine) record(t testing.TB, app string) string {
	t.Helper()
	for _, r := range m.Records {
		if r.App.ID == app {
			return r.ID
		}
	}
	t.Fatalf("no record of %s", app)
	return ""
}

// scene is a window over a machine in a test: the toolkit's thread is the test's own.
type scene struct {
	*Window
	t       testing.TB
	machine *machine
	frame   fyne.Window
	opened  []view.Action
	later   []func()
}

// look is how a scene is drawn.
type look struct {
	language string
	variant  Variant
	contrast bool
	text     float32
	scale    float32 // pixels for a unit
	size     fyne.Size
}

func open(t testing.TB, m *machine, l look) *scene {
	t.Helper()
	if l.language == "" {
		l.language = "en"
	}
	if l.size.IsZero() {
		l.size = fyne.NewSize(1040, 700)
	}
	if l.variant == VariantSystem {
		l.variant = VariantLight
	}
	app := test.NewTempApp(t)
	app.Settings().SetTheme(NewTheme(l.variant, l.contrast, l.text))
	s := &scene{t: t, machine: m, frame: app.NewWindow("")}
	if l.scale > 0 {
		s.frame.Canvas().(test.WindowlessCanvas).SetScale(l.scale)
	}
	s.Window = New(s.frame, Config{
		Service: m, Printer: view.NewPrinter(l.language).In(time.UTC), Viewer: "alice", OS: "linux",
		Program: view.Program{Version: "0.1.0", Credits: "Credits"},
		Open:    func(a view.Action) error { s.opened = append(s.opened, a); return nil },
		Do:      func(run func()) { run() },
		Now:     at,
		Log:     slog.New(slog.DiscardHandler),
		Later:   func(_ time.Duration, run func()) { s.later = append(s.later, run) },
	})
	s.frame.Resize(l.size)
	return s
}

// connect is the first word of the agent, and answers to all that is asked then.
func (s *scene) connect() *scene {
	snapshot := s.machine.snapshot
	n := view.Now{Connection: view.Live(at().Add(-time.Hour)), Snapshot: &snapshot, Viewer: "alice", OS: "linux"}
	f := s.frameOf(n, view.FilterAll, "")
	f.fresh = true
	s.draw(f)
	s.answer()
	return s
}

// answer runs every question that waits.
func (s *scene) answer() {
	for run := s.errands.next(); run != nil; run = s.errands.next() {
		run(s.t.Context())
	}
}
