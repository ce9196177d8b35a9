package agent

import (
	"context"
	"encoding/json"
	"errors"

	"beagle/agent/api"
	"beagle/agent/internal/local"
	"beagle/agent/internal/store"
)

// Ask keeps what a person asked about a record, and shows it to them. That it is told to the
// organisation is the report's business.
func (a *Agent) Ask(ctx context.Context, r api.Request) error {
	s, _ := a.memory.now()
	_, err := s.Ask(ctx, r)
	switch {
	case errors.Is(err, store.ErrTooMany):
		return local.ErrTooMany
	case err != nil:
		return err
	}
	return a.showRequests(ctx)
}

// showRequests puts on the board what people asked.
func (a *Agent) showRequests(ctx context.Context) error {
	s, _ := a.memory.now()
	list, err := s.Requests(ctx)
	if err != nil {
		return err
	}
	byRecord := map[string][]api.Request{}
	for _, r := range list {
		byRecord[r.Record] = append(byRecord[r.Record], r)
	}
	a.board.ask(byRecord)
	return nil
}

// Sent is what was last reported: nothing, as long as no endpoint is configured.
func (a *Agent) Sent(context.Context) (api.Sent, error) {
	return api.Sent{Schema: api.SentSchema, Reports: []json.RawMessage{}}, nil
}
