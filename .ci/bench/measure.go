package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// contender is one program of a row.
type contender struct {
	args []string
	// codes are the exit codes that mean success besides 0.
	codes []int
}

// sample is what one run of a program cost.
type sample struct {
	CPU, Wall time.Duration
	Peak      int64 // bytes
}

// launched is what the launcher says of the program it ran.
type launched struct {
	Sample sample
	Code   int
	Stderr string
}

// once runs a program through the launcher.
func (b *bench) once(ctx context.Context, c contender) (sample, error) {
	out, err := b.output(ctx, append([]string{"role-launch"}, c.args...))
	if err != nil {
		return sample{}, err
	}
	var l launched
	if err := json.Unmarshal(out, &l); err != nil {
		return sample{}, fmt.Errorf("read what the launcher says: %w", err)
	}
	if l.Code != 0 && !slices.Contains(c.codes, l.Code) {
		return sample{}, fmt.Errorf("%s ended with %d: %s", strings.Join(c.args, " "), l.Code, strings.TrimSpace(l.Stderr))
	}
	return l.Sample, nil
}

// output plays a role in a process of its own and returns what it prints. When ctx ends,
// everything that process started ends with it.
func (b *bench) output(ctx context.Context, args []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, b.self, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd.Output()
}

// launch runs a program and prints what it cost. It is a process of its own because Linux
// counts the peak of the process that called exec as the new program's too
// (setmax_mm_hiwater_rss in fs/exec.c): a small launcher keeps that floor low.
func launch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("launch what?")
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	started := time.Now()
	err := cmd.Run()
	wall := time.Since(started)
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the system does not say what a process used")
	}
	return json.NewEncoder(os.Stdout).Encode(launched{
		Sample: sample{CPU: cpu(usage), Wall: wall, Peak: peak(usage)},
		Code:   cmd.ProcessState.ExitCode(),
		Stderr: stderr.String(),
	})
}

func cpu(u *syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }

// peak is in bytes; getrusage(2) counts kibibytes.
func peak(u *syscall.Rusage) int64 { return int64(u.Maxrss) << 10 }

// race runs the programs round by round and returns the samples of each. Before the first
// round each runs once unmeasured, so that all find the same things in memory.
func (b *bench) race(ctx context.Context, contenders ...contender) ([][]sample, error) {
	for _, c := range contenders {
		if _, err := b.once(ctx, c); err != nil {
			return nil, err
		}
	}
	all := make([][]sample, len(contenders))
	for round := range b.runs {
		for turn := range contenders {
			i := (round + turn) % len(contenders)
			s, err := b.once(ctx, contenders[i])
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], s)
		}
	}
	return all, nil
}
