package agent

import (
	"context"

	"beagle/agent/api"
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
func (a *Agent) Record(ctx context.Context, id string) (api.Stored, bool, error) {
	s, _ := a.memory.now()
	return s.Record(ctx, id)
}

// History returns what happened to one record, or to all, the newest first.
func (a *Agent) History(ctx context.Context, limit int, record string) ([]api.HistoryEntry, error) {
	s, _ := a.memory.now()
	return s.History(ctx, limit, record)
}

// Coverage says how looking at every area last ended.
func (a *Agent) Coverage(ctx context.Context) ([]api.Coverage, error) {
	s, _ := a.memory.now()
	list, err := s.Coverage(ctx)
	for i := range list {
		list[i].Unit = a.units[list[i].Probe]
	}
	return list, err
}
