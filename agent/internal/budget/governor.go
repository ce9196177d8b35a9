package budget

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// How often the governor looks.
const (
	idleEvery = time.Minute // no sweep runs
	workEvery = 5 * time.Second
	waitEvery = 30 * time.Second // all sweeps wait for power: looking must not drain the battery
)

// Governor decides when sweeps have to wait. [Governor.Run] must run for them to go on.
type Governor struct {
	sources Sources
	poke    chan struct{} // asks for a look; holds one
	used    atomic.Int64  // the last reading of CPU

	mu      sync.Mutex
	limits  Limits
	heap    int64 // the memory limit that Go had, 0 while Run does not run
	tasks   map[*Task]bool
	turn    chan struct{} // closed when another decision is made
	meter   meter
	verdict verdict
	thread  error // why the last deep sweep got no idle thread
	state   State
}

// New returns a governor. [Live] returns this machine's sources.
func New(limits Limits, sources Sources) *Governor {
	return &Governor{
		sources: sources, poke: make(chan struct{}, 1), limits: limits,
		tasks: map[*Task]bool{}, turn: make(chan struct{}),
	}
}

// SetLimits changes the limits, also while sweeps run.
func (g *Governor) SetLimits(limits Limits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limits = limits
	if g.heap != 0 {
		limitHeap(limits.Memory, g.heap)
	}
	g.lookSoon()
}

// State returns what was last measured and decided. The figures are up to a minute old.
func (g *Governor) State() State {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state
}

// Run measures and decides until ctx ends, and returns nil then. It calls changed, which may be
// nil, from its own goroutine when a decision changed, not for mere figures.
func (g *Governor) Run(ctx context.Context, changed func(State)) error {
	g.begin()
	defer g.end()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var told State
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.poke:
		case <-timer.C:
		}
		next := g.look()
		if state := g.State(); !state.sameDecision(&told) {
			told = state
			if changed != nil {
				changed(state)
			}
		}
		timer.Reset(next)
	}
}

func (g *Governor) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heap = debug.SetMemoryLimit(-1)
	limitHeap(g.limits.Memory, g.heap)
}

func (g *Governor) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	debug.SetMemoryLimit(g.heap)
	g.heap = 0
}

// lookSoon asks for a look out of turn.
func (g *Governor) lookSoon() {
	select {
	case g.poke <- struct{}{}:
	default: // somebody asked already
	}
}

// look measures, decides, and says when to look again.
func (g *Governor) look() time.Duration {
	g.mu.Lock()
	limits, machine := g.limits, g.heedsMachine(time.Now())
	relieve := time.Since(g.verdict.relieved) >= reliefEvery
	g.mu.Unlock()

	m := g.measure(limits, machine, relieve)

	g.mu.Lock()
	defer g.mu.Unlock()
	g.meter.add(m.cpu)
	for t := range g.tasks {
		if t.kind == First {
			g.meter.reset(m.cpu) // what the first sweep uses does not count
		}
	}
	m.share = g.meter.share(m.cpu)
	g.verdict.judge(&m, limits)
	g.state = State{
		Reasons: g.verdict.reasons(&m, limits), CPU: m.share, Memory: m.memory, Unmeasured: m.unmeasured, Thread: g.thread,
	}
	interval := idleEvery
	for t := range g.tasks {
		t.measured = t.measured || m.machine
		held := t.held(m.cpu.at)
		g.state.Paused = g.state.Paused || held && len(g.state.Reasons) > 0
		interval = min(interval, g.verdict.again(held))
	}
	// Held sweeps see for themselves what this means to them.
	close(g.turn)
	g.turn = make(chan struct{})
	return interval
}

// heedsMachine reports whether a sweep runs that depends on more than the agent itself.
func (g *Governor) heedsMachine(now time.Time) bool {
	for t := range g.tasks {
		if t.kind == Deep && !t.late(now) {
			return true
		}
	}
	return false
}

// read reads what the process used so far; where that cannot be told, it seems to have used
// nothing more.
func (g *Governor) read() (reading, error) {
	cpu, err := g.sources.CPU()
	if err != nil {
		cpu = time.Duration(g.used.Load())
	} else {
		g.used.Store(int64(cpu))
	}
	return reading{time.Now(), cpu}, err
}

// IdleThread is [IdleThread] for a sweep. That it did not work is in the state.
func (g *Governor) IdleThread() (restore func()) {
	restore, err := IdleThread()
	g.mu.Lock()
	defer g.mu.Unlock()
	if (g.thread == nil) != (err == nil) {
		g.lookSoon()
	}
	g.thread = err
	return restore
}
