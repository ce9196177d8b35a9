package agent

import (
	"context"

	"beagle/agent/api"
	"beagle/agent/internal/store"
)

// The agent is the backend of its local API: the board is its present, the memory its past.

// Snapshot returns what is now.
func (a *Agent) Snapshot() api.Snapshot { return a.board.Snapshot() }

// Subscribe returns what changes from now on.
func (a *Agent) Subscribe(ctx context.Context) <-chan api.Event { return a.board.Subscribe(ctx) }

// RequestScan starts a sweep, or says why not.
func (a *Agent) RequestScan(ctx context.Context, deep bool) error {
	if deep {
		return a.ask(ctx, task{kind: taskDeep, asked: true})
	}
	return a.ask(ctx, task{kind: taskInventory, asked: true})
}

// Recheck starts to look again where a record was seen.
func (a *Agent) Recheck(ctx context.Context, record string) error {
	return a.ask(ctx, task{kind: taskRecheck, record: record, asked: true})
}

// ask hands a wish to the sweeper and waits for its answer.
func (a *Agent) ask(ctx context.Context, t task) error {
	wish := ask{task: t, answer: make(chan error, 1)}
	select {
	case a.asks <- wish:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-wish.answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Record returns one record, open or closed, and whether there is one.
func (a *Agent) Record(ctx context.Context, id string) (record api.Stored, found bool, err error) {
	err = a.memory.read(func(s *store.Store) error {
		record, found, err = s.Record(ctx, id)
		return err
	})
	record.Requests = a.board.asked(id)
	return record, found, err
}

// History returns what happened to one record, or to all, the newest first.
func (a *Agent) History(ctx context.Context, limit int, record string) (list []api.HistoryEntry, err error) {
	err = a.memory.read(func(s *store.Store) error {
		list, err = s.History(ctx, limit, record)
		return err
	})
	return list, err
}

// Coverage says how looking at every area last ended.
func (a *Agent) Coverage(ctx context.Context) (list []api.Coverage, err error) {
	err = a.memory.read(func(s *store.Store) error {
		list, err = s.Coverage(ctx)
		return err
	})
	for i := range list {
		list[i].Unit = a.units[list[i].Probe]
	}
	return list, err
}
