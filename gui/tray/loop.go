package tray

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

// screen draws icon and menu.
type screen interface {
	draw(view.Menu)
}

// loop holds what is known and decides what is shown. One goroutine runs it; everything
// reaches it by a channel, and it draws only what differs.
type loop struct {
	agent   agent
	pauses  pauses
	printer *view.Printer
	viewer  string
	screen  screen
	clicks  <-chan view.Item
	session session
	// open shows a page of the window; found says whether there is a window at all.
	open  func(page string) error
	found func() error
	shelf *shelf
	log   *slog.Logger

	now      view.Now
	notifier *view.Notifier
	memory   memory
	shown    view.Menu
	drawn    bool
	windowed bool
	look     look
	again    *time.Timer // when the notifier wants to be asked anew
	tick     *time.Timer // when time itself may have changed the state
	tidy     *time.Timer // when what was used for a snapshot can be given back
}

// A state can change by time alone: an agent that does not answer for ten seconds, a look
// that is a day late. It is looked at after the first, and then as seldom as nobody notices.
const (
	firstTick = 11 * time.Second
	tickEvery = 30 * time.Minute
)

// tidyAfter is how long after a snapshot its memory is given back to the system: a snapshot is
// large for a moment, and what follows is small.
const tidyAfter = 2 * time.Second

// look is what became of the last wish for a look.
type look struct {
	asking  bool
	refusal string // in words, "" if it was granted
	over    *time.Timer
}

// refusalTime is how long a refusal stands in the menu, unless the agent says when to ask
// again: long enough to open the menu once more and read it.
const refusalTime = 15 * time.Second

// start takes up what was remembered and draws for the first time.
func (l *loop) start() {
	m, err := l.shelf.load()
	if err != nil {
		l.log.Warn("things may be told twice", "error", err)
	}
	l.memory, l.notifier = m, view.NewNotifier(m.Notices)
	l.now = view.Now{At: time.Now(), Connection: view.Connecting(time.Now()), Viewer: l.viewer}
	l.again, l.look.over, l.tidy, l.tick = stopped(), stopped(), stopped(), time.NewTimer(firstTick)
	l.lookForWindow()
	l.draw()
}

// run goes on until ctx ends, the session is over or the reader wants it.
func (l *loop) run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	words, looks := make(chan word), make(chan error, 1)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		follow(ctx, l.agent, l.pauses, words)
	}()
	defer func() {
		stop()
		<-followed
		l.again.Stop()
		l.look.over.Stop()
		l.tick.Stop()
		l.tidy.Stop()
		if l.look.asking {
			<-looks
		}
	}()
	for {
		select {
		case w := <-words:
			l.hear(w)
		case item := <-l.clicks:
			if item.ID == view.ItemQuit {
				return
			}
			l.click(ctx, item, looks)
		case err := <-looks:
			l.answered(err)
		case <-l.look.over.C:
			l.look.refusal = ""
		case record := <-l.session.opened:
			l.show(pageOfRecord(record))
		case <-l.session.called:
			l.show("")
		case <-l.session.bare:
			l.hint()
		case <-l.again.C:
			l.notify()
		case <-l.tick.C:
			l.tick.Reset(tickEvery)
		case <-l.tidy.C:
			debug.FreeOSMemory()
		case <-l.session.ended:
			l.log.Info("the session is over")
			return
		case <-ctx.Done():
			return
		}
		l.draw()
	}
}

// hear takes what the agent said into what is known.
func (l *loop) hear(w word) {
	l.now.At = time.Now()
	if w.lost != nil {
		since := l.now.Connection.Since
		if l.now.Connection.Line == view.LineLive || since.IsZero() {
			since = l.now.At
			l.log.Info("the agent does not answer", "error", w.lost)
		}
		l.now.Connection = view.Lost(w.lost, l.now.Snapshot != nil, since)
		l.notify()
		return
	}
	var before api.Snapshot
	if l.now.Snapshot != nil {
		before = *l.now.Snapshot
	}
	after := before.With(w.event)
	l.now.Snapshot = &after
	if w.event.Kind == api.EventSnapshot {
		if l.now.Connection.Line != view.LineLive {
			l.now.Connection = view.Live(l.now.At)
			l.log.Info("the agent answers", "agent_version", after.AgentVersion)
		}
		l.lookForWindow()
		l.tidy.Reset(tidyAfter)
	}
	// Progress comes four times a second while a look is under way and tells nobody anything.
	if w.event.Kind != api.EventProgress {
		l.notify()
	}
}

func (l *loop) click(ctx context.Context, item view.Item, looks chan<- error) {
	if item.ID != view.ItemLook {
		l.show(pageOf(item))
		return
	}
	if l.look.asking {
		return
	}
	l.look.asking = true
	go func() { looks <- l.agent.RequestScan(ctx, false) }()
}

// answered shows what became of a wish for a look: the stream tells of the look itself, and
// only a refusal needs words.
func (l *loop) answered(err error) {
	l.look.asking, l.look.refusal = false, ""
	l.look.over.Stop()
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	l.log.Info("a look was refused", "error", err)
	l.look.refusal = l.printer.Failure(err)
	wait := refusalTime
	var refusal *api.Refusal
	if errors.As(err, &refusal) && refusal.RetryAfter > 0 {
		wait = refusal.RetryAfter
	}
	l.look.over.Reset(wait)
	// The menu closed with the click, so it is said where it can be seen, too.
	l.say(view.Notification{ID: "look", Urgency: view.UrgencyLow, Title: l.textOf(view.ItemLook), Body: l.look.refusal})
}

// show opens a page of the window.
func (l *loop) show(page string) {
	if err := l.open(page); err != nil {
		l.log.Error("the window does not open", "error", err)
		l.lookForWindow()
	}
}

// lookForWindow finds out whether there is anything that items for the window would open.
func (l *loop) lookForWindow() {
	err := l.found()
	if err != nil && (l.windowed || !l.drawn) {
		l.log.Warn("there is no window to open", "error", err)
	}
	l.windowed = err == nil
}

// notify shows what is due, and sees to it that the notifier is asked again in time.
func (l *loop) notify() {
	l.now.At = time.Now()
	list, again := l.notifier.Next(l.now, l.printer)
	for _, n := range list {
		l.say(n)
	}
	l.again.Stop()
	if !again.IsZero() {
		l.again.Reset(max(time.Until(again), 0))
	}
	l.memory.Notices = l.notifier.Memory()
	l.remember()
}

// hint says once in a lifetime how to get an icon where the desktop shows none.
func (l *loop) hint() {
	if l.memory.Hinted {
		return
	}
	words := l.printer.Words()
	l.say(view.Notification{ID: "hint", Urgency: view.UrgencyLow, Title: words.App, Body: words.TrayHint})
	l.memory.Hinted = true
	l.remember()
}

func (l *loop) say(n view.Notification) {
	if l.session.notices == nil {
		return
	}
	select {
	case l.session.notices <- notice{Notification: n, kind: l.printer.State(l.now).Kind, open: l.textOf(view.ItemOpen)}:
	default:
		l.log.Warn("the desktop takes no notifications")
	}
}

func (l *loop) remember() {
	if err := l.shelf.save(l.memory); err != nil {
		l.log.Warn("things may be told twice", "error", err)
	}
}

func (l *loop) draw() {
	l.now.At = time.Now()
	menu := l.menu()
	if l.drawn && menu.Equal(l.shown) {
		return
	}
	l.screen.draw(menu)
	l.shown, l.drawn = menu, true
}

// menu is that of the view, without what cannot be done now.
func (l *loop) menu() view.Menu {
	menu := l.printer.Tray(l.now)
	menu.Items = slices.Clone(menu.Items)
	for i := range menu.Items {
		item := &menu.Items[i]
		switch item.ID {
		case view.ItemLine, view.ItemQuit:
		case view.ItemLook:
			if l.look.refusal != "" {
				item.Text, item.Enabled = l.look.refusal, false
			}
		default:
			item.Enabled = item.Enabled && l.windowed
		}
	}
	return menu
}

// textOf is the text of an item as the menu has it.
func (l *loop) textOf(id string) string {
	for _, item := range l.printer.Tray(l.now).Items {
		if item.ID == id {
			return item.Text
		}
	}
	return ""
}

// stopped is a timer that waits for its first Reset.
func stopped() *time.Timer {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return timer
}
