package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	exitMet    = 0
	exitMissed = 1
	exitFailed = 2
)

// bench is one run with what the person asked for.
type bench struct {
	self      string // this program, which plays some of the contenders itself
	beagle    string
	dir       string // scratch folder, removed at the end
	runs      int
	processes int
	files     int
	rounds    int // of matching
	lives     int
	idle      time.Duration
	starts    int // of processes, in a burst
}

// part is one group of rows.
type part struct {
	name    string
	measure func(context.Context) ([]row, error)
}

func (b *bench) parts() []part {
	return []part{
		{"sweep", b.sweepRows},
		{"inventory", b.inventoryRows},
		{"walk", b.walkRows},
		{"match", b.matchRows},
		{"startup", b.startupRows},
		{"watch", b.watchRows},
		{"live", b.liveRows},
		{"idle", b.idleRows},
		{"tray", b.trayRows},
		{"window", b.windowRows},
	}
}

func command(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := play(ctx, args)
	var missed missedError
	switch {
	case errors.As(err, &missed):
		fmt.Fprintln(os.Stderr, "bench:", err)
		return exitMissed
	case errors.Is(err, flag.ErrHelp):
		return exitMet
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		return exitFailed
	}
	return exitMet
}

// play takes the role the arguments name; without one it runs the bench.
func play(ctx context.Context, args []string) error {
	if len(args) > 0 {
		for name, role := range map[string]func(context.Context, []string) error{
			"role-launch": launch, "role-sweep": sweep, "role-gopsutil": gopsutil,
			"role-portable": portable, "role-walkdir": walkDir, "role-match": match,
			"role-watch": watchStarts, "role-receive": receive, "role-burst": burst, "role-poll": poll,
			"role-bare": bareServer,
		} {
			if args[0] == name {
				return role(ctx, args[1:])
			}
		}
	}
	return run(ctx, args)
}

func run(ctx context.Context, args []string) (err error) {
	b, only, err := parse(args)
	if err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "beagle-bench-*"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()

	floor, err := b.once(ctx, contender{args: []string{"true"}})
	if err != nil {
		return err
	}
	var rows []row
	for _, p := range b.parts() {
		if only != "" && only != p.name {
			continue
		}
		more, err := p.measure(ctx)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		rows = append(rows, more...)
	}
	if err := printTable(os.Stdout, rows); err != nil {
		return err
	}
	fmt.Printf("\n%d cores, Linux %s on %s, %s; medians of %d rounds; a peak below %s cannot be told\n",
		runtime.NumCPU(), kernel(), runtime.GOARCH, runtime.Version(), b.runs, mebibytes(floor.Peak))
	return missed(rows)
}

func parse(args []string) (*bench, string, error) {
	b := &bench{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure only this: sweep, inventory, walk, match, startup, watch, live, idle, tray or window")
	quick := flags.Bool("quick", false, "fewer rounds, processes and files: for trying things, not for claims")
	flags.IntVar(&b.runs, "runs", 5, "rounds a row")
	flags.IntVar(&b.processes, "processes", 5000, "processes to sweep through")
	flags.IntVar(&b.files, "files", 200_000, "files to walk through")
	flags.IntVar(&b.lives, "lives", 200, "starts of a banned program, one after the other")
	flags.DurationVar(&b.idle, "idle", time.Minute, "how long to let the agent idle")
	flags.IntVar(&b.starts, "starts", 5000, "process starts to watch")
	flags.StringVar(&b.beagle, "beagle", "build/beagle", "the program to measure")
	if err := flags.Parse(args); err != nil {
		return nil, "", err
	}
	names := make([]string, 0, len(b.parts()))
	for _, p := range b.parts() {
		names = append(names, p.name)
	}
	if *only != "" && !slices.Contains(names, *only) {
		return nil, "", fmt.Errorf("-only %q: want %s", *only, strings.Join(names, ", "))
	}
	if b.runs < 1 || b.processes < 1 || b.files < 1 || b.starts < 1 || flags.NArg() > 0 {
		return nil, "", errors.New("want positive numbers and no further arguments")
	}
	b.rounds = 9
	if *quick {
		b.runs, b.rounds = min(b.runs, 3), 3
		b.processes, b.files = min(b.processes, 500), min(b.files, 20_000)
		b.starts, b.lives, b.idle = min(b.starts, 1000), min(b.lives, 50), min(b.idle, 10*time.Second)
	}
	var err error
	if b.beagle, err = filepath.Abs(b.beagle); err != nil {
		return nil, "", err
	}
	if _, err := os.Stat(b.beagle); err != nil {
		return nil, "", fmt.Errorf("%w (make build makes it)", err)
	}
	b.self, err = os.Executable()
	return b, *only, err
}

// say tells what is going on, apart from the table.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

// kernel names the system the figures were taken on.
func kernel() string {
	data, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "of unknown version"
	}
	return strings.TrimSpace(string(data))
}
