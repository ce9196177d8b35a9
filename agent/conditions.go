package agent

import (
	"cmp"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"beagle/agent/api"
)

// conditions are what a person should know about the agent itself. One of a kind holds at a
// time, told apart by code and topic; what happened once is shown for a day.
type conditions struct {
	clock func() time.Time
	log   *slog.Logger
	board *board

	mu   sync.Mutex
	held map[topic]held
}

// topic tells conditions of one code apart, such as the reasons for a pause.
type topic struct{ code, about string }

type held struct {
	api.Condition
	until time.Time // zero: until it is cleared
}

// shownFor is how long an event that is over is still shown.
const shownFor = 24 * time.Hour

func newConditions(clock func() time.Time, log *slog.Logger, board *board) *conditions {
	return &conditions{clock: clock, log: log, board: board, held: map[topic]held{}}
}

// set says that a condition holds until it is cleared. One that holds already keeps its time.
func (c *conditions) set(code, severity string, args map[string]string) {
	c.put(topic{code: code}, severity, args, time.Time{})
}

// happened says that something happened once.
func (c *conditions) happened(code, severity string, args map[string]string) {
	c.put(topic{code: code}, severity, args, c.clock().Add(shownFor))
}

// put is set and happened for one of several conditions with the same code.
func (c *conditions) put(t topic, severity string, args map[string]string, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := held{api.Condition{Code: t.code, Severity: severity, Args: orEmpty(args), Since: c.clock().UTC()}, until}
	before, holds := c.held[t]
	if holds && until.IsZero() {
		now.Since = before.Since
	}
	c.held[t] = now
	if holds && before.Severity == severity && maps.Equal(before.Args, now.Args) && before.Since.Equal(now.Since) {
		return
	}
	if !holds {
		c.log.Warn("condition", "code", t.code, "severity", severity)
	}
	c.show()
}

// topics are what conditions of a code are about at present.
func (c *conditions) topics(code string) []topic {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []topic
	for t := range c.held {
		if t.code == code {
			list = append(list, t)
		}
	}
	return list
}

// clear says that a condition holds no more.
func (c *conditions) clear(codes ...string) {
	for _, code := range codes {
		c.drop(topic{code: code})
	}
}

func (c *conditions) drop(t topic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, holds := c.held[t]; !holds {
		return
	}
	delete(c.held, t)
	c.log.Info("condition is over", "code", t.code)
	c.show()
}

// expire forgets what is shown no more. A clock that was set back must not show it for longer.
func (c *conditions) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, now := len(c.held), c.clock()
	for t, h := range c.held {
		if h.until.Sub(now) > shownFor {
			h.until = now.Add(shownFor)
			c.held[t] = h
		}
	}
	maps.DeleteFunc(c.held, func(_ topic, h held) bool { return !h.until.IsZero() && now.After(h.until) })
	if len(c.held) != before {
		c.show()
	}
}

// show puts all conditions on the board, the oldest first.
func (c *conditions) show() {
	list := make([]api.Condition, 0, len(c.held))
	for _, t := range slices.SortedFunc(maps.Keys(c.held), func(a, b topic) int {
		return cmp.Or(c.held[a].Since.Compare(c.held[b].Since), cmp.Compare(a.code, b.code), cmp.Compare(a.about, b.about))
	}) {
		list = append(list, c.held[t].Condition)
	}
	c.board.tell(api.Event{Kind: api.EventConditions, Conditions: list})
}
