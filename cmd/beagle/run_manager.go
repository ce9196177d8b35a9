package main

import (
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// manager is who started the agent and wants to hear how it goes. Its functions may be called
// from any goroutine and return at once.
type manager struct {
	ready    func() // the agent answers and looks
	alive    func() // it still does
	stopping func() // it was told to stop
}

// systemd returns the manager behind NOTIFY_SOCKET (sd_notify(3)). Without one it does
// nothing.
func systemd() manager {
	tell := func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			slog.Warn("the service manager cannot be told", "error", err)
		}
	}
	m := manager{
		ready:    func() { tell(daemon.SdNotifyReady + "\nSTATUS=Watching.") },
		alive:    func() {},
		stopping: func() { tell(daemon.SdNotifyStopping + "\nSTATUS=Stopping.") },
	}
	// An agent that was started by hand in the service's environment is not the one that
	// systemd watches: SdWatchdogEnabled compares the process.
	if every, err := daemon.SdWatchdogEnabled(false); err == nil && every > time.Duration(0) {
		m.alive = func() { tell(daemon.SdNotifyWatchdog) }
	}
	return m
}
