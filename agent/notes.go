package agent

import (
	"context"
	"encoding/json"
)

// The small values that the store keeps besides records.
const (
	metaDeep      = "deep_sweep" // how far a deep sweep is
	metaLastSweep = "last_sweep"
	metaLastDeep  = "last_deep"
	metaSettings  = "settings" // the last good ones
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
	s, _ := m.now()
	if err := s.SetMeta(ctx, key, text); err != nil && ctx.Err() == nil {
		m.log.Warn("a value was not kept", "key", key, "error", err)
	}
}

// recall reads a small value into what value points to, and reports whether there was one.
func (m *memory) recall(ctx context.Context, key string, value any) bool {
	s, _ := m.now()
	text, err := s.Meta(ctx, key)
	return err == nil && text != "" && json.Unmarshal([]byte(text), value) == nil
}
