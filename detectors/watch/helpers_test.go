package watch_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beagle/detectors"
	"beagle/detectors/watch"
)

// patience is how long to wait for something that must happen.
const patience = 60 * time.Second

// watching is a watcher at work and what it told.
type watching struct {
	*watch.Watcher
	t      *testing.T
	cancel context.CancelFunc
	ended  chan error

	mu     sync.Mutex
	events []watch.Event
	more   chan struct{} // closed when something was added
	hold   func()        // if set, called with the next batch
}

// start runs a watcher until the test ends or stop is called, and waits until it has begun.
func start(t *testing.T, w *watch.Watcher) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &watching{Watcher: w, t: t, cancel: cancel, ended: make(chan error, 1), more: make(chan struct{})}
	go func() { s.ended <- w.Run(ctx, s.take) }()
	t.Cleanup(s.stop)
	s.until("the watcher begins", func(events []watch.Event) bool { return len(events) > 0 })
	if first := s.all()[0]; first.Kind != watch.ModeChanged {
		t.Fatalf("the first event is %+v", first)
	}
	return s
}

func (s *watching) take(batch []watch.Event) {
	s.mu.Lock()
	hold := s.hold
	s.hold = nil
	s.mu.Unlock()
	if hold != nil {
		hold()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, batch...)
	close(s.more)
	s.more = make(chan struct{})
}

// stall makes the taking of the next batch wait for release; stalled is closed when it does.
func (s *watching) stall() (stalled <-chan struct{}, release func()) {
	waits, until := make(chan struct{}), make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = func() {
		close(waits)
		<-until
	}
	return waits, sync.OnceFunc(func() { close(until) })
}

func (s *watching) all() []watch.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// until waits until what was told fulfils a condition.
func (s *watching) until(what string, enough func([]watch.Event) bool) {
	s.t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		done, more := enough(s.events), s.more
		count := len(s.events)
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case <-more:
		case err := <-s.ended:
			s.ended <- err
			s.t.Fatalf("%s: the watcher ended after %d events: %v", what, count, err)
		case <-late:
			s.t.Fatalf("%s: not within %v; told: %+v", what, patience, last(s.all(), 20))
		}
	}
}

// told waits for one event of a kind that fits.
func (s *watching) told(what string, fits func(watch.Event) bool) watch.Event {
	s.t.Helper()
	var found watch.Event
	s.until(what, func(events []watch.Event) bool {
		i := slices.IndexFunc(events, fits)
		if i >= 0 {
			found = events[i]
		}
		return i >= 0
	})
	return found
}

func (s *watching) stop() {
	s.cancel()
	select {
	case err := <-s.ended:
		s.ended <- err
		if err != nil {
			s.t.Errorf("the watcher ended with %v", err)
		}
	case <-time.After(patience):
		s.t.Error("the watcher did not end with its context")
	}
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

func liveHost(t *testing.T) *detectors.Host {
	t.Helper()
	host, err := detectors.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// only wants what lies in one folder.
func only(dir string) func(string) bool {
	return func(path string) bool { return strings.HasPrefix(path, dir+"/") }
}

// program starts a program that waits for its input, and returns a function that ends it.
func program(t *testing.T, path string) (pid int, end func()) {
	t.Helper()
	cmd := exec.Command(path)
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		if err := input.Close(); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return cmd.Process.Pid, end
}
