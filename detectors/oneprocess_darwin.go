package detectors

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

type liveReader struct{}

func (liveReader) read(_ context.Context, pid int) (Process, bool) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || int(info.Proc.P_pid) != pid {
		return Process{}, false
	}
	start := info.Proc.P_starttime
	p := Process{
		PID: pid, Name: unix.ByteSliceToString(info.Proc.P_comm[:]),
		Started: time.Unix(start.Sec, int64(start.Usec)*1000),
		User:    nameOf(info.Eproc.Ucred.Uid, map[uint32]string{}),
	}
	if pid == 0 {
		p.Kernel = true
	} else {
		p.Exe, p.Err = executable(pid)
	}
	return p, true
}

func (liveReader) path(_ context.Context, pid int) (string, error) { return executable(pid) }
