package view

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// How a notifier keeps from being a nuisance.
const (
	// gather is how long what was found waits for more: a look finds things one by one.
	gather = 2 * time.Second
	// quiet is the least time between two notifications that are not urgent.
	quiet = 30 * time.Second
	// quickest is the least time between two about apps that run.
	quickest = 5 * time.Second
	// quietRun is how long it is not said again that the same app runs: one may restart itself.
	quietRun = 30 * time.Minute
)

// Memory is what a [Notifier] told already. Kept as JSON between two runs, it lets a reader hear
// of what came while nobody was logged in, and of nothing twice.
type Memory struct {
	Records map[string]Told `json:"records"` // by id of the record
}

// Told is one banned app that the reader knows of.
type Told struct {
	App     string    `json:"app"`
	Running bool      `json:"running"`
	Ran     time.Time `json:"ran"` // when it was last told that it runs
}

type news struct{ id, app string }

// Notifier decides what to tell the reader, and when: at once where a banned app runs,
// otherwise gathered, many as one, with pauses between. It has no clock of its own.
type Notifier struct {
	known map[string]Told

	ran                []news // to be told at once
	found, gone, freed []news // to be told soon
	waiting            time.Time
	lastRan, lastRest  time.Time
}

// NewNotifier goes on where a memory ended. Without one, everything is news.
func NewNotifier(m Memory) *Notifier {
	n := &Notifier{known: maps.Clone(m.Records)}
	if n.known == nil {
		n.known = map[string]Told{}
	}
	return n
}

// Memory is what to keep between two runs. What is still to be told is not in it.
func (n *Notifier) Memory() Memory {
	told := maps.Clone(n.known)
	for _, queue := range [][]news{n.ran, n.found} {
		for _, item := range queue {
			delete(told, item.id)
		}
	}
	for _, queue := range [][]news{n.gone, n.freed} {
		for _, item := range queue {
			told[item.id] = Told{App: item.app}
		}
	}
	return Memory{told}
}

// Next takes what is known now and returns what to show at once. Again is when to ask once
// more even if nothing changes; zero means not before something does. A lost connection brings
// no news.
func (n *Notifier) Next(now Now, p *Printer) (list []Notification, again time.Time) {
	now.At = now.now()
	if now.Connection.Line == LineLive && now.Snapshot != nil {
		n.compare(&now)
	}
	if len(n.ran) > 0 {
		if due := later(now.At, n.lastRan, quickest); due.After(now.At) {
			again = due
		} else {
			list = n.tellRunning(&now, p)
			n.lastRan = now.At
		}
	}
	if len(n.found)+len(n.gone)+len(n.freed) == 0 {
		n.waiting = time.Time{}
		return list, again
	}
	if n.waiting.IsZero() || n.waiting.After(now.At) {
		n.waiting = now.At
	}
	due := later(now.At, n.lastRest, quiet)
	if gathered := n.waiting.Add(gather); gathered.After(due) {
		due = gathered
	}
	if due.After(now.At) {
		if again.IsZero() || due.Before(again) {
			again = due
		}
		return list, again
	}
	list = append(list, n.tellRest(&now, p)...)
	n.lastRest, n.waiting = now.At, time.Time{}
	return list, again
}

// later is the end of a pause that began at last, now if it is over. A last in the future was
// noted before the clock was set back, and is no pause.
func later(now, last time.Time, pause time.Duration) time.Time {
	if last.IsZero() || last.After(now) {
		return now
	}
	return last.Add(pause)
}

// since is how long ago something was; for ever if it never was or the clock was set back.
func since(now, then time.Time) time.Duration {
	if then.IsZero() || then.After(now) {
		return quietRun
	}
	return now.Sub(then)
}

func hasNews(list []news, id string) bool {
	return slices.ContainsFunc(list, func(n news) bool { return n.id == id })
}

func without(list []news, id string) []news {
	return slices.DeleteFunc(list, func(n news) bool { return n.id == id })
}

func compareNews(a, b news) int { return strings.Compare(a.app+"\n"+a.id, b.app+"\n"+b.id) }
