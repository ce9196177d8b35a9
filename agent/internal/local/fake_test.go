package local_test

import (
	"context"
	"encoding/json"
	"maps"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

// The users of the tests.
func alice() local.Viewer { return local.Viewer{ID: "1000", Owner: "alice", Account: "alice"} }
func bob() local.Viewer   { return local.Viewer{ID: "1001", Owner: "bob", Account: "bob"} }
func admin() local.Viewer {
	return local.Viewer{ID: "0", Owner: "root", Account: "root", Admin: true}
}

var now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// agent is a small agent that keeps state, tells its subscribers what changes, and
// remembers what it was asked to do.
type agent struct {
	mu          sync.Mutex
	snapshot    api.Snapshot
	closed      map[string]api.Stored
	history     []api.HistoryEntry
	coverage    []api.Coverage
	checks      []api.Check
	subscribers map[chan api.Event]context.Context
	scans       []bool
	rechecks    []string
	wishes      []api.Request
	refuse      error
}

var _ local.Backend = (*agent)(nil)

func newAgent(records ...api.Stored) *agent {
	return &agent{
		snapshot: api.Snapshot{
			Schema: api.SnapshotSchema, At: now, Host: api.Host{Hostname: "desk", OS: "linux", Root: "/"},
			Activity: "idle", Privileged: true, Records: records, Summary: api.Count(records, true), Conditions: []api.Condition{},
		},
		closed:      map[string]api.Stored{},
		subscribers: map[chan api.Event]context.Context{},
	}
}

func (a *agent) Snapshot() api.Snapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.snapshot
}

func (a *agent) Subscribe(ctx context.Context) <-chan api.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	events := make(chan api.Event)
	a.subscribers[events] = ctx
	return events
}

// tell changes the state by an event and sends it on.
func (a *agent) tell(e api.Event) {
	a.mu.Lock()
	a.snapshot = a.snapshot.With(e)
	subscribers := maps.Clone(a.subscribers)
	a.mu.Unlock()
	for events, ctx := range subscribers {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	}
}

// hangUp ends all subscriptions, as an agent must not.
func (a *agent) hangUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for events := range a.subscribers {
		close(events)
	}
	clear(a.subscribers)
}

func (a *agent) RequestScan(_ context.Context, deep bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refuse != nil {
		return a.refuse
	}
	a.scans = append(a.scans, deep)
	return nil
}

func (a *agent) Recheck(_ context.Context, id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rechecks = append(a.rechecks, id)
	return a.refuse
}

func (a *agent) asked() (scans []bool, rechecks []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.scans), slices.Clone(a.rechecks)
}

func (a *agent) Record(_ context.Context, id string) (api.Stored, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.snapshot.Records {
		if r.ID == id {
			return r, true, nil
		}
	}
	r, ok := a.closed[id]
	return r, ok, nil
}

func (a *agent) History(_ context.Context, limit int, id string) ([]api.HistoryEntry, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []api.HistoryEntry
	for _, e := range a.history {
		if (id == "" || e.RecordID == id) && len(list) < limit {
			list = append(list, e)
		}
	}
	return list, nil
}

func (a *agent) Sent(context.Context) (api.Sent, error) {
	return api.Sent{Schema: api.SentSchema, Reports: []json.RawMessage{}}, nil
}

func (a *agent) Ask(_ context.Context, r api.Request) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wishes = append(a.wishes, r)
	return a.refuse
}

func (a *agent) Coverage(context.Context) ([]api.Coverage, error) { return a.coverage, nil }

func (a *agent) App(_ context.Context, id string) (api.AppPage, bool, error) {
	return api.AppPage{App: api.App{ID: id}}, id == "wechat", nil
}

func (a *agent) Policy(_ context.Context, id string) (api.PolicyPage, bool, error) {
	return api.PolicyPage{ID: id}, id == "US-EO-13971", nil
}

func (a *agent) Doctor(context.Context) (api.Doctor, error) {
	return api.Doctor{At: now, Checks: a.checks}, nil
}

// record makes a record of one copy; evidence is given by its area and user.
func record(id, owner, verdict string, evidence ...api.Evidence) api.Stored {
	return api.Stored{
		Record: api.Record{
			ID: id, App: api.App{ID: "wechat", Name: "WeChat"}, Owner: owner, Verdict: verdict,
			Instances: []api.Instance{{Root: "/opt/" + id, Evidence: evidence}},
		},
		Epoch: "e", Revision: 1, FirstSeen: now, LastSeen: now,
	}
}

func process(user string) api.Evidence {
	return api.Evidence{
		Kind: "process", Value: "wechat", Path: "/opt/wechat/wechat", Area: api.MachineOwner,
		Attributes: map[string]string{"pid": "7", "user": user},
	}
}

func entry(area string) api.Evidence {
	return api.Evidence{Kind: "desktop", Value: "wechat.desktop", Area: area, Attributes: map[string]string{}}
}

// merged is a listener of several sockets: who comes through one is its viewer. It stands in
// for the kernel, since tests run as one user.
type merged struct {
	conns chan net.Conn
	stop  chan struct{}
	once  sync.Once
	under []net.Listener
}

type seen struct {
	net.Conn
	who local.Viewer
}

func (c seen) Account() string               { return c.who.ID }
func (c seen) Viewer() (local.Viewer, error) { return c.who, nil }

func newMerged() *merged { return &merged{conns: make(chan net.Conn), stop: make(chan struct{})} }

func (m *merged) Accept() (net.Conn, error) {
	select {
	case conn := <-m.conns:
		return conn, nil
	case <-m.stop:
		return nil, net.ErrClosed
	}
}

func (m *merged) Close() error {
	m.once.Do(func() {
		close(m.stop)
		for _, l := range m.under {
			l.Close()
		}
	})
	return nil
}

func (m *merged) Addr() net.Addr { return &net.UnixAddr{Name: "merged", Net: "unix"} }

func (m *merged) deliver(conn net.Conn, who local.Viewer) {
	select {
	case m.conns <- seen{conn, who}:
	case <-m.stop:
		conn.Close()
	}
}

// pipe connects in memory, for tests whose time is not real.
func (m *merged) pipe(who local.Viewer) net.Conn {
	client, server := net.Pipe()
	m.deliver(server, who)
	return client
}

// running is a server that runs, and where its users find it.
type running struct {
	*merged
	*agent
	paths map[string]string
	stop  context.CancelFunc
	ended chan error
}

// serve runs a server with a socket for each viewer until the test ends.
func serve(t *testing.T, a *agent, viewers ...local.Viewer) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{newMerged(), a, map[string]string{}, stop, make(chan error, 1)}
	dir := shortDir(t)
	var group sync.WaitGroup
	for _, who := range viewers {
		path := place(dir, who.ID)
		l, err := local.Listen(path)
		if err != nil {
			t.Fatal(err)
		}
		r.under = append(r.under, l)
		r.paths[who.ID] = path
		group.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				r.deliver(conn, who)
			}
		})
	}
	go func() { r.ended <- local.Serve(ctx, r.merged, a) }()
	t.Cleanup(func() {
		stop()
		if err := <-r.ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		r.ended <- nil // a test that ended it has looked itself
		group.Wait()
	})
	return r
}

func (r *running) as(who local.Viewer) *api.Client { return api.NewClient(r.paths[who.ID]) }

// within waits for what a test waits for, and says what that is when it does not come.
func within[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("%s: nothing came", what)
		panic("unreachable")
	}
}

// until polls without sleeping.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

// follow reads a stream in the background and hands its events over.
func follow(t *testing.T, c *api.Client) <-chan api.Event {
	t.Helper()
	events := make(chan api.Event, 4096)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- c.Events(ctx, func(e api.Event) error { events <- e; return nil })
	}()
	t.Cleanup(func() { stop(); <-done })
	return events
}
