package budget

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Live returns the sources of this machine.
func Live() Sources { return kernel{"/proc", "/sys/class/power_supply"} }

// kernel reads what the kernel shows as files.
type kernel struct{ proc, supplies string }

// Memory reads the second number of statm, which counts pages (proc_pid_statm(5)).
func (k kernel) Memory() (int64, error) {
	data, err := os.ReadFile(k.proc + "/self/statm")
	if err != nil {
		return 0, fmt.Errorf("read the resident size: %w", err)
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0, fmt.Errorf("read the resident size: unusable answer %.60q", data)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the resident size: unusable answer %.60q", data)
	}
	return pages * int64(os.Getpagesize()), nil
}

func (k kernel) Power() (Power, error) { return supply(os.DirFS(k.supplies)) }

// Load takes the pressure, which counts only what has to wait, and else the load, which counts
// what runs and what waits for disks too: kernels can be built or started without the former.
func (k kernel) Load() (float64, error) {
	if data, err := os.ReadFile(k.proc + "/pressure/cpu"); err == nil {
		if load, err := pressure(string(data)); err == nil {
			return load, nil
		}
	}
	data, err := os.ReadFile(k.proc + "/loadavg")
	if err != nil {
		return 0, fmt.Errorf("read the load: %w", err)
	}
	return queue(string(data), runtime.NumCPU())
}

func (kernel) CPU() (time.Duration, error) { return used() }
