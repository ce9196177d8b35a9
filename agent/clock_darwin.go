package agent

import (
	"time"

	"golang.org/x/sys/unix"
)

// The clocks of clock_gettime(3) on macOS: this one counts on while the machine sleeps, the
// other does not.
const (
	clockMonotonicRaw = 4
	clockUptimeRaw    = 8
)

func newClocks() func() reading { return readClocks }

func readClocks() reading {
	return reading{wall: time.Now().Round(0), elapsed: clock(clockMonotonicRaw), running: clock(clockUptimeRaw)}
}

// clock cannot fail with these clocks, which macOS 10.12 brought.
func clock(id int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
