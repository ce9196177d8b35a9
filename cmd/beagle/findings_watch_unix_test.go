//go:build !windows

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
)

// watching is a findings --watch that runs, and the lines it prints.
type watching struct {
	t      *testing.T
	out    chan string
	errs   chan string
	stop   context.CancelFunc
	ended  chan error
	follow *follower
}

func watchFindings(t *testing.T, a *fakeAgent, format string) *watching {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &watching{t: t, stop: stop, ended: make(chan error, 1)}
	var out, errs io.Writer
	w.out, out = lineByLine(t)
	w.errs, errs = lineByLine(t)
	var flags agentFlags
	env := Env{Stdout: out, Stderr: errs, Socket: a.path}
	l, err := flags.connect(ctx, env)
	if err != nil {
		t.Fatal(err)
	}
	w.follow = newFollower(l, env, format)
	w.follow.zone = time.UTC
	w.follow.clock = func() time.Time { return now() }
	w.follow.wait = time.Millisecond
	go func() { w.ended <- w.follow.run(ctx) }()
	t.Cleanup(stop)
	return w
}

// lineByLine hands over what is written, line by line.
func lineByLine(t *testing.T) (chan string, io.Writer) {
	t.Helper()
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	list := make(chan string, 100)
	go func() {
		for scanner := bufio.NewScanner(r); scanner.Scan(); {
			list <- scanner.Text()
		}
	}()
	return list, w
}

// next checks the next line of an output.
func (w *watching) next(from chan string, texts ...string) {
	w.t.Helper()
	select {
	case line := <-from:
		for _, text := range texts {
			if !strings.Contains(line, text) {
				w.t.Errorf("got %q, want %q in it", line, text)
			}
		}
	case <-time.After(30 * time.Second):
		w.t.Fatalf("no line came; want %q", texts)
	}
}

// end stops as Ctrl-C does and checks the exit code.
func (w *watching) end(code int) {
	w.t.Helper()
	w.stop()
	err := <-w.ended
	var coded exit
	if got := err != nil && errors.As(err, &coded); !got && code != exitClean || got && coded.code != code {
		w.t.Errorf("ended with %v, want exit code %d", err, code)
	}
}

func TestWatch(t *testing.T) {
	found := single(t, "wps-office", "alice").Records[0]
	found.FirstSeen = now()
	record := func(r api.Stored) api.Event { return api.Event{Kind: api.EventRecord, Record: &r} }
	a := newFakeAgent(t, fine())
	w := watchFindings(t, a, "text")
	w.next(w.out, "nothing was found so far")

	// Given a new record, then a line names it, why, and by which policy.
	a.tell(record(found))
	w.next(w.out, "17:20:30", "new", "PROHIBITED", "WPS Office 金山WPS, of user alice", "running, portable", "in force since 2021-01-05", "(default)")
	// Given that it changes, or that nothing of it does, then only the change is told.
	a.tell(record(found))
	quit := found
	quit.Presence, quit.Revision = []string{"portable"}, 2
	a.tell(record(quit))
	w.next(w.out, "changed", "it is there in another way; portable")
	// Given that it is closed, then with the time of that and why.
	gone := quit
	gone.ClosedAt, gone.ClosedReason, gone.Revision = after(5*time.Second), api.ClosedRemoved, 3
	a.tell(record(gone))
	w.next(w.out, "17:20:35", "gone", "it is not there any more")
	// Given that it comes back, then that is not new.
	back := found
	back.FirstSeen, back.Revision = *before(time.Hour), 4
	a.history = []api.HistoryEntry{{RecordID: back.ID, What: api.RecordChanged}, {RecordID: back.ID, What: api.RecordReopened}}
	a.tell(record(back))
	w.next(w.out, "back", "PROHIBITED")
	w.end(exitProhibited)
}

func TestWatchThroughARestart(t *testing.T) {
	// Given an agent that dies while it is watched, then that is said once,
	s := busy(t)
	s.Summary.Complete = true
	a := newFakeAgent(t, s)
	w := watchFindings(t, a, "text")
	for range s.Records {
		w.next(w.out, "there")
	}
	a.stop()
	w.next(w.errs, "no agent answers", "waiting for it")
	// and what happened meanwhile is told when it is back.
	last := s.Records[len(s.Records)-1]
	gone := s.Records[0]
	gone.ClosedAt, gone.ClosedReason = after(time.Minute), api.ClosedRemoved
	a.mu.Lock()
	a.closed = []api.Stored{gone}
	a.snapshot.Records = s.Records[1 : len(s.Records)-1]
	a.snapshot.Summary = api.Count(a.snapshot.Records, true)
	a.mu.Unlock()
	a.start()
	w.next(w.errs, "answers again")
	w.next(w.out, "17:21:30", "gone", "Tencent QQ", "not there any more")
	w.next(w.out, "gone", appName(&last.App), "it is closed")
	w.end(exitProhibited)
	// Given one that is gone when the watching ends, then nobody knows.
	w = watchFindings(t, a, "text")
	for range s.Records[2:] {
		w.next(w.out, "there")
	}
	a.stop()
	w.next(w.errs, "waiting for it")
	w.end(exitUnreachable)
}

func TestWatchAsJSON(t *testing.T) {
	found := single(t, "wps-office", "alice")
	a := newFakeAgent(t, found)
	w := watchFindings(t, a, "json")
	for _, want := range []string{watchedPresent, api.RecordClosed} {
		var line watched
		if err := json.Unmarshal([]byte(<-w.out), &line); err != nil {
			t.Fatal(err)
		}
		if line.What != want || line.Record.ID != found.Records[0].ID || line.Time.IsZero() {
			t.Errorf("got %s of %q at %v, want %s", line.What, line.Record.ID, line.Time, want)
		}
		gone := found.Records[0]
		gone.ClosedAt, gone.ClosedReason = after(time.Second), api.ClosedRemoved
		a.tell(api.Event{Kind: api.EventRecord, Record: &gone})
	}
	w.end(exitClean)
}

func TestWatchEndsWhenNobodyReads(t *testing.T) {
	// Given a reader that went away, then the watching ends too.
	a := newFakeAgent(t, single(t, "wps-office", "alice"))
	var flags agentFlags
	l, err := flags.connect(t.Context(), Env{Socket: a.path})
	if err != nil {
		t.Fatal(err)
	}
	r, out := io.Pipe()
	r.Close()
	if err := newFollower(l, Env{Stdout: out, Stderr: &bytes.Buffer{}}, "text").run(t.Context()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
}
