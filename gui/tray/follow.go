package tray

import (
	"context"
	"errors"
	"time"

	"beagle/agent/api"
)

// agent is what the tray needs of [api.Client].
type agent interface {
	Events(ctx context.Context, take func(api.Event) error) error
	RequestScan(ctx context.Context, deep bool) error
}

// word is one thing heard of the agent: an event, or that the line broke.
type word struct {
	event api.Event
	lost  error
}

// pauses are the times between two attempts to reach the agent.
type pauses struct {
	first time.Duration // after a line that held
	most  time.Duration // to which the time doubles while nobody answers
	wrong time.Duration // after an answer that will hardly change by itself
}

// usualPauses notice a service that starts again within seconds, and ask a machine without one
// so seldom that it costs nothing: an attempt takes some microseconds.
func usualPauses() pauses { return pauses{500 * time.Millisecond, 5 * time.Second, 30 * time.Second} }

// follow passes on what the agent says, and reaches for it again whenever the line breaks,
// until ctx ends.
func follow(ctx context.Context, a agent, p pauses, words chan<- word) {
	pause := p.first
	for {
		err := a.Events(ctx, func(e api.Event) error {
			pause = p.first
			return tell(ctx, words, word{event: e})
		})
		if ctx.Err() != nil || tell(ctx, words, word{lost: err}) != nil {
			return
		}
		timer := time.NewTimer(p.after(err, pause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		pause = min(2*pause, p.most)
	}
}

// after is how long to wait after an error.
func (p pauses) after(err error, pause time.Duration) time.Duration {
	var refusal *api.Refusal
	switch {
	case errors.As(err, &refusal):
		return max(pause, refusal.RetryAfter)
	case errors.Is(err, api.ErrBadAnswer), errors.Is(err, api.ErrUntrusted):
		return p.wrong
	}
	return pause
}

func tell(ctx context.Context, words chan<- word, w word) error {
	select {
	case words <- w:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
