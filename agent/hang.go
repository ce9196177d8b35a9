package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"beagle/detectors"
)

// Whatever touches a disk may hang in the kernel for as long as a dead disk or server likes, as
// when homes lie on one. Nothing that must go on waits for that, and whatever hangs is not
// begun again, since each time would leave one more thread behind.

// hostPatience is how long the machine may take to tell what it is, or what became of what was
// seen on it. It takes milliseconds.
const hostPatience = 30 * time.Second

// errHangs says that a probe has not come to its end in an earlier look.
var errHangs = errors.New("an earlier look at it hangs")

// errNoAnswer says that the machine could not be looked at in time.
var errNoAnswer = errors.New("it does not answer")

// host returns the machine as it is now, or fails if it does not tell soon.
func (a *Agent) host(ctx context.Context) (*detectors.Host, error) {
	type answer struct {
		host *detectors.Host
		err  error
	}
	answers := make(chan answer, 1)
	waiting, cancel := context.WithTimeoutCause(ctx, a.world.patience, errNoAnswer)
	defer cancel()
	select {
	case a.asking <- struct{}{}:
		go func() {
			defer func() { <-a.asking }()
			host, err := a.world.host(ctx)
			answers <- answer{host, err}
		}()
	case <-waiting.Done():
	}
	var got answer
	select {
	case got = <-answers:
	case <-waiting.Done():
		got.err = context.Cause(waiting)
	}
	if got.err != nil {
		return nil, fmt.Errorf("look at this machine: %w", got.err)
	}
	return got.host, nil
}

// working are the probes at work, by name and what they are about.
type working struct {
	mu    sync.Mutex
	names map[string]bool
}

func (w *working) begin(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.names[name] {
		return false
	}
	w.names[name] = true
	return true
}

func (w *working) end(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.names, name)
}

// free returns the probes of a look that do not hang in an earlier one, and notes the others.
// At the end of everything none begins any more: each that hangs would take its time to stop.
func (a *Agent) free(l *look) []detectors.Probe {
	var free []detectors.Probe
	for i, p := range l.probes {
		key := p.Name
		if l.about != nil {
			key += " " + l.about[i]
		}
		if !a.working.begin(key) {
			l.hanging = append(l.hanging, p.Name)
			continue
		}
		work := p.Look
		p.Look = func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
			defer a.working.end(key)
			if ctx.Err() == nil {
				work(ctx, host, out)
			}
		}
		free = append(free, p)
	}
	return free
}
