package agent

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"beagle/agent/api"
)

// board shows what is now: one snapshot, and a stream of what changes in it. Whoever writes
// to it waits until every subscriber took the event, which those do at once.
type board struct {
	clock func() time.Time

	sending sync.Mutex // held while a change is made and told, so that all hear the same order

	mu          sync.Mutex // guards what follows
	snapshot    api.Snapshot
	requests    map[string][]api.Request // what people asked, by record
	subscribers map[chan api.Event]context.Context
}

func newBoard(clock func() time.Time, first api.Snapshot) *board {
	return &board{clock: clock, snapshot: first, subscribers: map[chan api.Event]context.Context{}}
}

// Snapshot returns what is now. Nobody changes what it holds afterwards.
func (b *board) Snapshot() api.Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.snapshot
	s.At = b.clock().UTC()
	return s
}

// Subscribe returns all events from now until ctx ends.
func (b *board) Subscribe(ctx context.Context) <-chan api.Event {
	events := make(chan api.Event)
	b.mu.Lock()
	b.subscribers[events] = ctx
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		delete(b.subscribers, events)
		b.mu.Unlock()
	})
	return events
}

// tell makes changes that events say, and sends them on.
func (b *board) tell(events ...api.Event) {
	b.sending.Lock()
	defer b.sending.Unlock()
	b.mu.Lock()
	for _, e := range events {
		b.snapshot = b.snapshot.With(e)
	}
	subscribers := maps.Clone(b.subscribers)
	b.mu.Unlock()
	send(subscribers, events)
}

// set makes a change that no event can say, and sends the whole snapshot.
func (b *board) set(change func(*api.Snapshot)) {
	b.sending.Lock()
	defer b.sending.Unlock()
	b.mu.Lock()
	change(&b.snapshot)
	s := b.snapshot
	s.At = b.clock().UTC()
	subscribers := maps.Clone(b.subscribers)
	b.mu.Unlock()
	send(subscribers, []api.Event{{Kind: api.EventSnapshot, Snapshot: &s}})
}

func send(subscribers map[chan api.Event]context.Context, events []api.Event) {
	for to, ctx := range subscribers {
		for _, e := range events {
			select {
			case to <- e:
			case <-ctx.Done():
			}
		}
	}
}

// maxSingle is how many changes are told one by one; more are told as a new snapshot.
const maxSingle = 100

// records shows the records after a sweep: all that are open, and what became of which.
func (b *board) records(open []api.Stored, changes []api.Change, complete bool) {
	if open == nil {
		open = []api.Stored{} // in JSON none is a list too
	}
	b.mu.Lock()
	open = withRequests(open, b.requests)
	b.mu.Unlock()
	show := func(s *api.Snapshot) {
		s.Records, s.Summary = open, api.Count(open, complete)
	}
	if before := b.Snapshot(); len(changes) > maxSingle || complete != before.Summary.Complete || !lead(before, changes, open) {
		b.set(show)
		return
	}
	b.sending.Lock()
	defer b.sending.Unlock()
	b.mu.Lock()
	show(&b.snapshot) // of records that did not change, when they were last seen may have
	subscribers := maps.Clone(b.subscribers)
	b.mu.Unlock()
	events := make([]api.Event, len(changes))
	for i := range changes {
		changes[i].Record.Requests = b.asked(changes[i].Record.ID)
		events[i] = api.Event{Kind: api.EventRecord, Record: &changes[i].Record}
	}
	send(subscribers, events)
}

// lead reports whether changes lead from what was shown to the records that are open now. They do
// not where a memory began anew.
func lead(before api.Snapshot, changes []api.Change, open []api.Stored) bool {
	for i := range changes {
		before = before.With(api.Event{Kind: api.EventRecord, Record: &changes[i].Record})
	}
	type version struct {
		epoch    string
		revision int64
	}
	shown := map[string]version{}
	for i := range before.Records {
		r := &before.Records[i]
		shown[r.ID] = version{r.Epoch, r.Revision}
	}
	return len(shown) == len(open) && !slices.ContainsFunc(open, func(r api.Stored) bool {
		return shown[r.ID] != version{r.Epoch, r.Revision}
	})
}

// ask shows what people asked about records.
func (b *board) ask(requests map[string][]api.Request) {
	b.set(func(s *api.Snapshot) {
		b.requests = requests
		s.Records = withRequests(s.Records, requests)
	})
}

// asked is what people asked about one record.
func (b *board) asked(record string) []api.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests[record]
}

func withRequests(records []api.Stored, requests map[string][]api.Request) []api.Stored {
	records = slices.Clone(records)
	for i := range records {
		records[i].Requests = requests[records[i].ID]
	}
	return records
}

// activity shows what the agent does, unless it shows that already.
func (b *board) activity(what string) {
	if b.Snapshot().Activity != what {
		b.tell(api.Event{Kind: api.EventActivity, Activity: what})
	}
}
