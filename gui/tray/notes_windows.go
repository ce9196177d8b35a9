package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"beagle/gui/view"
)

// Notifications go through the icon (Shell_NotifyIcon), which Windows 10 and 11 show as
// toasts. The newer API would want a COM server and entries in the registry; it brings
// buttons, which ours do not have. What systray keeps to itself is written here once more, from
// systray_windows.go of the pinned version.
const (
	trayClass   = "SystrayClass"
	trayIcon    = 100         // the icon's number
	trayMessage = 0x0400 + 1  // WM_USER + 1, about the icon
	userClick   = 0x0400 + 5  // NIN_BALLOONUSERCLICK
	changeIcon  = 1           // NIM_MODIFY
	withInfo    = 0x10        // NIF_INFO
	infoIcon    = 1           // NIIF_INFO
	warningIcon = 2           // NIIF_WARNING
	quiet       = 0x80        // NIIF_RESPECT_QUIET_TIME
	windowProc  = ^uintptr(3) // GWLP_WNDPROC, -4
)

// findEvery and findTime are how often and how long the icon's window is looked for, which
// the tray makes while notices may come already.
const (
	findEvery = 100 * time.Millisecond
	findTime  = 30 * time.Second
)

// iconData is NOTIFYICONDATAW.
type iconData struct {
	size             uint32
	window           windows.Handle
	id, flags        uint32
	callback         uint32
	icon             windows.Handle
	tip              [128]uint16
	state, stateMask uint32
	info             [256]uint16
	version          uint32
	title            [64]uint16
	infoFlags        uint32
	guid             windows.GUID
	balloon          windows.Handle
}

// balloons shows notices at the tray's icon.
type balloons struct {
	window windows.Handle
	notify *windows.LazyProc

	mu    sync.Mutex
	shown view.Notification // the newest; there is room for one
}

// showNotices shows what comes until ctx ends.
func showNotices(ctx context.Context, notices <-chan notice, opened chan<- string, log *slog.Logger) {
	b, err := newBalloons(ctx, opened)
	if err != nil {
		log.Warn("there will be no notifications", "error", err)
	}
	for {
		select {
		case n := <-notices:
			if b == nil {
				continue
			}
			if err := b.show(n); err != nil {
				log.Warn("a notification was not shown", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// newBalloons waits for the icon and puts itself before its window, to hear of clicks.
func newBalloons(ctx context.Context, opened chan<- string) (*balloons, error) {
	user, shell := windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("shell32.dll")
	b := &balloons{notify: shell.NewProc("Shell_NotifyIconW")}
	var err error
	if b.window, err = findIcon(ctx, user.NewProc("FindWindowExW")); err != nil {
		return nil, err
	}
	setProc, callProc := user.NewProc("SetWindowLongPtrW"), user.NewProc("CallWindowProcW")
	var before uintptr
	known := make(chan struct{})
	hook := windows.NewCallback(func(window, message, w, l uintptr) uintptr {
		<-known
		if message == trayMessage && l&0xffff == userClick {
			b.clicked(opened)
		}
		result, _, _ := callProc.Call(before, window, message, w, l)
		return result
	})
	before, _, err = setProc.Call(uintptr(b.window), windowProc, hook)
	close(known)
	if before == 0 {
		return nil, fmt.Errorf("listen to clicks on notifications: %w", err)
	}
	return b, nil
}

// findIcon returns the window of this program's icon.
func findIcon(ctx context.Context, find *windows.LazyProc) (windows.Handle, error) {
	ctx, cancel := context.WithTimeout(ctx, findTime)
	defer cancel()
	ticker := time.NewTicker(findEvery)
	defer ticker.Stop()
	for {
		var window uintptr
		for {
			// Other programs may have such windows, too.
			window, _, _ = find.Call(0, window, uintptr(unsafe.Pointer(wide(trayClass))), 0)
			if window == 0 {
				break
			}
			var owner uint32
			if _, err := windows.GetWindowThreadProcessId(windows.HWND(window), &owner); err == nil && owner == windows.GetCurrentProcessId() {
				return windows.Handle(window), nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return 0, errors.New("find the window of the tray's icon: it did not come")
		}
	}
}

func (b *balloons) show(n notice) error {
	data := iconData{window: b.window, id: trayIcon, flags: withInfo, infoFlags: infoIcon | quiet}
	data.size = uint32(unsafe.Sizeof(data))
	if n.Urgency != view.UrgencyLow {
		data.infoFlags = warningIcon | quiet
	}
	fill(data.title[:], n.Title)
	fill(data.info[:], n.Body)
	b.mu.Lock()
	b.shown = n.Notification
	b.mu.Unlock()
	if ok, _, err := b.notify.Call(changeIcon, uintptr(unsafe.Pointer(&data))); ok == 0 {
		return fmt.Errorf("show a notification: %w", err)
	}
	return nil
}

func (b *balloons) clicked(opened chan<- string) {
	b.mu.Lock()
	record := b.shown.Record
	b.mu.Unlock()
	select {
	case opened <- record:
	default: // the window's thread must not wait
	}
}
