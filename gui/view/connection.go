package view

import (
	"errors"
	"time"

	"beagle/agent/api"
)

// Connecting is the line at the start.
func Connecting(since time.Time) Connection {
	return Connection{Line: LineConnecting, Since: since}
}

// Live is the line while the agent answers.
func Live(since time.Time) Connection { return Connection{Line: LineLive, Since: since} }

// Lost is the line after an error of an [api.Client]. Had says that a snapshot came before;
// since is then when the last word came, and otherwise when the line was lost.
func Lost(err error, had bool, since time.Time) Connection {
	c := Connection{Line: LineUnreachable, Since: since, Cause: causeOf(err)}
	if had {
		c.Line = LineStale
	}
	return c
}

func causeOf(err error) Cause {
	var refusal *api.Refusal
	switch {
	case errors.Is(err, api.ErrUntrusted):
		return CauseUntrusted
	case errors.Is(err, api.ErrUnreachable):
		return CauseNoAnswer
	case errors.Is(err, api.ErrBadAnswer):
		return CauseBadAnswer
	case errors.As(err, &refusal):
		return CauseRefused
	}
	return CauseOther
}

// Failure says why something that was asked of the agent did not happen.
func (p *Printer) Failure(err error) string {
	var refusal *api.Refusal
	if !errors.As(err, &refusal) {
		return p.say("failure." + string(causeOf(err)))
	}
	problem := refusal.Problem
	if wait := refusal.RetryAfter; wait > 0 && (problem.Code == api.CodeTooSoon || problem.Code == api.CodeTooManyStream) {
		return p.count("failure.wait", max(int(wait.Round(time.Second)/time.Second), 1))
	}
	if text, ok := p.coded("refused", problem.Code); ok {
		return text
	}
	return p.say("failure.refused", "code", problem.Code)
}
