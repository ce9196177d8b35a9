package agent

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"beagle/agent/internal/store"
)

// The small values that the store keeps besides records.
const (
	metaDeep      = "deep_sweep" // how far a deep sweep is
	metaLastSweep = "last_sweep"
	metaLastDeep  = "last_deep"
	metaFirstRun  = "first_run" // since when there is an agent
	metaSettings  = "settings"  // the last good ones
)

// remember keeps a small value. That it could not be kept is a matter of the store, which says
// so when it keeps what counts.
func (m *memory) remember(ctx context.Context, key string, value any) {
	text := ""
	if value != nil {
		data, err := json.Marshal(value)
		if err != nil {
			m.log.Error("a value could not be written", "key", key, "error", err)
			return
		}
		text = string(data)
	}
	err := m.read(func(s *store.Store) error { return s.SetMeta(ctx, key, text) })
	if err != nil && ctx.Err() == nil {
		m.log.Warn("a value was not kept", "key", key, "error", err)
	}
}

// recall reads a small value into what value points to, and reports whether there was one.
func (m *memory) recall(ctx context.Context, key string, value any) bool {
	var text string
	err := m.read(func(s *store.Store) (err error) {
		text, err = s.Meta(ctx, key)
		return err
	})
	return err == nil && text != "" && json.Unmarshal([]byte(text), value) == nil
}

// notes copies the small values that one store has to another, and what people asked.
func notes(ctx context.Context, from, to *store.Store) error {
	for _, key := range []string{metaDeep, metaLastSweep, metaLastDeep, metaFirstRun, metaSettings} {
		text, err := from.Meta(ctx, key)
		if err == nil && text != "" {
			err = to.SetMeta(ctx, key, text)
		}
		if err != nil {
			return err
		}
	}
	requests, err := from.Requests(ctx)
	for _, r := range slices.Backward(requests) {
		if _, err := to.Ask(ctx, r); err != nil && !errors.Is(err, store.ErrTooMany) {
			return err
		}
	}
	return err
}
