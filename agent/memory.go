package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/store"
)

// memory keeps sweeps, one at a time, and shows what came of each before the next. It goes
// on when the disk does not: what could not be written is shown all the same, is written
// with the next sweep, and a condition says so.
type memory struct {
	dir        string
	clock      func() time.Time
	log        *slog.Logger
	board      *board
	conditions *conditions
	// lost is called when what was known is gone, so that everything is looked at again.
	lost func()

	keeping sync.Mutex // held while a sweep is kept and shown

	// For whoever holds keeping: what the disk did not take.
	unsaved *store.Sweep
	judge   store.Judge // of the last sweep

	mu      sync.RWMutex // guards what follows: exchanged when a store is opened again
	store   *store.Store
	durable bool // it outlasts the process
}

// maxUnsaved bounds the evidence that waits for a disk. Beyond it everything is looked at
// again once the disk takes something.
const maxUnsaved = 20_000

// openMemory opens the store, or begins one that lasts as long as the process where the disk
// does not take any. It fails only if another agent uses it, or ctx ends.
func openMemory(ctx context.Context, m *memory) error {
	err := m.open(ctx)
	if err == nil || !errors.Is(err, store.ErrUnwritable) {
		return err
	}
	m.cannotWrite(err)
	s, err := store.Memory(ctx, store.Options{Now: m.clock})
	if err != nil {
		return err
	}
	m.use(s, false)
	return nil
}

func (m *memory) open(ctx context.Context) error {
	s, err := store.Open(ctx, m.dir, store.Options{Now: m.clock})
	if err != nil {
		return err
	}
	if o := s.Opening(); o.Problem != nil {
		args := map[string]string{"file": o.Problem.Args["file"], "problem": o.Problem.Code}
		if o.Problem.Text != "" {
			args["text"] = o.Problem.Text
		}
		m.conditions.happened(api.ConditionStoreSetAside, api.SeverityWarning, args)
	}
	m.use(s, true)
	return nil
}

func (m *memory) use(s *store.Store, durable bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.store, m.durable = s, durable
}

// now returns the store in use and whether it outlasts the process.
func (m *memory) now() (s *store.Store, durable bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.store, m.durable
}

// mark is when a look begins, for the sweep that it will bring.
func (m *memory) mark() store.Mark {
	s, _ := m.now()
	return s.Mark()
}

// keep keeps a sweep and shows what came of it. An error means that neither happened, and
// only comes with the end of ctx; all others are conditions.
func (m *memory) keep(ctx context.Context, sweep store.Sweep, judge store.Judge) error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	m.judge = judge
	return m.apply(ctx, sweep)
}

// apply keeps a sweep together with those that wait. The caller holds keeping.
func (m *memory) apply(ctx context.Context, sweep store.Sweep) error {
	s, _ := m.now()
	if m.unsaved != nil {
		sweep = m.unsaved.Then(sweep)
	}
	change, err := s.Apply(ctx, sweep, m.judge)
	switch {
	case err == nil:
		m.unsaved = nil
		m.written(change.Restored)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, store.ErrUnwritable):
		m.cannotWrite(err)
		m.wait(sweep)
	case errors.Is(err, store.ErrCorrupt):
		if err := m.rebuild(ctx, err); err != nil {
			return err
		}
		return m.apply(ctx, sweep)
	default:
		return fmt.Errorf("keep what was seen: %w", err)
	}
	if err == nil {
		m.tell(change.Changes)
	}
	m.show(ctx, s, change)
	return nil
}

// wait puts a sweep aside until the disk takes it.
func (m *memory) wait(sweep store.Sweep) {
	if m.unsaved = &sweep; sweep.Size() > maxUnsaved {
		m.unsaved = nil
		m.lost()
	}
}

// tell logs what was kept, without naming anybody.
func (m *memory) tell(changes []api.Change) {
	for i := range changes {
		c := &changes[i]
		m.log.Info("record "+c.What, "record", c.Record.ID, "app", c.Record.App.ID, "verdict", c.Record.Verdict, "reason", c.Reason)
	}
}

// show puts what a sweep changed on the board.
func (m *memory) show(ctx context.Context, s *store.Store, change store.Change) {
	complete := m.board.Snapshot().Summary.Complete
	coverage, err := s.Coverage(ctx)
	if err == nil {
		complete = m.conditions.covered(coverage)
	}
	m.board.records(change.Records, change.Changes, complete)
}

// recover goes on after an error of the store, where that is possible.
func (m *memory) recover(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, store.ErrCorrupt):
		m.keeping.Lock()
		defer m.keeping.Unlock()
		return m.rebuild(ctx, err)
	case errors.Is(err, store.ErrUnwritable):
		m.cannotWrite(err)
		return nil
	}
	return err
}

// rebuild sets a damaged file aside, begins anew, and has everything looked at again.
func (m *memory) rebuild(ctx context.Context, cause error) error {
	m.log.Error("the store is damaged and begins anew", "error", cause)
	s, _ := m.now()
	if err := s.Close(); err != nil {
		m.log.Warn("the damaged store did not close", "error", err)
	}
	m.unsaved = nil
	if err := openMemory(ctx, m); err != nil {
		return fmt.Errorf("begin a new store: %w", err)
	}
	m.lost()
	return nil
}

// retry tries what did not work before: to open a store on the disk, and to write what waits.
func (m *memory) retry(ctx context.Context) error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	s, durable := m.now()
	if !durable {
		err := m.open(ctx)
		if errors.Is(err, store.ErrUnwritable) || errors.Is(err, store.ErrLocked) {
			return nil // the condition holds on
		}
		if err != nil {
			return err
		}
		m.unsaved = nil
		m.written(false)
		m.lost()
		return s.Close()
	}
	if m.unsaved == nil {
		return nil
	}
	waiting := *m.unsaved
	m.unsaved = nil
	return m.apply(ctx, waiting)
}

func (m *memory) close() error {
	s, _ := m.now()
	return s.Close()
}

func (m *memory) written(restored bool) {
	if _, durable := m.now(); durable {
		m.conditions.clear(api.ConditionStoreUnwritable)
	}
	if restored {
		m.conditions.happened(api.ConditionStoreRestored, api.SeverityInfo, nil)
	}
}

func (m *memory) cannotWrite(err error) {
	m.conditions.set(api.ConditionStoreUnwritable, api.SeverityError, map[string]string{"text": err.Error()})
}
