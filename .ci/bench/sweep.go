package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	gopsprocess "github.com/shirou/gopsutil/v3/process"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/process"
)

// sweepGoal is the design's: process sweep, 5,000 processes, beside gopsutil v3.
const sweepGoal = 1.2

func (b *bench) sweepRows(ctx context.Context) (rows []row, err error) {
	b.say("starting %d processes", b.processes)
	c, err := assemble(ctx, b.dir, b.processes)
	defer func() { err = errors.Join(err, c.dismiss()) }()
	note := ""
	if err != nil {
		if len(c.pids) < min(b.processes, 100) {
			return nil, err
		}
		note = fmt.Sprintf("only %d processes could be started: %v", len(c.pids), err)
	}
	least := strconv.Itoa(len(c.pids))
	b.say("sweeping through them")
	all, err := b.race(ctx,
		contender{args: []string{b.self, "role-sweep", least}},
		contender{args: []string{b.self, "role-gopsutil", least}},
		// The columns are what gopsutil is asked for too.
		contender{args: []string{"ps", "-eo", "pid,ppid,user,lstart,comm,exe,args"}})
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("process sweep, %d", len(c.pids))
	library, ps := compare(all[0], all[1]), compare(all[0], all[2])
	first, second := library.row(what+" / gopsutil v3"), ps.row(what+" / ps")
	first.goal, first.note = atMost(library.cpu.median, sweepGoal, "%.1f"), note
	return []row{first, second}, nil
}

// crowd is a number of processes that do nothing.
type crowd struct {
	pids []int
	hold *os.File // they end by themselves when this closes, even if the bench is killed
}

// programs is how many different programs a crowd runs, each in a folder of its own as
// apps lie on a desktop.
const programs = 100

// assemble starts n processes that wait at a pipe. On failure it returns those it started.
func assemble(ctx context.Context, dir string, n int) (*crowd, error) {
	c := &crowd{}
	idle, err := copies(filepath.Join(dir, "programs"))
	if err != nil {
		return c, err
	}
	wait, hold, err := os.Pipe()
	if err != nil {
		return c, err
	}
	defer wait.Close()
	c.hold = hold
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return c, err
	}
	defer null.Close()
	attr := &syscall.ProcAttr{Files: []uintptr{wait.Fd(), null.Fd(), null.Fd()}}
	for i := range n {
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
		// os.StartProcess would hold a descriptor for each process.
		pid, err := syscall.ForkExec(idle[i%len(idle)], []string{"cat"}, attr)
		if err != nil {
			return c, fmt.Errorf("start process %d: %w", i+1, err)
		}
		c.pids = append(c.pids, pid)
	}
	return c, nil
}

// copies puts a small program that waits for its input under many names.
func copies(dir string) ([]string, error) {
	from, err := exec.LookPath("cat")
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return nil, err
	}
	var paths []string
	for i := range programs {
		path := filepath.Join(dir, fmt.Sprintf("app%02d", i), "bin", fmt.Sprintf("tool%02d", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, data, 0o755); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// dismiss ends the crowd and waits until it is gone.
func (c *crowd) dismiss() error {
	var err error
	if c.hold != nil {
		err = c.hold.Close()
	}
	for _, pid := range c.pids { // not waited for yet, so each id is still its own
		err = errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
	}
	for _, pid := range c.pids {
		for {
			_, waitErr := syscall.Wait4(pid, nil, 0, nil)
			if !errors.Is(waitErr, syscall.EINTR) {
				err = errors.Join(err, waitErr)
				break
			}
		}
	}
	return err
}

// sweep looks at all processes as a scan does.
func sweep(ctx context.Context, args []string) error {
	index, err := knownIndex()
	if err != nil {
		return err
	}
	host, err := detectors.Live(ctx)
	if err != nil {
		return err
	}
	seen := detectors.Run(ctx, host, []detectors.Probe{process.Probe(index)}, detectors.Limits{})
	return enough(seen.Probes[0].Examined, args)
}

// gopsutil reads of all processes what the note on speed measured: the plain way to do it.
func gopsutil(_ context.Context, args []string) error {
	list, err := gopsprocess.Processes()
	if err != nil {
		return err
	}
	for _, p := range list {
		// Errors are usual here: threads of the kernel have no program.
		_, _ = p.Name()
		_, _ = p.Exe()
		_, _ = p.Cmdline()
		_, _ = p.Ppid()
		_, _ = p.Username()
		_, _ = p.CreateTime()
	}
	return enough(int64(len(list)), args)
}

// enough keeps a contender from winning by looking at less.
func enough(got int64, args []string) error {
	if len(args) == 0 {
		return errors.New("how many are enough?")
	}
	want, err := strconv.ParseInt(args[len(args)-1], 10, 64)
	if err != nil {
		return err
	}
	if got < want {
		return fmt.Errorf("looked at %d, but there are at least %d", got, want)
	}
	return nil
}

// knownIndex is the catalog that the contenders use.
func knownIndex() (*catalog.Index, error) {
	apps, version, err := knownApps()
	if err != nil {
		return nil, err
	}
	return catalog.New(version, apps)
}
