package watch

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"beagle/detectors"
)

// systemTable lists processes with one call, which tells the start of each.
type systemTable struct {
	buf    []uint64 // so that entries are aligned
	reader *detectors.ProcessReader
}

func newTable() *systemTable {
	return &systemTable{buf: make([]uint64, 32<<10), reader: (&detectors.Host{}).ProcessReader()}
}

// maxTable bounds the list; a process with its threads takes some kilobytes.
const maxTable = 256 << 20

func (t *systemTable) each(visit func(pid int, birth uint64)) error {
	for {
		size := len(t.buf) * 8
		err := windows.NtQuerySystemInformation(windows.SystemProcessInformation, unsafe.Pointer(&t.buf[0]), uint32(size), nil)
		if err == nil {
			break
		}
		if !errors.Is(err, windows.STATUS_INFO_LENGTH_MISMATCH) || size >= maxTable {
			return fmt.Errorf("list processes: %w", err)
		}
		t.buf = make([]uint64, 2*len(t.buf))
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&t.buf[0])), len(t.buf)*8)
	const entry = int(unsafe.Sizeof(windows.SYSTEM_PROCESS_INFORMATION{}))
	for at := 0; at+entry <= len(bytes); {
		info := (*windows.SYSTEM_PROCESS_INFORMATION)(unsafe.Pointer(&bytes[at]))
		visit(int(info.UniqueProcessID), uint64(info.CreateTime))
		if info.NextEntryOffset == 0 {
			break
		}
		at += int(info.NextEntryOffset)
	}
	return nil
}

func (t *systemTable) program(pid int) ([]byte, error) {
	path, err := t.reader.Path(context.Background(), pid)
	return []byte(path), err
}

func runningPath(pid int) (string, error) {
	return (&detectors.Host{}).ProcessReader().Path(context.Background(), pid)
}

// stillActive is the exit code of a process that has none yet (GetExitCodeProcess).
const stillActive = 259

func birthOf(pid int) (uint64, bool) {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return 0, errors.Is(err, windows.ERROR_ACCESS_DENIED) // there, but not ours to look at
	}
	defer windows.CloseHandle(h)
	var code uint32
	if err := windows.GetExitCodeProcess(h, &code); err != nil || code != stillActive {
		return 0, false
	}
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(h, &created, &exited, &kernel, &user); err != nil {
		return 0, false
	}
	return uint64(created.Nanoseconds()), true
}
