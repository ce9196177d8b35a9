package budget

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The priorities of input and output, and whose they are (ioprio_set(2), linux/ioprio.h).
const (
	ioWhoProcess = 1 // which means one thread
	ioClassShift = 13
	ioBestEffort = 2<<ioClassShift | 7 // the least of its class
	ioIdle       = 3 << ioClassShift
)

// nice is the priority of the agent: low enough for what people run to come first, and high
// enough that what starts on a busy machine is still seen in time.
const nice = 5

// Lower lets what people run come before the whole agent. A priority that is lower already, as
// a service unit may ask for, stays. It is called once, at the start.
//
// On Linux priorities belong to threads, and new ones have that of the thread that starts them;
// so all there are get it, until no new ones turn up.
func Lower() error {
	done := map[int]bool{}
	var failed error
	for more := true; more; {
		more = false
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("lower the priority: %w", err)
		}
		for _, entry := range threads {
			tid, err := strconv.Atoi(entry.Name())
			if err != nil || done[tid] {
				continue
			}
			done[tid], more = true, true
			if err := lower(tid); err != nil && !errors.Is(err, unix.ESRCH) {
				failed = fmt.Errorf("lower the priority: %w", err)
			}
		}
	}
	return failed
}

func lower(tid int) error {
	raw, err := unix.Getpriority(unix.PRIO_PROCESS, tid) // the call itself returns 20 minus nice
	if err == nil && 20-raw < nice {
		err = unix.Setpriority(unix.PRIO_PROCESS, tid, nice)
	}
	class, ioErr := ioPriority(tid)
	if ioErr == nil && class < ioBestEffort { // the idle class is above
		ioErr = setIOPriority(tid, ioBestEffort)
	}
	return errors.Join(err, ioErr)
}

// IdleThread gives the calling goroutine a thread of its own that only gets what no other
// program wants, of processors and of disks that know of priorities. Restore gives it back.
// An error says what could not be had; restore is to be called all the same.
//
// To raise a priority again takes rights that a service may not have (CAP_SYS_NICE or RLIMIT_NICE,
// see sched(7)). Then restore leaves the goroutine tied to its thread, and the
// thread ends with it: so restore comes last in a goroutine's life. (Go parks a program's first
// thread instead, which cannot end.)
//
// Threads that Go starts meanwhile are not children of this one and have the usual priority.
// But where others want every processor, a thread that gets none can hold up the whole program
// when Go's collector waits for all threads to pause: for up to a second, as measured with two
// busy programs for each processor. Another reason not to go on there; the governor sees to it.
func IdleThread() (restore func(), err error) {
	runtime.LockOSThread()
	policy, cpuErr := scheduler()
	if cpuErr == nil {
		cpuErr = setScheduler(unix.SCHED_IDLE)
	}
	io, ioErr := ioPriority(0)
	if ioErr == nil {
		ioErr = setIOPriority(0, ioIdle)
	}
	restore = func() {
		if cpuErr == nil && setScheduler(policy) != nil {
			return
		}
		if ioErr == nil && setIOPriority(0, io) != nil {
			return
		}
		runtime.UnlockOSThread()
	}
	if err := errors.Join(cpuErr, ioErr); err != nil {
		return restore, fmt.Errorf("get an idle thread: %w", err)
	}
	return restore, nil
}

// scheduler and setScheduler are for the calling thread. sched_setattr(2) could do as much, but
// sandboxes that keep services from real-time priorities cannot look into its argument.

func scheduler() (int, error) {
	policy, _, errno := unix.Syscall(unix.SYS_SCHED_GETSCHEDULER, 0, 0, 0)
	if errno != 0 {
		return 0, fmt.Errorf("read the scheduling policy: %w", errno)
	}
	return int(policy), nil
}

func setScheduler(policy int) error {
	var priority int32 // which must be 0 for all policies but real-time ones
	if _, _, errno := unix.Syscall(unix.SYS_SCHED_SETSCHEDULER, 0, uintptr(policy), uintptr(unsafe.Pointer(&priority))); errno != 0 {
		return fmt.Errorf("set the scheduling policy: %w", errno)
	}
	return nil
}

func ioPriority(tid int) (int, error) {
	class, _, errno := unix.Syscall(unix.SYS_IOPRIO_GET, ioWhoProcess, uintptr(tid), 0)
	if errno != 0 {
		return 0, fmt.Errorf("read the priority of input and output: %w", errno)
	}
	return int(class), nil
}

func setIOPriority(tid, class int) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOPRIO_SET, ioWhoProcess, uintptr(tid), uintptr(class)); errno != 0 {
		return fmt.Errorf("set the priority of input and output: %w", errno)
	}
	return nil
}
