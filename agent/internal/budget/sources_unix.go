//go:build unix

package budget

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// used is what all threads of this process used so far, in user and system mode.
func used() (time.Duration, error) {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("read the use of CPU: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
