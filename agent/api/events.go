package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

var (
	errSilent  = fmt.Errorf("silent for %v", silenceTime)
	errTooLong = fmt.Errorf("an event of more than %d bytes", maxAnswer)
)

// Events follows the agent: take gets a snapshot first, then every change, one after the
// other. It returns the error of take as it is, and otherwise never nil: a stream has no end,
// it breaks. Whoever wants to go on calls it again and begins with a new snapshot.
func (c *Client) Events(ctx context.Context, take func(Event) error) error {
	asking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(silenceTime, func() { cancel(errSilent) })
	defer silence.Stop()

	resp, err := c.ask(asking, ctx, http.MethodGet, "/v1/events", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	first := true
	var refused error
	err = readEvents(heard{resp.Body, silence}, maxAnswer, func(data []byte) error {
		event, err := parseEvent(data, first)
		if err != nil {
			refused = err
			return err
		}
		first = false
		refused = take(event)
		return refused
	})
	switch {
	case refused != nil:
		return refused
	case errors.Is(err, errTooLong):
		return fmt.Errorf("%w: %w", ErrBadAnswer, err)
	case errors.Is(context.Cause(asking), errSilent):
		err = errSilent
	}
	return c.broken(ctx, err)
}

func parseEvent(data []byte, first bool) (Event, error) {
	var event Event
	if err := json.Unmarshal(data, &event); err != nil {
		return event, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	if first && event.Kind != EventSnapshot {
		return event, fmt.Errorf("%w: the first event is %.40q, want a snapshot", ErrBadAnswer, event.Kind)
	}
	if event.Kind == EventSnapshot && (event.Snapshot == nil || event.Snapshot.Schema != SnapshotSchema) {
		return event, fmt.Errorf("%w: a snapshot without schema %q", ErrBadAnswer, SnapshotSchema)
	}
	return event, nil
}

// heard runs a timer only while it waits for the other side, so that a slow taker is not
// mistaken for a silent agent.
type heard struct {
	from    io.Reader
	silence *time.Timer
}

func (h heard) Read(p []byte) (int, error) {
	h.silence.Reset(silenceTime)
	defer h.silence.Stop()
	return h.from.Read(p)
}

// readEvents splits a stream of server-sent events and gives the data of each to take, which
// may keep nothing of it. Fields other than data are left out, as are comments
// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream);
// a lone carriage return ends no line, since ours are never written so. It returns the error
// of take, that of the reader, or errTooLong; an end of the stream is an unexpected one.
func readEvents(from io.Reader, limit int, take func(data []byte) error) error {
	in := bufio.NewReader(from)
	var line, data []byte
	some := false
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line)+len(data) > limit {
			return errTooLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		text := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		name, value, _ := bytes.Cut(text, []byte(":"))
		switch {
		case len(text) == 0 && some:
			if err := take(data); err != nil {
				return err
			}
			// A snapshot is large, what follows small: a stream that lives for weeks keeps little.
			data, line, some = nil, nil, false
		case string(name) == "data":
			if some {
				data = append(data, '\n')
			}
			data = append(data, bytes.TrimPrefix(value, []byte(" "))...)
			some = true
		}
		line = line[:0]
	}
}
