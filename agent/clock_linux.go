package agent

import (
	"time"

	"golang.org/x/sys/unix"
)

// newClocks asks the kernel: CLOCK_BOOTTIME counts on while the machine sleeps,
// CLOCK_MONOTONIC does not (clock_gettime(2)).
func newClocks() func() reading { return readClocks }

func readClocks() reading {
	return reading{wall: time.Now().Round(0), elapsed: clock(unix.CLOCK_BOOTTIME), running: clock(unix.CLOCK_MONOTONIC)}
}

// clock cannot fail with these clocks, which every kernel has.
func clock(id int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
