//go:build !windows

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"beagle/agent/api"
)

// fakeAgent speaks the local API on a socket, as far as the command line uses it. It stands in
// for an agent where a test must decide what that says and when.
type fakeAgent struct {
	t    *testing.T
	path string

	mu       sync.Mutex
	server   *http.Server
	snapshot api.Snapshot
	closed   []api.Stored
	history  []api.HistoryEntry
	coverage []api.Coverage
	checks   []api.Check
	apps     map[string]api.AppPage
	streams  map[chan api.Event]struct{}
	asked    []api.ScanRequest
	onScan   func(deep bool) // called after a wish was granted
	refusal  *api.Failure
	status   int
	retry    time.Duration
}

// newFakeAgent serves until the test ends.
func newFakeAgent(t *testing.T, s api.Snapshot) *fakeAgent {
	t.Helper()
	return newFakeAgentAt(t, s, filepath.Join(shortDir(t), "s"))
}

// shortDir is a folder for sockets, whose names may not be long.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newFakeAgentAt(t *testing.T, s api.Snapshot, path string) *fakeAgent {
	t.Helper()
	a := &fakeAgent{
		t: t, path: path, snapshot: s, coverage: wholeCoverage(), checks: []api.Check{},
		history: []api.HistoryEntry{}, apps: map[string]api.AppPage{}, streams: map[chan api.Event]struct{}{},
	}
	a.start()
	t.Cleanup(a.stop)
	return a
}

func (a *fakeAgent) start() {
	a.t.Helper()
	l, err := net.Listen("unix", a.path)
	if err != nil {
		a.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/snapshot", func(w http.ResponseWriter, _ *http.Request) { answer(w, a.now()) })
	mux.HandleFunc("GET /v1/coverage", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, api.CoverageList{Coverage: a.coverage})
	})
	mux.HandleFunc("GET /v1/doctor", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, api.Doctor{At: now(), Checks: a.checks})
	})
	mux.HandleFunc("GET /v1/history", a.serveHistory)
	mux.HandleFunc("GET /v1/records/{id}", a.serveRecord)
	mux.HandleFunc("GET /v1/apps/{id}", func(w http.ResponseWriter, r *http.Request) {
		if page, ok := a.apps[r.PathValue("id")]; ok {
			answer(w, page)
			return
		}
		notThere(w)
	})
	mux.HandleFunc("GET /v1/policies/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, api.PolicyPage{ID: r.PathValue("id"), Title: "Title of " + r.PathValue("id")})
	})
	mux.HandleFunc("GET /v1/events", a.serveEvents)
	mux.HandleFunc("POST /v1/scan", a.serveScan)
	server := &http.Server{Handler: mux}
	server.SetKeepAlivesEnabled(false)
	a.mu.Lock()
	a.server = server
	a.mu.Unlock()
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.t.Errorf("fake agent: %v", err)
		}
	}()
}

// stop ends the agent as a kill does: every connection breaks.
func (a *fakeAgent) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.server.Close(); err != nil {
		a.t.Errorf("stop the fake agent: %v", err)
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}

func notThere(w http.ResponseWriter) {
	w.WriteHeader(http.StatusNotFound)
	answer(w, api.Failure{Error: api.Error{Code: api.CodeNotFound, Args: map[string]string{}, Text: "there is no such thing"}})
}

func (a *fakeAgent) now() api.Snapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.snapshot
}

// tell changes the state by an event and sends it to all streams.
func (a *fakeAgent) tell(e api.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.snapshot = a.snapshot.With(e)
	for to := range a.streams {
		to <- e
	}
}

// set replaces the state and sends it to all streams.
func (a *fakeAgent) set(change func(*api.Snapshot)) {
	s := a.now()
	change(&s)
	a.tell(api.Event{Kind: api.EventSnapshot, Snapshot: &s})
}

func (a *fakeAgent) serveHistory(w http.ResponseWriter, r *http.Request) {
	list := []api.HistoryEntry{}
	for _, e := range a.history {
		if id := r.URL.Query().Get("record"); id == "" || id == e.RecordID {
			list = append(list, e)
		}
	}
	answer(w, api.HistoryList{History: list})
}

func (a *fakeAgent) serveRecord(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	all := append(append([]api.Stored{}, a.snapshot.Records...), a.closed...)
	a.mu.Unlock()
	for i := range all {
		if all[i].ID == r.PathValue("id") {
			answer(w, all[i])
			return
		}
	}
	notThere(w)
}

func (a *fakeAgent) serveEvents(w http.ResponseWriter, r *http.Request) {
	events := make(chan api.Event, 100)
	a.mu.Lock()
	s := a.snapshot
	events <- api.Event{Kind: api.EventSnapshot, Snapshot: &s}
	a.streams[events] = struct{}{}
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.streams, events)
	}()
	for {
		select {
		case <-r.Context().Done():
			return
		case e := <-events:
			data, err := json.Marshal(e)
			if err != nil {
				a.t.Errorf("write an event: %v", err)
				return
			}
			fmt.Fprintf(w, "data: %s\n\n", data)
			w.(http.Flusher).Flush()
		}
	}
}

func (a *fakeAgent) serveScan(w http.ResponseWriter, r *http.Request) {
	var request api.ScanRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		a.t.Errorf("read a wish: %v", err)
	}
	a.mu.Lock()
	a.asked = append(a.asked, request)
	refusal, granted := a.refusal, a.onScan
	a.mu.Unlock()
	if refusal != nil {
		if a.retry > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(a.retry.Seconds())))
		}
		w.WriteHeader(a.status)
		answer(w, *refusal)
	} else {
		w.WriteHeader(http.StatusAccepted)
		answer(w, struct{}{})
	}
	if granted != nil {
		go granted(request.Deep)
	}
}

// beagle runs one command line against the agent.
func (a *fakeAgent) beagle(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Main(args, Env{Stdout: &out, Stderr: &errs, Socket: a.path})
	return code, out.String(), errs.String()
}

// wants checks an exit code and that texts are in an output.
func wants(t *testing.T, what string, code, want int, output string, texts ...string) {
	t.Helper()
	if code != want {
		t.Errorf("%s: got exit code %d, want %d\n%s", what, code, want, output)
	}
	for _, text := range texts {
		if !strings.Contains(output, text) {
			t.Errorf("%s: %q is not in\n%s", what, text, output)
		}
	}
}

// leftSocket is a socket whose agent was killed.
func leftSocket(t *testing.T) string {
	t.Helper()
	path := filepath.Join(shortDir(t), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
