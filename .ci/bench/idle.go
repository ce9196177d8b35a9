package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"beagle/agent/api"
)

// The design's goals for a service that has nothing to do.
const (
	idleMemoryGoal = 25 << 20 // bytes of resident memory
	idleShareGoal  = 0.001    // of a core
	startCostGoal  = 60 * time.Microsecond
)

// idleRows run the agent beside a program that does no more than serve HTTP on a socket, on
// the same machine in the same minute, whatever else it does.
func (b *bench) idleRows(ctx context.Context) (rows []row, err error) {
	agent, err := b.startAgent(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, agent.end()) }()
	bare, err := startBare(ctx, b)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.end()) }()

	b.say("idling for %v", b.idle)
	before, err := agent.cost()
	if err != nil {
		return nil, err
	}
	bareBefore, err := bare.cost()
	if err != nil {
		return nil, err
	}
	starts, err := forks()
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, b.idle); err != nil {
		return nil, err
	}
	after, err := agent.cost()
	if err != nil {
		return nil, err
	}
	bareAfter, err := bare.cost()
	if err != nil {
		return nil, err
	}
	later, err := forks()
	if err != nil {
		return nil, err
	}
	used, others := after.CPU-before.CPU, bareAfter.CPU-bareBefore.CPU
	allowed := time.Duration(idleShareGoal*float64(b.idle)) + time.Duration(later-starts)*startCostGoal
	return []row{
		{
			what: "idle service, memory / bare net/http", ours: mebibytes(after.Peak), theirs: mebibytes(bareAfter.Peak),
			ratio: number(float64(after.Peak) / float64(bareAfter.Peak)), goal: atMost(float64(after.Peak)/(1<<20), idleMemoryGoal/(1<<20), "%.0f MiB"),
		},
		{
			what: fmt.Sprintf("idle service, CPU in %v / bare net/http", b.idle), ours: milliseconds(used), theirs: milliseconds(others),
			goal: atMost(float64(used)/float64(allowed), 1, "%.0f× of 0.1 %% + 60 µs a start"),
			note: fmt.Sprintf("%d processes started meanwhile, so %s are allowed", later-starts, milliseconds(allowed)),
		},
	}, nil
}

// resident is a program that runs while others are measured.
type resident struct {
	cmd    *exec.Cmd
	client *api.Client
	stderr bytes.Buffer
}

// startAgent starts an agent with a memory and a socket of its own, and waits for the end of
// its first sweep.
func (b *bench) startAgent(ctx context.Context) (*resident, error) {
	dir, err := os.MkdirTemp(b.dir, "agent-*")
	if err != nil {
		return nil, err
	}
	settings := filepath.Join(dir, "settings.yaml")
	if err := os.WriteFile(settings, []byte("schedule: {deep: off}\n"), 0o600); err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "run", "s")
	r := &resident{client: api.NewClient(socket)}
	b.say("starting an agent")
	r.cmd = exec.CommandContext(ctx, b.beagle, "run", "--state", filepath.Join(dir, "state"), "--socket", socket, "--settings", settings)
	r.cmd.Stderr = &r.stderr
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	limit, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := r.settled(limit)
		if err == nil {
			return r, nil
		}
		if limit.Err() != nil {
			return nil, errors.Join(fmt.Errorf("the agent does not answer: %w", err), r.end())
		}
		if err := wait(limit, 50*time.Millisecond); err != nil {
			continue
		}
	}
}

// settled returns when the agent's first sweep is over.
func (r *resident) settled(ctx context.Context) error {
	enough := errors.New("settled")
	var now api.Snapshot
	err := r.client.Events(ctx, func(e api.Event) error {
		now = now.With(e)
		if now.LastSweep != nil && now.Activity == "idle" {
			return enough
		}
		return nil
	})
	if errors.Is(err, enough) {
		return nil
	}
	return err
}

// startBare starts a program that serves HTTP on a socket and does nothing else.
func startBare(ctx context.Context, b *bench) (*resident, error) {
	r := &resident{}
	r.cmd = exec.CommandContext(ctx, b.self, "role-bare", filepath.Join(b.dir, "bare"))
	r.cmd.Stderr = &r.stderr
	return r, r.cmd.Start()
}

func bareServer(ctx context.Context, args []string) error {
	l, err := net.Listen("unix", args[0])
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (r *resident) end() error {
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := r.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(r.stderr.String()))
	}
	return nil
}

// cost is what the program used so far, to the nanosecond as the scheduler counts it, and the
// memory that it holds now.
func (r *resident) cost() (sample, error) {
	var s sample
	dir := filepath.Join("/proc", strconv.Itoa(r.cmd.Process.Pid))
	threads, err := filepath.Glob(filepath.Join(dir, "task", "*", "schedstat"))
	if err != nil || len(threads) == 0 {
		return s, fmt.Errorf("the kernel does not count the time of %s: %w", dir, err)
	}
	for _, name := range threads {
		// https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
		data, err := os.ReadFile(name)
		if err != nil {
			continue // a thread that ended; its time is lost, and small
		}
		var ran int64
		if _, err := fmt.Sscan(string(data), &ran); err != nil {
			return s, err
		}
		s.CPU += time.Duration(ran)
	}
	data, err := os.ReadFile(filepath.Join(dir, "statm"))
	if err != nil {
		return s, err
	}
	var size, held int64
	if _, err := fmt.Sscan(string(data), &size, &held); err != nil {
		return s, err
	}
	s.Peak = held * int64(os.Getpagesize())
	return s, nil
}

// forks is how many processes were started since the machine was (proc_stat(5)).
func forks() (int64, error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if count, ok := strings.CutPrefix(line, "processes "); ok {
			return strconv.ParseInt(strings.TrimSpace(count), 10, 64)
		}
	}
	return 0, errors.New("the kernel does not count processes")
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
