//go:build cgo || ci

package main

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// highContrast asks what the desktop prefers
// (https://learn.microsoft.com/windows/win32/api/winuser/ns-winuser-highcontrastw). No answer is
// no.
func highContrast() bool {
	const (
		getHighContrast = 0x42
		isOn            = 1
	)
	var state struct {
		size, flags uint32
		scheme      *uint16
	}
	state.size = uint32(unsafe.Sizeof(state))
	ask := windows.NewLazySystemDLL("user32.dll").NewProc("SystemParametersInfoW")
	done, _, _ := ask.Call(getHighContrast, uintptr(state.size), uintptr(unsafe.Pointer(&state)), 0)
	return done != 0 && state.flags&isOn != 0
}
