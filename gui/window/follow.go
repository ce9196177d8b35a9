package window

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"beagle/agent/api"
	"beagle/gui/view"
)

// How long to wait before the agent is tried again, at first and at most. Whoever looks at the
// window waits for it.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// ageTime is how often sentences are renewed that say how long ago something was.
const ageTime = 30 * time.Second

// askers is how many questions may be under way at once.
const askers = 3

// frame is everything that an event changes, finished for drawing.
type frame struct {
	now    view.Now
	header view.Header
	list   *view.List // nil: as it was
	// What the list was made for.
	filter view.Filter
	query  string
	// fresh says that the agent was connected anew, so that what was asked before may be old.
	fresh bool
	ended bool // a look ended
}

// Run follows the agent until ctx ends, and returns its cause. The window shows what is known
// meanwhile, also without a connection.
func (w *Window) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.follow(ctx) })
	group.Go(func() error { return w.renew(ctx) })
	for range askers {
		group.Go(func() error { return w.errands.serve(ctx) })
	}
	return group.Wait()
}

// renew draws ages again while nothing happens.
func (w *Window) renew(ctx context.Context) error {
	ticker := time.NewTicker(ageTime)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
			w.c.Do(func() {
				w.header.show(w.c.Printer.Header(w.at()))
				w.shell.Refresh()
			})
		}
	}
}

// follow listens to the agent and connects again whenever the line breaks.
func (w *Window) follow(ctx context.Context) error {
	l := &listener{window: w, now: view.Now{Viewer: w.c.Viewer, OS: w.c.OS}}
	wait := firstRetry
	for {
		began := w.c.Now()
		err := w.c.Service.Events(ctx, func(e api.Event) error { l.take(e); return nil })
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if l.heard {
			wait = firstRetry
		}
		l.lost(err, began)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
		wait = min(2*wait, lastRetry)
	}
}

// listener turns events into frames. It belongs to the goroutine that follows, apart from
// what waits to be drawn.
type listener struct {
	window *Window
	now    view.Now
	heard  bool      // since the last connection broke
	last   time.Time // when the last word came

	mu      sync.Mutex
	waiting *frame // not drawn yet; a newer one replaces it
}

func (l *listener) take(e api.Event) {
	now := l.window.c.Now()
	fresh := !l.heard
	if fresh {
		l.now.Connection = view.Live(now)
	}
	l.heard, l.last = true, now
	var before api.Snapshot
	if l.now.Snapshot != nil {
		before = *l.now.Snapshot
	}
	after := before.With(e)
	l.now.Snapshot = &after
	l.post(frame{now: l.now, fresh: fresh, ended: before.Activity == activityScanning && after.Activity != activityScanning}, e.Kind != api.EventProgress)
}

// aside is what the toolkit's thread knows and whoever makes a frame needs. It is replaced as
// a whole and never changed.
type aside struct {
	filter   view.Filter
	query    string
	coverage []api.Coverage
	apps     map[string]api.AppPage
}

// publish tells those who make frames what the toolkit's thread knows now.
func (w *Window) publish() {
	filter, query := w.findings.wish()
	w.side.Store(&aside{filter, query, w.now.Coverage, w.now.Apps})
}

// activityScanning is the activity while a look is under way.
const activityScanning = "scanning"

func (l *listener) lost(err error, began time.Time) {
	if err == nil {
		err = errors.New("the stream ended") // which a client never says
	}
	since := began
	if !l.last.IsZero() {
		since = l.last
	}
	l.heard = false
	if l.now.Connection.Line == view.LineLive || l.now.Connection.Line == "" || l.now.Connection.Cause != view.Lost(err, false, since).Cause {
		l.now.Connection = view.Lost(err, l.now.Snapshot != nil, since)
	}
	l.post(frame{now: l.now}, true)
}

// post hands a frame to the toolkit's thread. While one waits there, its place is taken: a
// burst of events is drawn once.
func (l *listener) post(f frame, list bool) {
	side := l.window.side.Load()
	f.filter, f.query, f.now.Coverage, f.now.Apps = side.filter, side.query, side.coverage, side.apps
	f = l.window.complete(f, list)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting != nil {
		f.fresh = f.fresh || l.waiting.fresh
		f.ended = f.ended || l.waiting.ended
		if f.list == nil {
			f.list, f.filter, f.query = l.waiting.list, l.waiting.filter, l.waiting.query
		}
		l.waiting = &f
		return
	}
	l.waiting = &f
	l.window.c.Do(func() {
		l.mu.Lock()
		f := *l.waiting
		l.waiting = nil
		l.mu.Unlock()
		l.window.draw(f)
	})
}

// frameOf finishes a frame for a filter and a query.
func (w *Window) frameOf(n view.Now, f view.Filter, query string) frame {
	return w.complete(frame{now: n, filter: f, query: query}, true)
}

func (w *Window) complete(f frame, list bool) frame {
	n := f.now
	n.At = w.c.Now()
	f.header = w.c.Printer.Header(n)
	if list {
		l := w.c.Printer.Findings(n, f.filter, f.query)
		f.list = &l
	}
	return f
}

// draw shows a frame. It runs on the toolkit's thread.
func (w *Window) draw(f frame) {
	before := w.now.Snapshot
	w.now.Connection, w.now.Snapshot = f.now.Connection, f.now.Snapshot
	w.header.show(f.header)
	if f.list != nil {
		if filter, query := w.findings.wish(); filter == f.filter && query == f.query {
			w.findings.show(*f.list)
		} else {
			w.search(filter, query) // somebody typed meanwhile
		}
		w.drawRecord(before)
		w.pair.alone = w.findings.bare
	}
	if f.fresh || f.ended {
		w.askCoverage()
		w.askApps()
		w.askReporting()
		if w.tabs.at == tabHistory {
			w.askHistory()
		}
	}
	if f.list != nil || f.ended {
		w.drawPage()
	}
	// Not the whole content: everything that changed was refreshed, and the rest would be drawn
	// anew for nothing, many times a second while a look is under way.
	w.shell.Refresh()
}
