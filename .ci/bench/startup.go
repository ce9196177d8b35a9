package main

import (
	"context"
	"os"
	"path/filepath"
)

func (b *bench) startupRows(ctx context.Context) ([]row, error) {
	// One known folder makes an empty directory a system's root.
	empty := filepath.Join(b.dir, "empty")
	if err := os.MkdirAll(filepath.Join(empty, "etc"), 0o755); err != nil {
		return nil, err
	}
	b.say("start-up")
	all, err := b.race(ctx,
		contender{args: []string{b.beagle, "version"}},
		b.scan("empty.json", "--root", empty, "--os", "linux"))
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, what := range []string{"start-up: beagle version", "start-up: scan of an empty root"} {
		s := middle(all[i])
		rows = append(rows, row{what: what, ours: s.String() + ", " + milliseconds(s.Wall) + " wall"})
	}
	return rows, nil
}
