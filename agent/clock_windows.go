package agent

import (
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// newClocks asks for the interrupt time with and without the time that the machine slept:
// https://learn.microsoft.com/windows/win32/sysinfo/interrupt-time
func newClocks() func() reading {
	unbiased := windows.NewLazySystemDLL("kernel32.dll").NewProc("QueryUnbiasedInterruptTime")
	return func() reading {
		r := reading{wall: time.Now().Round(0), elapsed: windows.DurationSinceBoot()}
		var ticks uint64 // of 100 ns
		r.running = r.elapsed
		if ok, _, _ := unbiased.Call(uintptr(unsafe.Pointer(&ticks))); ok != 0 {
			r.running = time.Duration(ticks) * 100
		}
		return r
	}
}
