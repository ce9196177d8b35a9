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
	// judge makes records by the rules of the moment in which it is called.
	judge store.Judge
	// lost is called when something of what was known is gone, so that everything is looked at
	// again.
	lost func()

	keeping sync.Mutex // held while a sweep is kept and shown
	missed  bool       // for whoever holds keeping: a sweep could not even be compared

	mu      sync.RWMutex // guards what follows: exchanged when a store is opened again
	store   *store.Store
	durable bool // it outlasts the process
}

// moment is when a look began, by the store that was in use then.
type moment struct {
	store *store.Store
	mark  store.Mark
}

// openMemory opens the store, or begins one that lasts as long as the process where the disk
// does not take any. It fails only if another agent uses it, or ctx ends.
func openMemory(ctx context.Context, m *memory) (err error) {
	m.store, m.durable, err = m.begin(ctx)
	return err
}

func (m *memory) begin(ctx context.Context) (s *store.Store, durable bool, err error) {
	s, err = m.open(ctx)
	if err == nil || !errors.Is(err, store.ErrUnwritable) {
		return s, true, err
	}
	m.cannotWrite(err)
	s, err = store.Memory(ctx, store.Options{Now: m.clock})
	return s, false, err
}

func (m *memory) open(ctx context.Context) (*store.Store, error) {
	s, err := store.Open(ctx, m.dir, store.Options{Now: m.clock})
	if err != nil {
		return nil, err
	}
	if o := s.Opening(); o.Problem != nil {
		args := map[string]string{"file": o.Problem.Args["file"], "problem": o.Problem.Code}
		if o.Problem.Text != "" {
			args["text"] = o.Problem.Text
		}
		m.conditions.happened(api.ConditionStoreSetAside, api.SeverityWarning, args)
	}
	return s, nil
}

// read asks the store that is in use, which stays open meanwhile.
func (m *memory) read(ask func(*store.Store) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return ask(m.store)
}

// now returns the store in use and whether it outlasts the process, for whoever holds keeping:
// nobody exchanges it then.
func (m *memory) now() (s *store.Store, durable bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.store, m.durable
}

// mark is when a look begins, for the sweep that it will bring.
func (m *memory) mark() moment {
	s, _ := m.now()
	return moment{s, s.Mark()}
}

// keep keeps a sweep and shows what came of it. An error means that neither happened, and
// only comes with the end of ctx; all others are conditions.
func (m *memory) keep(ctx context.Context, sweep store.Sweep, began moment) error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	return m.apply(ctx, sweep, began)
}

// apply is keep for whoever holds keeping.
func (m *memory) apply(ctx context.Context, sweep store.Sweep, began moment) error {
	s, _ := m.now()
	if sweep.Since = began.mark; began.store != s {
		sweep.Since = store.Earliest
	}
	change, err := s.Apply(ctx, sweep, m.judge)
	switch {
	case err == nil:
		m.written(change.Restored)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, store.ErrUnwritable):
		m.cannotWrite(err)
	case errors.Is(err, store.ErrCorrupt):
		if err := m.rebuild(ctx, s, err); err != nil {
			return err
		}
		return m.apply(ctx, sweep, began)
	default:
		return fmt.Errorf("keep what was seen: %w", err)
	}
	if change.Records == nil { // not even what was known before is known: it stays shown
		m.missed = true
		return nil
	}
	m.show(ctx, s, change)
	if m.missed {
		m.missed = false
		m.lost()
	}
	return nil
}

// show puts what a sweep changed on the board, and in the log without naming anybody.
func (m *memory) show(ctx context.Context, s *store.Store, change store.Change) {
	for i := range change.Changes {
		c := &change.Changes[i]
		m.log.Info("record "+c.What, "record", c.Record.ID, "app", c.Record.App.ID, "verdict", c.Record.Verdict, "reason", c.Reason)
	}
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
		s, _ := m.now()
		return m.rebuild(ctx, s, err)
	case errors.Is(err, store.ErrUnwritable):
		m.cannotWrite(err)
		return nil
	}
	return err
}

// rebuild sets a damaged file aside, begins anew, and has everything looked at again. Nobody
// can ask meanwhile. The caller holds keeping.
func (m *memory) rebuild(ctx context.Context, damaged *store.Store, cause error) error {
	m.log.Error("the store is damaged and begins anew", "error", cause)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := damaged.Close(); err != nil {
		m.log.Warn("the damaged store did not close", "error", err)
	}
	s, durable, err := m.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin a new store: %w", err)
	}
	m.store, m.durable = s, durable
	m.lost()
	return nil
}

// retry tries what did not work before: to open a store on the disk, and to write what waits.
func (m *memory) retry(ctx context.Context) error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	s, durable := m.now()
	if durable {
		if !s.Behind() {
			return nil
		}
		return m.apply(ctx, store.Sweep{}, m.mark())
	}
	found, err := m.open(ctx)
	if errors.Is(err, store.ErrUnwritable) || errors.Is(err, store.ErrLocked) {
		return nil // the condition holds on
	}
	if err != nil {
		return err
	}
	return m.move(ctx, s, found)
}

// move goes on with a store that takes over what another one knows.
func (m *memory) move(ctx context.Context, from, to *store.Store) error {
	known, err := everything(ctx, from)
	if err == nil {
		err = notes(ctx, from, to)
	}
	if err != nil && !errors.Is(err, store.ErrUnwritable) {
		return errors.Join(fmt.Errorf("move to a store on the disk: %w", err), to.Close())
	}
	m.mu.Lock()
	m.store, m.durable = to, true
	m.mu.Unlock()
	m.lost()
	return errors.Join(m.apply(ctx, known, moment{to, 0}), from.Close())
}

// everything is what a store knows, as one sweep that saw all of it.
func everything(ctx context.Context, s *store.Store) (store.Sweep, error) {
	evidence, err := s.Evidence(ctx)
	if err != nil {
		return store.Sweep{}, err
	}
	coverage, err := s.Coverage(ctx)
	all := store.Sweep{Seen: evidence}
	for i := range coverage {
		c := &coverage[i]
		all.Areas = append(all.Areas, store.Area{Probe: c.Probe, Area: c.Area, Outcome: c.Status, Examined: c.Examined, Problem: c.Error, At: c.At})
	}
	return all, err
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
