package local_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

func TestEvents(t *testing.T) {
	r := serve(t, newAgent(record("m1", api.MachineOwner, api.VerdictProhibited)), alice(), admin())
	mine, all := follow(t, r.as(alice())), follow(t, r.as(admin()))

	// Given streams, then a snapshot comes first,
	var shown, whole api.Snapshot
	for events, into := range map[<-chan api.Event]*api.Snapshot{mine: &shown, all: &whole} {
		e := within(t, "the snapshot", events)
		if e.Kind != api.EventSnapshot {
			t.Fatalf("got %q first, want a snapshot", e.Kind)
		}
		*into = *e.Snapshot
	}

	// and then every change, in order, as far as it may be seen.
	gone := record("m1", api.MachineOwner, api.VerdictProhibited)
	gone.Revision, gone.ClosedAt, gone.ClosedReason = 2, &now, api.ClosedRemoved
	a1, b1 := record("a1", "alice", api.VerdictPending), record("b1", "bob", api.VerdictProhibited)
	told := []api.Event{
		{Kind: api.EventActivity, Activity: "scanning"},
		{Kind: api.EventProgress, Progress: &api.Progress{Probe: "dpkg", Share: 0.5}},
		{Kind: api.EventRecord, Record: &a1},
		{Kind: api.EventRecord, Record: &b1},
		{Kind: api.EventRecord, Record: &gone},
		{Kind: api.EventConditions, Conditions: []api.Condition{{Code: "disk_full"}}},
		{Kind: api.EventActivity, Activity: "idle"},
	}
	for _, e := range told {
		r.tell(e)
	}
	for range len(told) {
		whole = whole.With(within(t, "an event for root", all))
	}
	for range len(told) - 1 {
		shown = shown.With(within(t, "an event for alice", mine))
	}

	// Whoever applies them has what the agent has.
	if got, want := text(t, whole), text(t, r.Snapshot()); got != want {
		t.Errorf("root has\n%s\nwant\n%s", got, want)
	}
	if got, want := text(t, shown), text(t, local.Visible(r.Snapshot(), alice())); got != want {
		t.Errorf("alice has\n%s\nwant\n%s", got, want)
	}
}

func TestStreamLimit(t *testing.T) {
	r := serve(t, newAgent(), alice(), bob())
	// Given as many streams as one user may have,
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	opened, left := make(chan struct{}), make(chan error, 1)
	for i := range local.MaxStreamsOfUser {
		mine := t.Context()
		if i == 0 {
			mine = ctx
		}
		go func() {
			err := r.as(alice()).Events(mine, func(api.Event) error { opened <- struct{}{}; return nil })
			if i == 0 {
				left <- err
			}
		}()
		within(t, "a stream", opened)
	}
	// then one more is refused,
	nothing := func(api.Event) error { return errors.New("an event came") }
	got := refusal(t, r.as(alice()).Events(t.Context(), nothing))
	if got.Status != http.StatusTooManyRequests || got.Problem.Code != api.CodeTooManyStream || got.RetryAfter == 0 {
		t.Errorf("got %+v, want status 429", got)
	}
	// another user has as many,
	within(t, "bob's stream", follow(t, r.as(bob())))
	// and when one ends there is room again.
	leave()
	if err := within(t, "the end of a stream", left); !errors.Is(err, context.Canceled) {
		t.Errorf("left with %v, want %v", err, context.Canceled)
	}
	enough := errors.New("enough")
	until(t, "room for one more", func() bool {
		return errors.Is(r.as(alice()).Events(t.Context(), func(api.Event) error { return enough }), enough)
	})
}

// TestSlowReader has 200 readers that keep up, and one that never reads.
func TestSlowReader(t *testing.T) {
	const users, rounds, slowdown = 25, 40, 30 * time.Second
	mallory := local.Viewer{ID: "666", Owner: "mallory"}
	viewers := []local.Viewer{mallory}
	for i := range users {
		name := fmt.Sprint("user", i)
		viewers = append(viewers, local.Viewer{ID: fmt.Sprint(1000 + i), Owner: name, Account: name})
	}
	r := serve(t, newAgent(), viewers...)

	// Given all streams open, mallory's first,
	slow := dial(t, r, mallory)
	if _, err := io.WriteString(slow, "GET /v1/events HTTP/1.1\r\nHost: beagle\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	var readers []<-chan api.Event
	for _, who := range viewers[1:] {
		for range local.MaxStreamsOfUser {
			readers = append(readers, follow(t, r.as(who)))
		}
	}
	for _, events := range readers {
		within(t, "a snapshot", events)
	}

	// when much happens that mallory alone may see, more than fits into any queue,
	large := record("x", "mallory", api.VerdictProhibited)
	large.Verdicts = []api.Verdict{{Citation: strings.Repeat("x", 32<<10)}}
	for i := range rounds {
		for range 30 {
			r.tell(api.Event{Kind: api.EventRecord, Record: &large})
		}
		// then nobody else waits: what all may see comes to all.
		machine := record(fmt.Sprint("m", i), api.MachineOwner, api.VerdictAllowed)
		sent := time.Now()
		r.tell(api.Event{Kind: api.EventRecord, Record: &machine})
		for _, events := range readers {
			if e := within(t, "an event", events); e.Record == nil || e.Record.ID != machine.ID {
				t.Fatalf("round %d: got %+v, want record %s", i, e, machine.ID)
			}
		}
		// The machine may be busy; ten seconds would be the time limit of mallory's write.
		if took := time.Since(sent); took > local.StreamWriteTime/2 {
			t.Errorf("round %d took %v", i, took)
		}
	}

	// Mallory was cut: what she can still read is what was under way.
	if err := slow.SetReadDeadline(time.Now().Add(slowdown)); err != nil {
		t.Fatal(err)
	}
	if got, err := io.Copy(io.Discard, slow); err != nil || got >= rounds*30*32<<10 {
		t.Errorf("mallory read %d bytes and then got %v, want less than all and the end", got, err)
	}
}
