package detectors

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// worktime is the time that a probe may work. It stands still while the probe waits: one that
// is made to go slowly must not run out of time for it.
type worktime struct {
	mu      sync.Mutex
	left    time.Duration
	worked  time.Duration
	began   time.Time // when working went on
	waiting int       // how many of the probe's goroutines wait
	timer   *time.Timer
}

// newWorktime begins to count. When the limit is used up, it calls expired.
func newWorktime(limit time.Duration, expired func()) *worktime {
	return &worktime{left: limit, began: time.Now(), timer: time.AfterFunc(limit, expired)}
}

func (w *worktime) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting++; w.waiting == 1 {
		w.count()
	}
}

func (w *worktime) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting--; w.waiting == 0 {
		w.began = time.Now()
		w.timer.Reset(max(w.left, 0))
	}
}

// stop returns how long the probe worked.
func (w *worktime) stop() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == 0 {
		w.count()
	}
	return w.worked
}

func (w *worktime) count() {
	w.timer.Stop()
	spent := time.Since(w.began)
	w.left -= spent
	w.worked += spent
}

// paceEvery is the shortest time between two calls of [Limits.Pace] by one probe, so that
// probes may count every single thing they look at.
const paceEvery = 20 * time.Millisecond

// rest returns a function that waits as the limits say, from the goroutine that calls it.
func (l *Limits) rest(ctx context.Context, work *worktime) func() {
	if l.Pace == nil {
		return func() {}
	}
	begin := time.Now()
	var next atomic.Int64 // time since begin
	return func() {
		if int64(time.Since(begin)) < next.Load() {
			return
		}
		work.pause()
		l.Pace(ctx)
		work.resume()
		next.Store(int64(time.Since(begin) + paceEvery))
	}
}
