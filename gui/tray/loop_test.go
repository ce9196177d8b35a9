package tray

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

// canvas keeps what was drawn.
type canvas struct {
	mu    sync.Mutex
	menus []view.Menu
}

func (c *canvas) draw(m view.Menu) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.menus = append(c.menus, m)
}

func (c *canvas) drawn() []view.Menu {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.menus)
}

func (c *canvas) last() view.Menu {
	drawn := c.drawn()
	return drawn[len(drawn)-1]
}

func (c *canvas) item(t *testing.T, id string) view.Item {
	t.Helper()
	for _, item := range c.last().Items {
		if item.ID == id {
			return item
		}
	}
	t.Fatalf("the menu has no item %q: %+v", id, c.last().Items)
	return view.Item{}
}

// rig is a loop whose surroundings the test plays. It is for bubbles of synctest.
type rig struct {
	*loop
	agent    *script
	canvas   *canvas
	clicks   chan view.Item
	notices  chan notice
	opened   chan string
	called   chan struct{}
	bare     chan struct{}
	ended    chan struct{}
	pages    []string
	windowed error
	finished chan struct{}
	stop     context.CancelFunc
}

func newRig(path string) *rig {
	r := &rig{
		agent: &script{lines: make(chan scripted, 4)}, canvas: &canvas{}, clicks: make(chan view.Item),
		notices: make(chan notice, 16), opened: make(chan string), called: make(chan struct{}), bare: make(chan struct{}),
		ended: make(chan struct{}), finished: make(chan struct{}),
	}
	r.loop = &loop{
		agent: r.agent, pauses: usualPauses(), printer: view.NewPrinter("en").In(time.UTC), screen: r.canvas, clicks: r.clicks,
		session: session{notices: r.notices, opened: r.opened, called: r.called, bare: r.bare, ended: r.ended},
		open: func(page string) error {
			r.pages = append(r.pages, page)
			return r.windowed
		},
		found: func() error { return r.windowed },
		shelf: &shelf{path: path}, log: slog.New(slog.DiscardHandler),
	}
	return r
}

func (r *rig) begin(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	r.loop.start()
	go func() {
		defer close(r.finished)
		r.loop.run(ctx)
	}()
	synctest.Wait()
}

func (r *rig) finish() {
	r.stop()
	<-r.finished
}

func TestIconTellsTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a service that answers,
		r := newRig("")
		line := r.agent.line(errBroken, snapshot())
		r.begin(t)
		defer r.finish()
		// then the icon goes from not knowing to clean.
		if got := r.canvas.drawn()[0].State.Kind; got != view.KindScanning {
			t.Errorf("before anything is known the icon shows %q", got)
		}
		if got := r.canvas.last().State.Kind; got != view.KindClean {
			t.Errorf("with nothing found the icon shows %q", got)
		}
		// When a banned app comes, it says so; when it goes, the machine is clean again.
		found := record("r1", "wechat")
		line <- api.Event{Kind: api.EventRecord, Record: &found}
		synctest.Wait()
		if got := r.canvas.last().State.Kind; got != view.KindProhibited {
			t.Errorf("with a banned app the icon shows %q", got)
		}
		if got := r.canvas.item(t, view.ItemFinding).Record; got != "r1" {
			t.Errorf("the finding in the menu is %q", got)
		}
		gone := found
		at := time.Now()
		gone.ClosedAt, gone.ClosedReason, gone.Revision = &at, api.ClosedRemoved, 2
		line <- api.Event{Kind: api.EventRecord, Record: &gone}
		synctest.Wait()
		if got := r.canvas.last().State.Kind; got != view.KindClean {
			t.Errorf("after its removal the icon shows %q", got)
		}
		// When the line breaks, nobody protects; soon after the service is back, all is well.
		close(line)
		synctest.Wait()
		if got := r.canvas.last().State.Kind; got != view.KindUnprotected {
			t.Errorf("without a service the icon shows %q", got)
		}
		r.agent.line(errBroken, snapshot())
		pass(time.Second)
		if got := r.canvas.last().State.Kind; got != view.KindClean {
			t.Errorf("with the service back the icon shows %q", got)
		}
	})
}

// pass lets made-up time go by and everything happen that is due.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestNothingIsDrawnTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig("")
		line := r.agent.line(errBroken, snapshot())
		r.begin(t)
		defer r.finish()
		before := len(r.canvas.drawn())
		// When the service says what is known, and an hour passes,
		found := snapshot()
		for range 10 {
			line <- api.Event{Kind: api.EventSnapshot, Snapshot: &found}
			line <- api.Event{Kind: api.EventConditions}
			synctest.Wait()
		}
		pass(time.Hour)
		// then nothing is drawn; and a service that stays away is drawn once.
		if got := len(r.canvas.drawn()) - before; got != 0 {
			t.Errorf("drawn %d times, though nothing changed: %+v", got, r.canvas.drawn()[before:])
		}
		close(line)
		pass(time.Hour)
		if got := len(r.canvas.drawn()) - before; got != 1 {
			t.Errorf("a service that is away was drawn %d times, want once", got)
		}
		if r.agent.asked > 800 {
			t.Errorf("asked %d times in an hour", r.agent.asked)
		}
	})
}

func TestRefusedLookIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a service that was asked for looks too often,
		r := newRig("")
		r.agent.refuse = &api.Refusal{Status: 429, Problem: api.Error{Code: api.CodeTooSoon, Args: map[string]string{"seconds": "60"}}, RetryAfter: time.Minute}
		r.agent.line(errBroken, snapshot())
		r.begin(t)
		defer r.finish()
		usual := r.canvas.item(t, view.ItemLook)
		// when a look is asked for, the menu says why there is none, and so does a notice;
		r.clicks <- usual
		synctest.Wait()
		refused := r.canvas.item(t, view.ItemLook)
		if want := r.printer.Failure(r.agent.refuse); refused.Text != want || refused.Enabled {
			t.Errorf("the item is %+v, want the text %q and to be disabled", refused, want)
		}
		if n := <-r.notices; n.Body != refused.Text || n.Title != usual.Text {
			t.Errorf("the notice says %+v", n)
		}
		// after as long as the service said, it can be asked again, with success.
		pass(time.Minute)
		if got := r.canvas.item(t, view.ItemLook); got != usual {
			t.Errorf("later the item is %+v, want %+v", got, usual)
		}
		r.agent.refuse = nil
		r.clicks <- usual
		synctest.Wait()
		if got := r.canvas.item(t, view.ItemLook); got != usual || len(r.notices) > 0 {
			t.Errorf("a look that was granted left %+v and %d notices", got, len(r.notices))
		}
	})
}

func TestWhatOpensTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig("")
		r.agent.line(errBroken, snapshot(record("r1", "wechat")))
		r.begin(t)
		defer r.finish()
		// When everything is clicked that opens the window,
		for _, id := range []string{view.ItemState, view.ItemFinding, view.ItemOpen, view.ItemSent, view.ItemAbout} {
			r.clicks <- r.canvas.item(t, id)
		}
		r.opened <- "r2"
		r.opened <- ""
		r.called <- struct{}{}
		synctest.Wait()
		// then it opens at the page that belongs to it.
		want := []string{"", "record:r1", "", "sent", "about", "record:r2", "", ""}
		if !slices.Equal(r.pages, want) {
			t.Errorf("opened %q, want %q", r.pages, want)
		}
		// Quit ends the tray.
		r.clicks <- r.canvas.item(t, view.ItemQuit)
		<-r.finished
	})
}

func TestWithoutWindowNoItemPretends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a machine on which the window is not installed,
		r := newRig("")
		r.windowed = errors.New("not found")
		r.agent.line(errBroken, snapshot(record("r1", "wechat")))
		r.begin(t)
		defer r.finish()
		// then only what needs none can be clicked.
		for _, item := range r.canvas.last().Items {
			if can := item.ID == view.ItemLook || item.ID == view.ItemQuit; item.ID != view.ItemLine && item.Enabled != can {
				t.Errorf("item %q: enabled %v, want %v", item.ID, item.Enabled, can)
			}
		}
	})
}

func TestHintComesOnceInALifetime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "tray.json")
	for round, want := range []int{1, 0} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(path)
			r.begin(t)
			defer r.finish()
			r.bare <- struct{}{}
			synctest.Wait()
			if got := len(r.notices); got != want {
				t.Errorf("run %d: %d notices, want %d", round, got, want)
			}
			if want == 1 {
				if n := <-r.notices; n.Body != r.printer.Words().TrayHint || n.Body == "" {
					t.Errorf("the hint says %+v", n)
				}
			}
		})
	}
}

func TestFindingsAreToldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tray.json")
	for round, want := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			// Given a tray that starts with a clean machine on which an app appears,
			r := newRig(path)
			line := r.agent.line(errBroken, snapshot())
			r.begin(t)
			defer r.finish()
			found := record("r1", "wechat")
			line <- api.Event{Kind: api.EventRecord, Record: &found}
			pass(time.Hour)
			// then it is told, but not again in the next session.
			if got := len(r.notices) > 0; got != want {
				t.Errorf("session %d: %d notices, want any: %v", round, len(r.notices), want)
			}
			if want {
				if n := <-r.notices; n.Record != "r1" {
					t.Errorf("the notice opens %q, want r1: %+v", n.Record, n)
				}
			}
		})
	}
}

func TestEndOfTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig("")
		r.begin(t)
		close(r.ended)
		<-r.finished
		r.stop()
	})
}

func TestStrangeAnswers(t *testing.T) {
	later := snapshot(record("r1", "wechat"))
	later.Activity, later.Records[0].Verdict, later.Records[0].Presence = "meditating", "frowned_upon", []string{"teleported"}
	many := snapshot()
	for i := range 10_000 {
		many.Records = append(many.Records, record("r"+strconv.Itoa(i), "app"+strconv.Itoa(i)))
	}
	rude := snapshot(record("r2", "a\x1b[31m\u202egpj\n\x00"))
	for name, strange := range map[string]api.Snapshot{
		"nothing but a schema": {Schema: api.SnapshotSchema},
		"unknown words":        later,
		"control characters":   rude,
		"ten thousand":         many,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig("")
				line := r.agent.line(errBroken, strange)
				r.begin(t)
				defer r.finish()
				line <- api.Event{Kind: "prophecy"}
				line <- api.Event{Kind: api.EventRecord}
				line <- api.Event{Kind: api.EventProgress}
				synctest.Wait()
				if n := len(r.canvas.last().Items); n > 14 {
					t.Errorf("the menu has %d items", n)
				}
				for _, item := range r.canvas.last().Items {
					if strings.ContainsAny(item.Text, "\x1b\u202e\n\x00") {
						t.Errorf("item %q shows %q", item.ID, item.Text)
					}
				}
			})
		})
	}
}
