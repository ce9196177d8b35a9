package tray

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"beagle/agent/api"
)

// service is an agent as far as the tray can see: it streams what the test says and counts
// what it is asked. It can be stopped and started again.
type service struct {
	path   string
	mu     sync.Mutex
	last   []byte // the snapshot, as JSON
	lines  map[chan []byte]bool
	refuse *api.Failure
	scans  chan struct{}
	server *http.Server
	ended  chan struct{}
}

// newService makes a service that does not run yet. Sockets have short paths.
func newService(t *testing.T) *service {
	t.Helper()
	dir, err := os.MkdirTemp("", "tray")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &service{path: filepath.Join(dir, "s"), lines: map[chan []byte]bool{}, scans: make(chan struct{}, 16)}
}

func (s *service) start(t *testing.T, now api.Snapshot) {
	t.Helper()
	s.startRaw(t, encode(t, now))
}

func (s *service) startRaw(t *testing.T, snapshot []byte) {
	t.Helper()
	listener, err := net.Listen("unix", s.path)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/events", s.stream)
	mux.HandleFunc("POST /v1/scan", s.scan)
	s.mu.Lock()
	s.last = snapshot
	s.mu.Unlock()
	server, ended := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}, make(chan struct{})
	s.server, s.ended = server, ended
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { _ = server.Close() })
}

// stop ends the service as a kill does: connections break.
func (s *service) stop(t *testing.T) {
	t.Helper()
	if err := s.server.Close(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
}

// say sends an event to everybody who listens.
func (s *service) say(t *testing.T, e api.Event) {
	t.Helper()
	data := encode(t, e)
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range s.lines {
		line <- data
	}
}

func (s *service) stream(w http.ResponseWriter, r *http.Request) {
	line := make(chan []byte, 64)
	s.mu.Lock()
	first := s.last
	s.lines[line] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.lines, line)
		s.mu.Unlock()
	}()
	data := fmt.Appendf(nil, `{"kind":"snapshot","snapshot":%s}`, first)
	for {
		fmt.Fprintf(w, "data: %s\n\n", data)
		w.(http.Flusher).Flush()
		select {
		case data = <-line:
		case <-r.Context().Done():
			return
		}
	}
}

func (s *service) scan(w http.ResponseWriter, _ *http.Request) {
	s.scans <- struct{}{}
	if s.refuse == nil {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	w.Header().Set("Retry-After", "60")
	w.WriteHeader(http.StatusTooManyRequests)
	_ = json.NewEncoder(w).Encode(s.refuse)
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// script is an agent without a socket, for tests in which time is made up. Each line lasts
// until the test ends it.
type script struct {
	lines  chan scripted
	refuse error
	asked  int
}

type scripted struct {
	events chan api.Event
	end    error
}

// line begins a line on which the test speaks; closing it breaks the line with an error.
func (s *script) line(end error, now api.Snapshot) chan api.Event {
	l := scripted{make(chan api.Event, 16), end}
	l.events <- api.Event{Kind: api.EventSnapshot, Snapshot: &now}
	s.lines <- l
	return l.events
}

func (s *script) Events(ctx context.Context, take func(api.Event) error) error {
	s.asked++
	select {
	case l := <-s.lines:
		for {
			select {
			case e, open := <-l.events:
				if !open {
					return l.end
				}
				if err := take(e); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	case <-ctx.Done():
		return ctx.Err()
	default:
		return fmt.Errorf("%w: nobody there", api.ErrUnreachable)
	}
}

func (s *script) RequestScan(context.Context, bool) error { return s.refuse }

var errBroken = fmt.Errorf("%w: broken", api.ErrUnreachable)

// snapshot is that of a fine machine with these records.
func snapshot(records ...api.Stored) api.Snapshot {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	next := at.Add(24 * time.Hour)
	return api.Snapshot{
		Schema: api.SnapshotSchema, AgentVersion: "0.1.0", CatalogVersion: "1.0.0", CatalogDate: "2026-11-20",
		Host: api.Host{Hostname: "desk", OS: "linux", Root: "/"}, At: at, Privileged: true, Activity: "idle",
		LastSweep: &at, NextSweep: &next, Started: at, Watching: "fanotify", WatchingFiles: "inotify",
		Records: records, Summary: api.Count(records, true),
	}
}

// record is a banned app of the machine.
func record(id, app string) api.Stored {
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	return api.Stored{
		Record: api.Record{
			ID: id, App: api.App{ID: app, Name: app}, Owner: api.MachineOwner, Presence: []string{"installed"}, Confidence: "certain",
			Instances: []api.Instance{{Root: "/opt/" + app, Presence: []string{"installed"}}},
			Verdict:   api.VerdictProhibited,
			Verdicts:  []api.Verdict{{Policy: "default", Verdict: api.VerdictProhibited, Since: "2021-01-05", Reason: api.Reason{Code: "named", Args: map[string]string{"since": "2021-01-05"}}}},
		},
		Epoch: "e", Revision: 1, FirstSeen: at, LastSeen: at,
	}
}
