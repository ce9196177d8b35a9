package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"beagle/agent/api"
	"beagle/detectors/watch/watchtest"
)

// liveRows start a banned program before a whole agent: how long until it is on the disk and
// told, and what a storm of such starts costs.
func (b *bench) liveRows(ctx context.Context) (rows []row, err error) {
	folder := filepath.Join(b.dir, "live", "office6")
	for _, name := range []string{"wps", "et", "wpp", "wpspdf"} {
		if err := watchtest.Noop(filepath.Join(folder, name)); err != nil {
			return nil, err
		}
	}
	program := filepath.Join(folder, "wps")
	agent, err := b.startAgent(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, agent.end()) }()

	b.say("starting a banned program %d times", b.lives)
	delays, err := agent.notice(ctx, program, b.lives)
	if err != nil {
		return nil, err
	}
	slices.Sort(delays)
	const what = "banned program started → record stored and told"
	rows = append(rows, row{
		what: what + ", p50 / p99", ours: milliseconds(delays[len(delays)/2]) + " / " + milliseconds(delays[len(delays)*99/100]),
		note: fmt.Sprintf("%d starts of a program that ends at once, one after the other", len(delays)),
	})

	b.say("starting it %d times at once", b.starts)
	before, err := agent.cost()
	if err != nil {
		return nil, err
	}
	out, err := b.output(ctx, []string{"role-burst", program, strconv.Itoa(b.starts), strconv.Itoa(burstRate)})
	if err != nil {
		return nil, err
	}
	var began burstLog
	if err := json.Unmarshal(out, &began); err != nil {
		return nil, err
	}
	// Once one more start was noticed, all before it were.
	if _, err := agent.notice(ctx, program, 1); err != nil {
		return nil, err
	}
	after, err := agent.cost()
	if err != nil {
		return nil, err
	}
	n := len(began.Started)
	return append(rows, row{
		what: "the agent's CPU for each of them", ours: microseconds((after.CPU - before.CPU) / time.Duration(n)),
		note: fmt.Sprintf("%d starts at %.0f a second, each matched, kept and withdrawn", n, float64(n)/time.Duration(began.Took).Seconds()),
	}), nil
}

// notice starts a program again and again, each time when the agent knows that the last one
// ended, and returns how long it took until the agent told that it runs or ran.
func (r *resident) notice(ctx context.Context, program string, times int) ([]time.Duration, error) {
	limit, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	enough := errors.New("enough")
	var delays []time.Duration
	var began time.Time
	start := func() error {
		began = time.Now()
		return exec.CommandContext(limit, program).Run()
	}
	err := r.client.Events(limit, func(e api.Event) error {
		switch {
		case e.Kind == api.EventSnapshot:
			return start()
		case e.Kind != api.EventRecord || e.Record.App.ID != "wps-office":
			return nil
		case slices.Contains(e.Record.Presence, "running") && e.Record.ClosedAt == nil && !began.IsZero():
			delays = append(delays, time.Since(began))
			began = time.Time{}
			return nil
		case began.IsZero():
			if len(delays) == times {
				return enough
			}
			return start()
		}
		return nil
	})
	if !errors.Is(err, enough) {
		return nil, fmt.Errorf("after %d of %d starts: %w", len(delays), times, err)
	}
	return delays, nil
}
