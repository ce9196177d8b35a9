//go:build !linux

package watch

import (
	"slices"
	"time"
)

// clock is the system where nothing is told: it waits until it is time to look.
type clock struct {
	l     *loop
	woken chan struct{}
	timer *time.Timer
}

func newSystem(l *loop) (system, error) {
	return &clock{l: l, woken: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}, nil
}

func (c *clock) close() { c.timer.Stop() }

func (c *clock) begin(now time.Time) {
	mode := modeNone
	if slices.Contains(c.l.w.ways, modePolling) {
		mode = modePolling
		c.l.poller = newPoller(c.l, newTable())
		c.l.poller.work(now)
	}
	c.l.setMode(now, subjectProcesses, mode, nil)
}

func (c *clock) nudge() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

func (c *clock) wait(until time.Time) error {
	if until.IsZero() {
		<-c.woken
		return nil
	}
	c.timer.Reset(time.Until(until))
	select {
	case <-c.woken:
	case <-c.timer.C:
	}
	return nil
}

func (*clock) follow(int, string) bool      { return false }
func (*clock) follows(int) (string, bool)   { return "", false }
func (*clock) moved(int, string)            {}
func (*clock) reconsider(time.Time)         {}
func (*clock) folders() (notifier, error)   { return nil, nil }
func (*clock) work(time.Time) (t time.Time) { return t }
