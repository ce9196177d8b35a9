package tray

import (
	"context"
	"errors"
	"testing"
	"time"

	"beagle/gui/view"
)

// newSession joins the bus as the tray does.
func newSession(t *testing.T, patience time.Duration) session {
	t.Helper()
	s, err := openSession(t.Context(), Options{Patience: patience, Log: quietLog()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return s
}

func message(id, title, body, record string, urgency view.Urgency) notice {
	return notice{Notification: view.Notification{ID: id, Title: title, Body: body, Record: record, Urgency: urgency}, kind: view.KindProhibited, open: "Open"}
}

func TestNotificationsAreShownMergedAndClicked(t *testing.T) {
	newBus(t)
	board := newNoticeboard(t, true)
	s := newSession(t, time.Hour)

	// When something is to be told, then it is shown with all that belongs to it.
	s.notices <- message("a", "A banned app", "WeChat <b>&amp; more</b>", "r1", view.UrgencyHigh)
	first := receive(t, board.posted, "a notification")
	if first.App != "Beagle" || first.Icon != "beagle" || first.Title != "A banned app" || first.Urgency != 2 || first.PictureSize != 48 || first.Replaces != 0 {
		t.Errorf("shown: %+v", first)
	}
	if want := "WeChat &lt;b&gt;&amp;amp; more&lt;/b&gt;"; first.Body != want {
		t.Errorf("text for a service that reads marks: %q, want %q", first.Body, want)
	}
	if len(first.Actions) != 2 || first.Actions[0] != "default" || first.Actions[1] != "Open" {
		t.Errorf("actions: %q", first.Actions)
	}
	// The next with its ID takes its place, another stands beside it.
	s.notices <- message("a", "Two banned apps", "", "", view.UrgencyNormal)
	second := receive(t, board.posted, "a notification")
	s.notices <- message("b", "Gone", "", "r2", view.UrgencyLow)
	third := receive(t, board.posted, "a notification")
	if second.Replaces != first.number || third.Replaces != 0 || second.Urgency != 1 || third.Urgency != 0 {
		t.Errorf("replaced %d and %d, want %d and 0", second.Replaces, third.Replaces, first.number)
	}
	// A click opens what it is about, whatever others do with theirs.
	board.click(t, 7)
	board.click(t, third.number)
	if got := receive(t, s.opened, "a click"); got != "r2" {
		t.Errorf("the click opens %q, want r2", got)
	}
	// What was dismissed is not replaced.
	board.dismiss(t, second.number)
	board.click(t, third.number)
	receive(t, s.opened, "a click")
	s.notices <- message("a", "Three", "", "", view.UrgencyNormal)
	if again := receive(t, board.posted, "a notification"); again.Replaces != 0 {
		t.Errorf("replaces %d, which was dismissed", again.Replaces)
	}
}

func TestNotificationsWaitForTheirService(t *testing.T) {
	// Given a desktop whose notification service comes late and takes no marks,
	newBus(t)
	s := newSession(t, time.Hour)
	s.notices <- message("a", "Early", "1 < 2", "r1", view.UrgencyNormal)
	s.notices <- message("b", "Later", "", "", view.UrgencyNormal)
	// when it comes, then it is told what waited, as it is.
	board := newNoticeboard(t, false)
	got := receive(t, board.posted, "what waited")
	if got.Title != "Early" || got.Body != "1 < 2" {
		t.Errorf("shown: %+v", got)
	}
	// When it is replaced by another, nothing of the old one is taken for the new one's.
	later := receive(t, board.posted, "what waited")
	board.click(t, later.number)
	receive(t, s.opened, "a click")
	leave(t, board.conn, notifyName)
	other := newNoticeboard(t, false)
	s.notices <- message("a", "Anew", "", "r9", view.UrgencyNormal)
	anew := receive(t, other.posted, "a notification")
	if anew.Replaces != 0 {
		t.Errorf("replaces number %d of another service", anew.Replaces)
	}
	other.click(t, anew.number)
	if got := receive(t, s.opened, "a click"); got != "r9" {
		t.Errorf("the click opens %q, want r9", got)
	}
}

func TestSecondStartCallsTheFirst(t *testing.T) {
	newBus(t)
	first := newSession(t, time.Hour)
	// When the program starts once more, then it ends and the first is called.
	_, err := openSession(t.Context(), Options{Patience: time.Hour, Log: quietLog()})
	if !errors.Is(err, ErrSecond) {
		t.Fatalf("a second start: %v, want ErrSecond", err)
	}
	receive(t, first.called, "the call")
	// When the first ended, there is room for another.
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	newSession(t, time.Hour)
}

func TestDesktopWithoutTray(t *testing.T) {
	newBus(t)
	receive(t, newSession(t, time.Millisecond).bare, "word that there is no tray")
}

func TestWithoutDesktop(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	_, err := openSession(context.Background(), Options{Log: quietLog()})
	if err == nil || errors.Is(err, ErrSecond) {
		t.Errorf("without a session bus: %v", err)
	}
}
