//go:build !darwin

package detectors

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// gopsutilProcesses reads processes through gopsutil, which needs no child process on
// Linux and Windows.
type gopsutilProcesses struct{}

func liveProcesses() Processes { return gopsutilProcesses{} }

func (gopsutilProcesses) List(ctx context.Context) ([]Process, error) {
	pids, err := process.PidsWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	names := userNames{}
	list := make([]Process, 0, len(pids))
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return list, err
		}
		if p, ok := readProcess(ctx, &process.Process{Pid: pid}, names); ok {
			list = append(list, p)
		}
	}
	return list, nil
}

// readProcess asks for the path first: a process without one is either gone, a thread of
// the kernel, or somebody else's.
func readProcess(ctx context.Context, p *process.Process, names userNames) (Process, bool) {
	out := Process{PID: int(p.Pid)}
	exe, err := p.ExeWithContext(ctx)
	if err == nil {
		out.Exe, out.Deleted = strings.CutSuffix(exe, " (deleted)")
	}
	if out.Exe == "" {
		name, nameErr := p.NameWithContext(ctx)
		if nameErr != nil {
			return out, false // gone in the meantime
		}
		out.Name, out.Err = name, err
		if errors.Is(err, fs.ErrNotExist) || isKernelThread(ctx, p) {
			out.Kernel, out.Err = true, nil
		}
	} else {
		out.Name = exe[strings.LastIndexAny(exe, `/\`)+1:]
	}
	out.User = names.of(ctx, p)
	if ms, err := p.CreateTimeWithContext(ctx); err == nil {
		out.Started = time.UnixMilli(ms)
	}
	return out, true
}

// isKernelThread tells by the parent: all threads of the Linux kernel descend from
// kthreadd, which is process 2.
func isKernelThread(ctx context.Context, p *process.Process) bool {
	if runtime.GOOS != "linux" {
		return p.Pid == 0 || p.Pid == 4 // Idle and System on Windows
	}
	parent, err := p.PpidWithContext(ctx)
	return p.Pid == 2 || err == nil && parent == 2
}

// userNames remembers names by uid, since looking one up reads a file.
type userNames map[int32]string

func (n userNames) of(ctx context.Context, p *process.Process) string {
	if runtime.GOOS == "windows" {
		name, _ := p.UsernameWithContext(ctx)
		return name[strings.LastIndexByte(name, '\\')+1:]
	}
	info, err := os.Stat(fmt.Sprintf("/proc/%d", p.Pid))
	if err != nil {
		return ""
	}
	uid, ok := ownerID(info)
	if !ok {
		return ""
	}
	if name, known := n[uid]; known {
		return name
	}
	n[uid], _ = p.UsernameWithContext(ctx)
	return n[uid]
}
