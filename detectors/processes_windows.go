package detectors

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// gopsutilProcesses reads processes through gopsutil, which needs no child process on
// Windows.
type gopsutilProcesses struct{}

func liveProcesses() Processes { return gopsutilProcesses{} }

func (gopsutilProcesses) List(ctx context.Context) ([]Process, error) {
	pids, err := process.PidsWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	list := make([]Process, 0, len(pids))
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return list, err
		}
		if p, ok := readProcess(ctx, &process.Process{Pid: pid}); ok {
			list = append(list, p)
		}
	}
	return list, nil
}

// readProcess asks for the path first: a process without one is either gone, part of the
// kernel, or somebody else's.
func readProcess(ctx context.Context, p *process.Process) (Process, bool) {
	out := Process{PID: int(p.Pid)}
	exe, err := p.ExeWithContext(ctx)
	if err == nil && exe != "" {
		out.Exe, out.Name = exe, exe[strings.LastIndexAny(exe, `/\`)+1:]
	} else {
		name, nameErr := p.NameWithContext(ctx)
		if nameErr != nil {
			return out, false // gone in the meantime
		}
		out.Name, out.Err = name, err
		if p.Pid == 0 || p.Pid == 4 { // Idle and System
			out.Kernel, out.Err = true, nil
		}
	}
	user, _ := p.UsernameWithContext(ctx)
	out.User = user[strings.LastIndexByte(user, '\\')+1:]
	if ms, err := p.CreateTimeWithContext(ctx); err == nil {
		out.Started = time.UnixMilli(ms)
	}
	return out, true
}
