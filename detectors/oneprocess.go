package detectors

import "context"

// ProcessReader reads single processes of a host, as its Processes would list them. It is for
// one goroutine.
type ProcessReader struct {
	host *Host
	live liveReader
}

// ProcessReader returns a reader for this host.
func (h *Host) ProcessReader() *ProcessReader { return &ProcessReader{host: h} }

// Read returns one process; false if it is gone. Where the host's processes are not those of
// this machine, it looks through their list.
func (r *ProcessReader) Read(ctx context.Context, pid int) (Process, bool) {
	if r.host.Processes == nil {
		return Process{}, false
	}
	if r.host.Processes == liveProcesses() {
		return r.live.read(ctx, pid)
	}
	list, err := r.host.Processes.List(ctx)
	if err != nil {
		return Process{}, false
	}
	for i := range list {
		if list[i].PID == pid {
			return list[i], true
		}
	}
	return Process{}, false
}

// Path returns the file that a process of this machine runs, as Read would, and nothing else.
func (r *ProcessReader) Path(ctx context.Context, pid int) (string, error) {
	return r.live.path(ctx, pid)
}

// MountsNow reads the mount table again, as Mounts is what it was when the host was made. It
// is empty where there is no table to read, and for a host that is not this machine.
func (h *Host) MountsNow() []Mount {
	if h.Offline {
		return nil
	}
	return readMounts()
}
