package window

import (
	"context"

	"beagle/agent/api"
)

// Service is the agent, as far as the window asks it; [*api.Client] is one. Every method may
// be called by several goroutines at once.
type Service interface {
	Follower
	Asker
	Reader
	Holder
	Answerer
}

// Follower tells what happens, until its context ends or the connection breaks.
type Follower interface {
	Events(ctx context.Context, take func(api.Event) error) error
}

// Asker asks the agent to look.
type Asker interface {
	RequestScan(ctx context.Context, deep bool) error
	Recheck(ctx context.Context, id string) error
}

// Reader reads what belongs to one record.
type Reader interface {
	Record(ctx context.Context, id string) (api.Stored, error)
	History(ctx context.Context, id string, limit int) ([]api.HistoryEntry, error)
	App(ctx context.Context, id string) (api.AppPage, error)
	Policy(ctx context.Context, id string) (api.PolicyPage, error)
}

// Holder reads what the agent holds about the machine and the asker.
type Holder interface {
	Coverage(ctx context.Context) ([]api.Coverage, error)
	Doctor(ctx context.Context) (api.Doctor, error)
	Export(ctx context.Context) (api.Export, error)
	Sent(ctx context.Context) (api.Sent, error)
}

// Answerer takes what an employee answers to a record. Until is a day as 2006-01-02, or "".
type Answerer interface {
	Dispute(ctx context.Context, id, text string) error
	RequestExemption(ctx context.Context, id, text, until string) error
}
