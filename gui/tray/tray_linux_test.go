package tray

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

// windowStub puts a program in place of the window, beside where the tray believes to be. It
// tells what it was started with.
func windowStub(t *testing.T) (program string, started <-chan string) {
	t.Helper()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "started")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'" + pipe + "'\n"
	if err := os.WriteFile(filepath.Join(dir, windowProgram), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	// Opened for both, so that neither side waits for the other.
	f, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	lines := make(chan string, 16)
	go func() {
		in := bufio.NewScanner(f)
		for in.Scan() {
			lines <- in.Text()
		}
	}()
	return filepath.Join(dir, "beagle-tray"), lines
}

// words are the menu for a snapshot, for finding items whatever the language.
func words(t *testing.T, s api.Snapshot) map[string]string {
	t.Helper()
	menu := view.NewPrinter("en").Tray(view.Now{At: time.Now(), Connection: view.Live(time.Now()), Snapshot: &s})
	texts := map[string]string{}
	for _, item := range menu.Items {
		texts[item.ID] = label(item.Text)
	}
	return texts
}

func TestTrayOnADesktop(t *testing.T) {
	newBus(t)
	desktop, board := newHost(t), newNoticeboard(t, true)
	agent := newService(t)
	clean, dirty := snapshot(), snapshot(record("r1", "wechat_beta"))
	dirty.Records[0].Presence = []string{"installed", "running"} // which is told at once
	agent.start(t, clean)
	own, started := windowStub(t)
	tray := startTray(t, Options{Socket: agent.path, State: t.TempDir(), Languages: []string{"en"}, Program: own, Patience: time.Hour})

	// Given a tray on a clean machine,
	i := desktop.icon()
	text := words(t, clean)
	i.until("the state of a clean machine", func() bool { return slices.Contains(i.labels(), text[view.ItemState]) })
	lines := i.lines()
	if lines[0].label != text[view.ItemState] || lines[len(lines)-1].label != text[view.ItemQuit] {
		t.Errorf("the menu is %q", i.labels())
	}
	fine := i.picture()

	// when an app appears, icon and menu change and a notification comes;
	found := dirty.Records[0]
	agent.say(t, api.Event{Kind: api.EventRecord, Record: &found})
	finding := words(t, dirty)[view.ItemFinding]
	i.until("the finding", func() bool { return slices.Contains(i.labels(), finding) })
	if !strings.Contains(finding, "wechat__beta") {
		t.Errorf("the finding %q has an underscore that marks a key", finding)
	}
	i.until("another picture", func() bool { return i.picture() != fine })
	note := receive(t, board.posted, "a notification")

	// clicks on either open the window at the finding, others where they belong;
	i.click(finding)
	board.click(t, note.number)
	for range 2 {
		if got, want := receive(t, started, "the window"), "--socket "+agent.path+" --show record:r1"; got != want {
			t.Errorf("the window was started with %q, want %q", got, want)
		}
	}
	for id, page := range map[string]string{view.ItemOpen: "", view.ItemSent: " --show sent", view.ItemAbout: " --show about"} {
		i.click(text[id])
		if got, want := receive(t, started, "the window"), "--socket "+agent.path+page; got != want {
			t.Errorf("%s started the window with %q, want %q", id, got, want)
		}
	}
	i.click(text[view.ItemLook])
	receive(t, agent.scans, "the wish for a look")

	// a panel that starts anew has the icon again;
	desktop.leave()
	i = newHost(t).icon()
	if i.picture() == fine || !slices.Contains(i.labels(), finding) {
		t.Errorf("at the new panel the menu is %q", i.labels())
	}

	// a second start opens the window, and ends;
	second := startTray(t, Options{Socket: agent.path, Languages: []string{"en"}})
	if err := second.cmd.Wait(); err == nil {
		t.Error("a second tray runs beside the first")
	}
	if got, want := receive(t, started, "the window"), "--socket "+agent.path; got != want {
		t.Errorf("a second start opened the window with %q, want %q", got, want)
	}

	// when the app is gone, all is well again; and Quit ends the tray.
	gone, at := found, time.Now()
	gone.ClosedAt, gone.ClosedReason, gone.Revision = &at, api.ClosedRemoved, 2
	agent.say(t, api.Event{Kind: api.EventRecord, Record: &gone})
	i.until("a clean machine", func() bool { return i.labels()[0] == text[view.ItemState] && i.picture() == fine })
	_ = i.press(text[view.ItemQuit]) // it may be gone before it answers
	if err := tray.cmd.Wait(); err != nil {
		t.Errorf("the tray ended with %v", err)
	}
}

func TestServiceStartsAgainTenTimes(t *testing.T) {
	newBus(t)
	desktop := newHost(t)
	agent := newService(t)
	agent.start(t, snapshot())
	tray := startTray(t, Options{Socket: agent.path, Languages: []string{"en"}, Patience: time.Hour})
	i := desktop.icon()
	printer := view.NewPrinter("en")
	fine := printer.State(view.Now{At: time.Now(), Connection: view.Live(time.Now()), Snapshot: new(snapshot())}).Title
	lost := printer.State(view.Now{At: time.Now(), Connection: view.Lost(api.ErrUnreachable, true, time.Now())}).Title
	says := func(what string) { i.until(what, func() bool { return i.labels()[0] == what }) }
	says(fine)
	before := tray.files()
	clean := i.picture()
	for range 10 {
		// When the service is killed, then the machine is not protected, and says so;
		agent.stop(t)
		says(lost)
		i.until("the picture for it", func() bool { return i.picture() != clean })
		// when it starts again, then all is well, without a trace.
		agent.start(t, snapshot())
		says(fine)
	}
	if after := tray.files(); after > before {
		t.Errorf("%d files were open before, %d after", before, after)
	}
}
