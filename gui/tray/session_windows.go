package tray

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/windows"
)

// Names of this session's objects; other sessions have others of the same name
// (https://learn.microsoft.com/windows/win32/termserv/kernel-object-namespaces).
const (
	placeName = `Local\Beagle.Tray`
	bellName  = `Local\Beagle.Tray.Open`
)

// openSession claims the place of the session's tray. Where another program has it, that one
// is asked to open the window.
func openSession(ctx context.Context, o Options) (session, error) {
	bell, err := event(bellName)
	if err != nil {
		return session{}, fmt.Errorf("make the bell of the session's tray: %w", err)
	}
	place, err := windows.CreateMutex(nil, false, wide(placeName))
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		err = errors.Join(ErrSecond, windows.SetEvent(bell))
	}
	if err != nil {
		return session{}, errors.Join(fmt.Errorf("claim the place of the session's tray: %w", err), closeAll(bell, place))
	}
	stop, err := event("")
	if err != nil {
		return session{}, errors.Join(fmt.Errorf("make a bell to stop: %w", err), closeAll(bell, place))
	}
	called, opened, notices := make(chan struct{}, 1), make(chan string, 8), make(chan notice, 16)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { listen(bell, stop, called) })
	running.Go(func() { showNotices(ctx, notices, opened, o.Log) })
	return session{
		notices: notices, opened: opened, called: called,
		close: func() error {
			cancel()
			err := windows.SetEvent(stop)
			running.Wait()
			return errors.Join(err, closeAll(bell, place, stop))
		},
	}, nil
}

// listen passes on each ring of the bell until it is told to stop. It waits in the kernel.
func listen(bell, stop windows.Handle, called chan<- struct{}) {
	for {
		which, err := windows.WaitForMultipleObjects([]windows.Handle{stop, bell}, false, windows.INFINITE)
		if err != nil || which == windows.WAIT_OBJECT_0 {
			return
		}
		select {
		case called <- struct{}{}:
		default:
		}
	}
}

// event makes an event, or opens the one of that name, that each wait resets.
func event(name string) (windows.Handle, error) {
	var at *uint16
	if name != "" {
		at = wide(name)
	}
	handle, err := windows.CreateEvent(nil, 0, 0, at)
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return handle, nil
	}
	return handle, err
}

// wide is a text for the system. Texts from outside lose what comes after a zero, as they
// would there.
func wide(text string) *uint16 {
	for i := range len(text) {
		if text[i] == 0 {
			text = text[:i]
			break
		}
	}
	p, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return new(uint16)
	}
	return p
}

func closeAll(handles ...windows.Handle) error {
	var errs []error
	for _, h := range handles {
		if h != 0 {
			errs = append(errs, windows.CloseHandle(h))
		}
	}
	return errors.Join(errs...)
}
