package local

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"beagle/agent/api"
)

// Limits of streams. A record's event is a few kilobytes and shared by all queues; a queue
// that is full belongs to a reader that does not read.
const (
	maxStreamsOfUser = 8
	maxStreams       = 256
	maxQueue         = 1024
	streamWriteTime  = 10 * time.Second
)

// hub hands events to all streams without ever waiting for one.
type hub struct {
	mu      sync.Mutex
	streams map[*stream]struct{}
	users   map[string]int
	closed  bool
}

func newHub() *hub { return &hub{streams: map[*stream]struct{}{}, users: map[string]int{}} }

// join opens a stream, or fails where there are too many. To cut it is to call cut.
func (h *hub) join(user string, cut func()) (*stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.streams) >= maxStreams || h.users[user] >= maxStreamsOfUser {
		return nil, &problem{status: http.StatusTooManyRequests, code: api.CodeTooManyStream, retry: heartbeat}
	}
	st := &stream{user: user, cut: cut, wake: make(chan struct{}, 1)}
	h.streams[st] = struct{}{}
	h.users[user]++
	return st, nil
}

func (h *hub) leave(st *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, st)
	if h.users[st.user]--; h.users[st.user] == 0 {
		delete(h.users, st.user)
	}
}

func (h *hub) publish(e api.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for st := range h.streams {
		st.offer(e)
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for st := range h.streams {
		st.cut()
	}
}

// stream is the queue of one reader.
type stream struct {
	user string
	cut  func()        // ends the stream, from any goroutine; it may be called again
	wake chan struct{} // holds one token while something waits in the queue

	mu    sync.Mutex
	queue []api.Event
}

// offer queues an event, and cuts a reader that is too far behind. Of progress only the
// newest waits, so that a fast sweep cuts nobody.
func (st *stream) offer(e api.Event) {
	st.mu.Lock()
	defer st.mu.Unlock()
	last := len(st.queue) - 1
	switch {
	case e.Kind == api.EventProgress && last >= 0 && st.queue[last].Kind == api.EventProgress:
		st.queue[last] = e
	case len(st.queue) >= maxQueue:
		st.cut()
	default:
		st.queue = append(st.queue, e)
	}
	select {
	case st.wake <- struct{}{}:
	default:
	}
}

func (st *stream) take() []api.Event {
	st.mu.Lock()
	defer st.mu.Unlock()
	queue := st.queue
	st.queue = nil
	return queue
}

// events streams to one reader. It subscribes first and takes the snapshot then: what
// happens in between is told twice, not lost.
func (s *server) events(w http.ResponseWriter, r *http.Request, who Viewer) error {
	ctx, cut := context.WithCancel(r.Context())
	defer cut()
	st, err := s.hub.join(who.ID, cut)
	if err != nil {
		return err
	}
	defer s.hub.leave(st)
	out := &eventWriter{w, http.NewResponseController(w)}
	// The time limit of a whole request would end the stream.
	if err := out.control.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("lift the time limit: %w", err)
	}
	// A write that waits for a reader ends when that reader is cut.
	defer context.AfterFunc(ctx, out.abort)()

	w.Header().Set("Content-Type", "text/event-stream")
	snapshot := s.backend.Snapshot()
	broken := out.send(ctx, who, api.Event{Kind: api.EventSnapshot, Snapshot: &snapshot})
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for broken == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			broken = out.write(ctx, []byte(":\n\n"))
		case <-st.wake:
			broken = out.send(ctx, who, st.take()...)
		}
	}
	return nil // there is nobody left to be told
}

// eventWriter writes server-sent events and gives each the same time.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (o *eventWriter) send(ctx context.Context, who Viewer, events ...api.Event) error {
	for _, e := range events {
		shown, some := visibleEvent(e, who)
		if !some {
			continue
		}
		data, err := json.Marshal(shown)
		if err != nil {
			return err
		}
		if err := o.write(ctx, []byte("data: "), data, []byte("\n\n")); err != nil {
			return err
		}
	}
	return nil
}

// write sends the parts at once. The deadline is set before the context is looked at: abort,
// which comes after the end of the context, cannot be overtaken.
func (o *eventWriter) write(ctx context.Context, parts ...[]byte) error {
	if err := o.control.SetWriteDeadline(time.Now().Add(streamWriteTime)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, part := range parts {
		if _, err := o.w.Write(part); err != nil {
			return err
		}
	}
	return o.control.Flush()
}

// abort ends a write under way. Where that fails the connection is closed, and the write with it.
func (o *eventWriter) abort() { _ = o.control.SetWriteDeadline(time.Unix(1, 0)) }
