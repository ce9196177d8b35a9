package watch

import (
	"errors"
	"testing"
	"time"

	"beagle/detectors"
)

func TestAWayThatBreaks(t *testing.T) {
	// Given starts are told by fanotify, and polling is left,
	host, err := detectors.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := newLoop(New(host, Options{}).Only(modeFanotify, modePolling), nil)
	sys, err := newSystem(l)
	if err != nil {
		t.Fatal(err)
	}
	defer sys.close()
	l.system = sys
	l.places = newPlaces(l)
	k, now := sys.(*kernel), time.Now()
	k.begin(now)
	if k.fanotify == nil {
		t.Skip("needs fanotify")
	}
	l.begun = true
	// when it fails, then polling goes on, that is told with the reason, and that something may
	// have been missed.
	k.broke(now, errors.New("it broke"))
	l.work(now)
	mode, _ := l.w.Mode()
	if mode != modePolling || l.poller == nil || l.poller.only != nil || k.starts != nil {
		t.Errorf("mode %q, poller %+v, starts %v", mode, l.poller, k.starts)
	}
	told := map[Kind]*detectors.Problem{}
	for _, ev := range l.batch {
		told[ev.Kind] = ev.Problem
	}
	if why := told[ModeChanged]; why == nil || why.Code != CodeFallback || why.Text != "it broke" {
		t.Errorf("the reason: %+v", why)
	}
	if lost := told[Lost]; lost == nil || lost.Code != CodeFailed || lost.Args["source"] != modeFanotify {
		t.Errorf("the loss: %+v", lost)
	}
	// Polling has nothing after it.
	if l.lost[CodeFailed+modeFanotify].problem != nil {
		t.Error("the loss would be told twice")
	}
}

func TestLossesAreToldNowAndThen(t *testing.T) {
	// Given losses of one kind that follow each other, and one of another kind,
	l := newLoop(New(&detectors.Host{}, Options{}), nil)
	l.system, l.places = &kernel{}, &places{l: l, notify: deaf{}, nextArm: time.Unix(1<<40, 0)}
	now := time.Unix(1000, 0)
	count := func(code string) (n int) {
		for _, ev := range l.batch {
			if ev.Kind == Lost && ev.Problem.Code == code {
				n++
			}
		}
		return n
	}
	for range 30 {
		l.lose(detectors.Problem{Code: CodeOverflow})
		l.lose(detectors.Problem{Code: CodeFailed})
		l.work(now)
		now = now.Add(lostEvery / 10)
	}
	// then each kind is told at once, and then once a second.
	if a, b := count(CodeOverflow), count(CodeFailed); a != 3 || b != 3 {
		t.Errorf("told %d and %d times", a, b)
	}
	// And the last ones are told as well.
	l.work(now.Add(lostEvery))
	if a, b := count(CodeOverflow), count(CodeFailed); a != 4 || b != 4 {
		t.Errorf("told %d and %d times in the end", a, b)
	}
}
