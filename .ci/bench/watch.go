package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"beagle/detectors/watch/watchtest"
)

// The design's goals for noticing that a process starts: nothing missed, and
// startCostGoal of CPU each, Wants included.
const (
	seenGoal = 1.0
	// burstRate is how many starts a second are tried; the design asks for at least 500.
	burstRate = 600
)

// watchRows start a program that ends at once, thousands of times, before the watcher and
// before a receiver that does no more than read what the kernel sends. Both get each burst to
// themselves, in turn.
func (b *bench) watchRows(ctx context.Context) ([]row, error) {
	// Named like an app of the catalog, so that every start is of interest.
	path := filepath.Join(b.dir, "wps-office", "office6", "wps")
	if err := watchtest.Noop(path); err != nil {
		return nil, err
	}
	const what = "process start → event"
	ours, theirs, err := b.bursts(ctx, path, b.starts)
	var unable unableError
	if errors.As(err, &unable) {
		return []row{{what: what, note: "skipped: " + err.Error()}}, nil
	}
	if err != nil {
		return nil, err
	}
	rows := startRows(what, ours, theirs)
	usual, err := b.usualRow(ctx, what)
	if err != nil {
		return nil, err
	}
	poll, err := b.pollRow(ctx)
	return append(rows, usual, poll), err
}

// usualRow starts what nearly all starts are: a program of the system.
func (b *bench) usualRow(ctx context.Context, what string) (row, error) {
	path, err := exec.LookPath("true")
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return row{}, err
	}
	ours, theirs, err := b.bursts(ctx, path, max(1, b.starts/5))
	if err != nil {
		return row{}, err
	}
	costs := costRow(what+" of the system's own, CPU each / bare", ours, theirs)
	costs.note = "after the first of each, the kernel keeps these to itself"
	return costs, nil
}

// bursts has the watcher and the receiver see bursts of their own, in turn.
func (b *bench) bursts(ctx context.Context, path string, starts int) (ours, theirs []burstResult, err error) {
	roles := []string{"role-watch", "role-receive"}
	all := make([][]burstResult, len(roles))
	for round := range b.runs {
		b.say("%d process starts, round %d of %d", starts, round+1, b.runs)
		for turn := range roles {
			i := (round + turn) % len(roles)
			result, err := b.burst(ctx, roles[i], path, starts)
			if err != nil {
				return nil, nil, err
			}
			all[i] = append(all[i], result)
		}
	}
	return all[0], all[1], nil
}

// burstResult is what became of one burst.
type burstResult struct {
	seen     float64 // share with path
	rate     float64 // starts a second
	cpu      time.Duration
	p50, p99 time.Duration
	mode     string
}

func startRows(what string, ours, theirs []burstResult) []row {
	worst := func(list []burstResult) float64 {
		return slices.MinFunc(list, func(a, b burstResult) int { return int(1e9 * (a.seen - b.seen)) }).seen
	}
	share := func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) }
	times := func(list []burstResult) string {
		p50 := median(list, func(r burstResult) time.Duration { return r.p50 })
		return milliseconds(p50) + " / " + milliseconds(median(list, func(r burstResult) time.Duration { return r.p99 }))
	}
	costs := costRow(what+", CPU each / bare", ours, theirs)
	each := median(ours, cpuEach)
	costs.goal = atMost(float64(each)/1e3, float64(startCostGoal)/1e3, "%.0f µs")
	rate := median(ours, func(r burstResult) float64 { return r.rate })
	return []row{
		{
			what: what + ", seen with path", ours: share(worst(ours)), theirs: share(worst(theirs)),
			goal: atLeast(100*worst(ours), 100*seenGoal, "%.0f %%"),
			note: fmt.Sprintf("%s at %.0f starts a second; theirs is a bare receiver of fanotify", ours[0].mode, rate),
		},
		costs,
		{what: what + ", p50 / p99", ours: times(ours), theirs: times(theirs)},
	}
}

func cpuEach(r burstResult) time.Duration { return r.cpu }

func costRow(what string, ours, theirs []burstResult) row {
	var ratios []float64
	for i := range ours {
		ratios = append(ratios, float64(ours[i].cpu)/float64(theirs[i].cpu))
	}
	return row{
		what: what, ours: microseconds(median(ours, cpuEach)), theirs: microseconds(median(theirs, cpuEach)),
		ratio: spreadOf(ratios).String(),
	}
}

func microseconds(d time.Duration) string { return number(float64(d)/1e3) + " µs" }

// unableError says that this machine cannot watch starts in the way that is measured.
type unableError string

func (e unableError) Error() string { return string(e) }

// burst starts a role that watches, then one that starts the program, and joins what both say.
func (b *bench) burst(ctx context.Context, role, path string, starts int) (result burstResult, err error) {
	cmd := exec.CommandContext(ctx, b.self, role, path)
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		return result, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return result, err
	}
	if err := cmd.Start(); err != nil {
		return result, err
	}
	answers := json.NewDecoder(output)
	var ready struct{ Mode string }
	if err := answers.Decode(&ready); err != nil {
		return result, errors.Join(fmt.Errorf("read what %s says: %w", role, err), cmd.Wait())
	}
	if ready.Mode != "fanotify" {
		return result, errors.Join(unableError("no fanotify here: "+ready.Mode), input.Close(), cmd.Wait())
	}
	out, err := b.output(ctx, []string{"role-burst", path, strconv.Itoa(starts), strconv.Itoa(burstRate)})
	if err != nil {
		return result, errors.Join(err, input.Close(), cmd.Wait())
	}
	var began burstLog
	if err := json.Unmarshal(out, &began); err != nil {
		return result, errors.Join(err, input.Close(), cmd.Wait())
	}
	if _, err := io.WriteString(input, "end\n"); err != nil {
		return result, err
	}
	var seen watchLog
	if err := errors.Join(answers.Decode(&seen), input.Close(), cmd.Wait()); err != nil {
		return result, err
	}
	result = join(&began, &seen)
	result.mode = ready.Mode
	return result, nil
}

// join compares when programs were started with when that was noticed.
func join(began *burstLog, seen *watchLog) burstResult {
	at := map[int]int64{}
	for _, m := range seen.Seen {
		at[m.PID] = m.At
	}
	var delays []time.Duration
	for _, m := range began.Started {
		if t, ok := at[m.PID]; ok {
			delays = append(delays, time.Duration(t-m.At))
		}
	}
	starts := len(began.Started)
	r := burstResult{
		seen: float64(len(delays)) / float64(starts),
		rate: float64(starts) / time.Duration(began.Took).Seconds(),
		cpu:  time.Duration(seen.CPU) / time.Duration(starts),
	}
	if len(delays) > 0 {
		slices.Sort(delays)
		r.p50, r.p99 = delays[len(delays)/2], delays[len(delays)*99/100]
	}
	return r
}

// pollRow is what the fallback costs, which looks at all processes again and again.
func (b *bench) pollRow(ctx context.Context) (r row, err error) {
	b.say("starting %d processes", b.processes)
	c, err := assemble(ctx, filepath.Join(b.dir, "polled"), b.processes)
	defer func() { err = errors.Join(err, c.dismiss()) }()
	if err != nil && len(c.pids) < min(b.processes, 100) {
		return r, err
	}
	b.say("polling them")
	out, err := b.output(ctx, []string{"role-poll"})
	if err != nil {
		return r, err
	}
	var log pollLog
	if err := json.Unmarshal(out, &log); err != nil {
		return r, err
	}
	look := time.Duration(log.CPU) / time.Duration(log.Looks)
	return row{
		what: fmt.Sprintf("polling for starts, a look at %d processes", len(c.pids)), ours: milliseconds(look),
		note: fmt.Sprintf("%s for each process that goes on as before; a look every two seconds is usual",
			microseconds(look/time.Duration(len(c.pids)))),
	}, nil
}
