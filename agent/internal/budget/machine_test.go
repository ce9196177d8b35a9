package budget_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"beagle/agent/internal/budget"
)

// machine is one whose figures a test sets. Its time is that of the test's bubble.
type machine struct {
	mu     sync.Mutex
	cpu    time.Duration
	memory int64
	power  budget.Power
	load   float64
	err    error
	asked  map[string]int
}

func (m *machine) ask(source string) {
	m.mu.Lock()
	if m.asked == nil {
		m.asked = map[string]int{}
	}
	m.asked[source]++
}

// times tells how often the sources were asked.
func (m *machine) times(sources ...string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, source := range sources {
		n += m.asked[source]
	}
	return n
}

func (m *machine) CPU() (time.Duration, error) {
	m.ask(budget.SourceCPU)
	defer m.mu.Unlock()
	return m.cpu, m.err
}

func (m *machine) Memory() (int64, error) {
	m.ask(budget.SourceMemory)
	defer m.mu.Unlock()
	return m.memory, m.err
}

func (m *machine) Power() (budget.Power, error) {
	m.ask(budget.SourcePower)
	defer m.mu.Unlock()
	return m.power, m.err
}

func (m *machine) Load() (float64, error) {
	m.ask(budget.SourceLoad)
	defer m.mu.Unlock()
	return m.load, m.err
}

// set changes figures.
func (m *machine) set(change func(*machine)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(m)
}

// work lets time pass in which the process uses that share of a core.
func (m *machine) work(d time.Duration, share float64) {
	<-time.After(d)
	m.set(func(m *machine) { m.cpu += time.Duration(share * float64(d)) })
}

// session is a governor at work, and what it told.
type session struct {
	*machine
	*budget.Governor
	t *testing.T

	mu   sync.Mutex
	told []string // the decisions, each by its codes
}

// govern runs f in a bubble beside a governor of a machine on mains.
func govern(t *testing.T, limits budget.Limits, f func(t *testing.T, s *session)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &machine{memory: 20 << 20, power: budget.Mains}
		s := &session{machine: m, Governor: budget.New(limits, m), t: t}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- s.Run(ctx, func(state budget.State) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.told = append(s.told, decision(state))
			})
		}()
		synctest.Wait()
		f(t, s)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the governor ends with %v", err)
		}
	})
}

// decision is a state without its figures, such as "paused: on_battery".
func decision(s budget.State) string {
	text := "free"
	if s.Paused {
		text = "paused"
	}
	for _, r := range s.Reasons {
		text += " " + r.Code
	}
	for _, source := range s.Unmeasured {
		text += " no " + source
	}
	return text
}

// heard returns the decisions told so far, without those that were told twice in a row.
func (s *session) heard() []string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Compact(slices.Clone(s.told))
}

func (s *session) wantHeard(want ...string) {
	s.t.Helper()
	if got := s.heard(); !slices.Equal(got, want) {
		s.t.Errorf("told %q, want %q", got, want)
	}
}

// held reports whether a task would have to wait for longer than the time, and if so for how
// long it did, at most an hour.
func (s *session) held(task *budget.Task, longer time.Duration) (time.Duration, bool) {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Hour)
	defer cancel()
	begin := time.Now()
	task.Pace(ctx)
	took := time.Since(begin)
	return took, took > longer
}

var errNoAnswer = errors.New("no answer")
