package detectors

import (
	"context"

	"github.com/shirou/gopsutil/v3/process"
)

type liveReader struct{}

func (liveReader) read(ctx context.Context, pid int) (Process, bool) {
	return readProcess(ctx, &process.Process{Pid: int32(pid)})
}

func (liveReader) path(ctx context.Context, pid int) (string, error) {
	return (&process.Process{Pid: int32(pid)}).ExeWithContext(ctx)
}
