package budget

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// nice is the priority of the agent: low enough for what people run to come first.
const nice = 5

// Lower lets what people run come before the whole agent. A priority that is lower already, as
// a launchd job may ask for, stays. It is called once, at the start.
func Lower() error {
	before, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err == nil && before < nice {
		err = unix.Setpriority(unix.PRIO_PROCESS, 0, nice)
	}
	if err != nil {
		return fmt.Errorf("lower the priority: %w", err)
	}
	return nil
}

// IdleThread gives the calling goroutine a thread of its own in the background, where macOS
// holds back processors and disks (setpriority(2), PRIO_DARWIN_BG). Restore gives it back. An
// error says what could not be had; restore is to be called all the same. If it fails, the
// goroutine stays tied to the thread, which ends with it: so restore comes last in a
// goroutine's life.
func IdleThread() (restore func(), err error) {
	runtime.LockOSThread()
	if err := unix.Setpriority(unix.PRIO_DARWIN_THREAD, 0, unix.PRIO_DARWIN_BG); err != nil {
		return runtime.UnlockOSThread, fmt.Errorf("get an idle thread: %w", err)
	}
	return func() {
		if unix.Setpriority(unix.PRIO_DARWIN_THREAD, 0, 0) == nil {
			runtime.UnlockOSThread()
		}
	}, nil
}
