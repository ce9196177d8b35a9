//go:build unix

package tray

import (
	"context"
	"runtime"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

// kinds passes on what the icon shows whenever that changes.
type kinds chan view.Kind

func (k kinds) draw(m view.Menu) { k <- m.State.Kind }

// TestRestartsLeaveNothingBehind is about one program that lives through ten services.
func TestRestartsLeaveNothingBehind(t *testing.T) {
	// Given a loop on a real connection,
	service := newService(t)
	service.start(t, snapshot())
	screen := make(kinds, 16)
	r := newRig("")
	r.loop.agent, r.loop.screen = api.NewClient(service.path), screen
	r.loop.pauses = pauses{time.Millisecond, time.Millisecond, time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	r.loop.start()
	go func() {
		defer close(r.finished)
		r.loop.run(ctx)
	}()
	until := func(kind view.Kind) {
		t.Helper()
		end := time.After(10 * time.Second)
		for {
			select {
			case got := <-screen:
				if got == kind {
					return
				}
			case <-end:
				t.Fatalf("the icon does not become %q", kind)
			}
		}
	}
	until(view.KindClean)
	before := runtime.NumGoroutine()
	// when the service is killed and started ten times, then the icon says so each time,
	for range 10 {
		service.stop(t)
		until(view.KindUnprotected)
		service.start(t, snapshot())
		until(view.KindClean)
	}
	// and as many goroutines run as before, once the last ones of the old lines are through.
	waitFor(t, func() bool { return runtime.NumGoroutine() <= before })
	stop()
	<-r.finished
}

// waitFor waits for something that nobody tells of.
func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	end := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-ticker.C:
		case <-end:
			buf := make([]byte, 1<<16)
			t.Fatalf("it did not come to that:\n%s", buf[:runtime.Stack(buf, true)])
		}
	}
}
