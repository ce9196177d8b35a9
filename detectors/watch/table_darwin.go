package watch

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"beagle/detectors"
)

// kinfoTable lists processes by sysctl. A list comes with the start and the name of each, which
// changes when a process goes on to another program.
type kinfoTable struct{ reader *detectors.ProcessReader }

func newTable() *kinfoTable {
	return &kinfoTable{reader: (&detectors.Host{}).ProcessReader()}
}

func (t *kinfoTable) each(visit func(pid int, birth uint64)) error {
	infos, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	for i := range infos {
		visit(int(infos[i].Proc.P_pid), birth(&infos[i]))
	}
	return nil
}

// birth mixes when a process started, in microseconds, with its name (FNV-1a).
func birth(info *unix.KinfoProc) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range info.Proc.P_comm {
		h = (h ^ uint64(c)) * 1099511628211
	}
	start := info.Proc.P_starttime
	return h ^ uint64(start.Sec)*1_000_000 + uint64(start.Usec)
}

func (t *kinfoTable) program(pid int) ([]byte, error) {
	path, err := t.reader.Path(context.Background(), pid)
	return []byte(path), err
}

func runningPath(pid int) (string, error) {
	return (&detectors.Host{}).ProcessReader().Path(context.Background(), pid)
}

// zombie is the state of a process that ended and was not waited for (SZOMB, xnu bsd/sys/proc.h).
const zombie = 5

func birthOf(pid int) (uint64, bool) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || int(info.Proc.P_pid) != pid || info.Proc.P_stat == zombie {
		return 0, false
	}
	return birth(info), true
}
