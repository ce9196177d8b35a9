package agent

import (
	"context"
	"runtime"

	"beagle/agent/api"
)

// Doctor is the agent's examination of itself.
func (a *Agent) Doctor(ctx context.Context) (api.Doctor, error) {
	coverage, err := a.Coverage(ctx)
	if err != nil {
		return api.Doctor{}, err
	}
	resolved := a.rules.settings()
	e := examined{
		system: runtime.GOOS, snapshot: a.board.Snapshot(), coverage: coverage, settings: settingsOf(resolved),
		interval: resolved.Settings.Schedule.Inventory.Duration(), policiesDate: latestSource(a.rules.set), folder: a.config.State,
		held: heldRights(),
	}
	e.disk, e.diskErr = spaceIn(a.config.State)
	return api.Doctor{At: e.snapshot.At, Checks: diagnose(&e)}, nil
}
