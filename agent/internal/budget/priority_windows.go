package budget

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/windows"
)

// Modes of SetThreadPriority. In the background Windows holds back processors, disks and memory
// (https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setthreadpriority).
const (
	backgroundBegin = 0x00010000
	backgroundEnd   = 0x00020000
)

// Lower lets what people run come before the whole agent. A priority that is lower already
// stays. It is called once, at the start.
func Lower() error {
	class, err := windows.GetPriorityClass(windows.CurrentProcess())
	if err == nil && class != windows.IDLE_PRIORITY_CLASS {
		err = windows.SetPriorityClass(windows.CurrentProcess(), windows.BELOW_NORMAL_PRIORITY_CLASS)
	}
	if err != nil {
		return fmt.Errorf("lower the priority: %w", err)
	}
	return nil
}

// IdleThread gives the calling goroutine a thread of its own in the background. Restore gives it
// back. An error says what could not be had; restore is to be called all the same. If it fails,
// the goroutine stays tied to the thread, which ends with it: so restore comes last in a
// goroutine's life.
func IdleThread() (restore func(), err error) {
	runtime.LockOSThread()
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadPriority")
	if err := call(set, uintptr(windows.CurrentThread()), backgroundBegin); err != nil {
		return runtime.UnlockOSThread, fmt.Errorf("get an idle thread: %w", err)
	}
	return func() {
		if call(set, uintptr(windows.CurrentThread()), backgroundEnd) == nil {
			runtime.UnlockOSThread()
		}
	}, nil
}
