package detectors

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os/user"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sysctlProcesses reads processes through sysctl. gopsutil would start lsof and ps for
// every process when built without cgo.
type sysctlProcesses struct{}

func liveProcesses() Processes { return sysctlProcesses{} }

func (sysctlProcesses) List(ctx context.Context) ([]Process, error) {
	infos, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	names := map[uint32]string{}
	list := make([]Process, 0, len(infos))
	for i := range infos {
		if err := ctx.Err(); err != nil {
			return list, err
		}
		info := &infos[i]
		start := info.Proc.P_starttime
		p := Process{
			PID:     int(info.Proc.P_pid),
			Name:    unix.ByteSliceToString(info.Proc.P_comm[:]),
			Started: time.Unix(start.Sec, int64(start.Usec)*1000),
			User:    nameOf(info.Eproc.Ucred.Uid, names),
		}
		if p.PID == 0 {
			p.Kernel = true
		} else {
			p.Exe, p.Err = executable(p.PID)
		}
		list = append(list, p)
	}
	return list, nil
}

// executable reads the path with which the process was started: KERN_PROCARGS2 holds argc,
// then the path up to a zero byte (xnu, bsd/kern/kern_sysctl.c, sysctl_procargsx).
func executable(pid int) (string, error) {
	raw, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil {
		return "", fmt.Errorf("read the path of process %d: %w", pid, err)
	}
	if len(raw) < 4 || binary.NativeEndian.Uint32(raw) > 1<<20 {
		return "", fmt.Errorf("read the path of process %d: unusable answer", pid)
	}
	path, _, _ := bytes.Cut(raw[4:], []byte{0})
	if !strings.HasPrefix(string(path), "/") {
		return "", fmt.Errorf("read the path of process %d: %q is not absolute", pid, path)
	}
	return string(path), nil
}

func nameOf(uid uint32, names map[uint32]string) string {
	if name, known := names[uid]; known {
		return name
	}
	if u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10)); err == nil {
		names[uid] = u.Username
	}
	return names[uid]
}
