package window

import (
	"context"
	"sync"
)

// errands are questions to the agent that wait to be asked, by key. A newer one replaces one
// that waits under the same key: of a list through which somebody hurries, only the last
// record is asked for.
type errands struct {
	mu    sync.Mutex
	order []string
	work  map[string]func(context.Context)
	ready chan struct{}
}

func newErrands() *errands {
	return &errands{work: map[string]func(context.Context){}, ready: make(chan struct{}, 1)}
}

func (e *errands) put(key string, run func(context.Context)) {
	e.mu.Lock()
	if _, waits := e.work[key]; !waits {
		e.order = append(e.order, key)
	}
	e.work[key] = run
	e.mu.Unlock()
	e.signal()
}

func (e *errands) signal() {
	select {
	case e.ready <- struct{}{}:
	default:
	}
}

// next returns the oldest errand, nil if none waits.
func (e *errands) next() func(context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.order) == 0 {
		return nil
	}
	key := e.order[0]
	e.order = e.order[1:]
	run := e.work[key]
	delete(e.work, key)
	if len(e.order) > 0 {
		e.signal()
	}
	return run
}

// serve runs errands until ctx ends. It may be called several times, so that one answer that
// takes long holds up no other.
func (e *errands) serve(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-e.ready:
		}
		for run := e.next(); run != nil && ctx.Err() == nil; run = e.next() {
			run(ctx)
		}
	}
}
