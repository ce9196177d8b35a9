package budget

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Live returns the sources of this machine.
func Live() Sources { return system{} }

// system asks macOS as far as it answers without cgo.
type system struct{}

func (system) CPU() (time.Duration, error) { return used() }

// Memory asks the kernel as proc_pidinfo(PROC_PIDTASKINFO) of libproc does. Should it not
// answer, it falls back to what Go took from the system, which is without the program itself.
func (system) Memory() (int64, error) {
	const procInfo, pidInfo, taskInfo = 336, 2, 4 // SYS_proc_info, PROC_INFO_CALL_PIDINFO, PROC_PIDTASKINFO
	var buf [taskInfoSize]byte
	n, _, errno := unix.Syscall6(procInfo, pidInfo, uintptr(os.Getpid()), taskInfo, 0,
		uintptr(unsafe.Pointer(&buf)), taskInfoSize)
	if errno == 0 {
		if resident, err := residentOf(buf[:min(n, taskInfoSize)]); err == nil {
			return resident, nil
		}
	}
	return fromRuntime()
}

func fromRuntime() (int64, error) {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	for i := range sample {
		if sample[i].Value.Kind() != metrics.KindUint64 {
			return 0, fmt.Errorf("read the resident size: no metric %s", sample[i].Name)
		}
	}
	return int64(sample[0].Value.Uint64() - sample[1].Value.Uint64()), nil
}

// Power cannot be told: only IOKit knows, and that takes cgo or a child process.
func (system) Power() (Power, error) { return UnknownPower, nil }

func (system) Load() (float64, error) {
	raw, err := unix.SysctlRaw("vm.loadavg")
	if err != nil {
		return 0, fmt.Errorf("read the load: %w", err)
	}
	return loadavg(raw, runtime.NumCPU())
}
