package budget

import (
	"fmt"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Live returns the sources of this machine.
func Live() Sources {
	dll := windows.NewLazySystemDLL("kernel32.dll")
	return &system{
		memoryInfo:  dll.NewProc("K32GetProcessMemoryInfo"),
		powerStatus: dll.NewProc("GetSystemPowerStatus"),
		systemTimes: dll.NewProc("GetSystemTimes"),
	}
}

// system asks Windows.
type system struct {
	memoryInfo, powerStatus, systemTimes *windows.LazyProc

	mu     sync.Mutex
	before times // the last reading of Load
}

func (*system) CPU() (time.Duration, error) {
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user); err != nil {
		return 0, fmt.Errorf("read the use of CPU: %w", err)
	}
	return span(kernel) + span(user), nil
}

// span reads a length of time, which counts in 100 nanoseconds.
func span(t windows.Filetime) time.Duration {
	return 100 * time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime))
}

// memoryCounters is PROCESS_MEMORY_COUNTERS
// (https://learn.microsoft.com/windows/win32/api/psapi/ns-psapi-process_memory_counters).
type memoryCounters struct {
	size, pageFaults               uint32
	peakWorkingSet, workingSet     uintptr
	peakPagedPool, pagedPool       uintptr
	peakNonPagedPool, nonPagedPool uintptr
	pagefile, peakPagefile         uintptr
}

func (s *system) Memory() (int64, error) {
	counters := memoryCounters{size: uint32(unsafe.Sizeof(memoryCounters{}))}
	err := call(s.memoryInfo, uintptr(windows.CurrentProcess()), uintptr(unsafe.Pointer(&counters)), uintptr(counters.size))
	if err != nil {
		return 0, fmt.Errorf("read the resident size: %w", err)
	}
	return int64(counters.workingSet), nil
}

// powerStatus is SYSTEM_POWER_STATUS
// (https://learn.microsoft.com/windows/win32/api/winbase/ns-winbase-system_power_status).
type powerStatus struct {
	acLine, battery, percent, saver byte
	lifeTime, fullLifeTime          uint32
}

func (s *system) Power() (Power, error) {
	var status powerStatus
	if err := call(s.powerStatus, uintptr(unsafe.Pointer(&status))); err != nil {
		return UnknownPower, fmt.Errorf("read what the machine runs on: %w", err)
	}
	switch status.acLine {
	case 0:
		return Battery, nil
	case 1:
		return Mains, nil
	}
	return UnknownPower, nil
}

// Load compares what the processors did with the last time it was asked.
func (s *system) Load() (float64, error) {
	var idle, kernel, user windows.Filetime // kernel includes idle
	err := call(s.systemTimes, uintptr(unsafe.Pointer(&idle)), uintptr(unsafe.Pointer(&kernel)), uintptr(unsafe.Pointer(&user)))
	if err != nil {
		return 0, fmt.Errorf("read the load: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := times{at: time.Now(), idle: span(idle), busy: span(kernel) + span(user) - span(idle)}
	before := s.before
	s.before = now
	return now.since(before), nil
}

// call calls a function that returns zero when it fails. Pointers among the arguments stay
// valid for the time of the call.
//
//go:uintptrescapes
func call(proc *windows.LazyProc, args ...uintptr) error {
	if err := proc.Find(); err != nil {
		return err
	}
	if ok, _, err := proc.Call(args...); ok == 0 {
		return err
	}
	return nil
}
