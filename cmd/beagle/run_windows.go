package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
)

const limitsOfUser = "this agent runs as an ordinary user: it does not see the profiles and registry hives of others. " +
	"For the whole machine run, as an administrator: beagle service install"

// flagSCM is the argument with which the service is installed. It says that the service
// manager is the parent: to find that out by looking at the parent process fails where
// services do not run in session 0, as under Wine.
const flagSCM = "scm"

// startTime and endTime are what the service manager is asked to be patient for.
const (
	startTime = 60 * time.Second
	endTime   = 5 * time.Second
)

func systemState() (string, error) {
	// The known folder: the variable of the same name can be set by whoever starts us.
	data, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	return filepath.Join(data, "Beagle"), err
}

func userState() (string, error) {
	data, err := windows.KnownFolderPath(windows.FOLDERID_LocalAppData, windows.KF_FLAG_DEFAULT)
	return filepath.Join(data, "Beagle"), err
}

// privileged reports whether the process acts as an administrator or as the system.
func privileged() (bool, error) {
	admins, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return false, fmt.Errorf("ask who runs this: %w", err)
	}
	member, err := windows.Token(0).IsMember(admins) // false for one who has not elevated
	if err != nil {
		return false, fmt.Errorf("ask who runs this: %w", err)
	}
	return member, nil
}

// prepareState makes the state folder. The usual one of the system is for the system and
// administrators alone; who names another one is asked to protect it.
func prepareState(dir string, system bool) error {
	usual, err := systemState()
	if err != nil {
		return err
	}
	if system && strings.EqualFold(dir, usual) {
		return secureFolder(dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return ownFolder(dir)
}

// hangups: Windows has no such signal; changed settings are noticed all the same.
func hangups(context.Context) <-chan struct{} { return nil }

// underSCM runs body as the service that the service manager of Windows started.
func underSCM(ctx context.Context, body func(context.Context, manager) error) error {
	if err := ignoreConsole(); err != nil {
		return err
	}
	h := &handler{ctx: ctx, body: body}
	if err := svc.Run(serviceName, h); err != nil {
		return fmt.Errorf("--%s is for the service manager: %w", flagSCM, err)
	}
	return h.err
}

// ignoreConsole keeps console events from the Go runtime, which takes them for a request to
// end: a service hears of it whenever somebody logs off
// (https://learn.microsoft.com/windows/console/handlerroutine).
func ignoreConsole() error {
	handled := windows.NewCallback(func(uint32) uintptr { return 1 })
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetConsoleCtrlHandler")
	if ok, _, err := set.Call(handled, 1); ok == 0 {
		return fmt.Errorf("refuse console events: %w", err)
	}
	return nil
}

// handler tells the service manager how the agent goes, and the agent when to stop.
type handler struct {
	ctx  context.Context
	body func(context.Context, manager) error
	err  error
}

// Execute is called by svc.Run in a goroutine of its own.
func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, changes chan<- svc.Status) (specific bool, code uint32) {
	const accepts = svc.AcceptStop | svc.AcceptShutdown | svc.AcceptPreShutdown
	ctx, stop := context.WithCancel(h.ctx)
	defer stop()
	changes <- svc.Status{State: svc.StartPending, WaitHint: waitHint(startTime)}
	ready, ended := make(chan struct{}, 1), make(chan error, 1)
	tell := manager{
		ready: func() {
			select {
			case ready <- struct{}{}:
			default: // said before
			}
		},
		alive: func() {}, stopping: func() {},
	}
	go func() { ended <- h.body(ctx, tell) }()
	var hear <-chan struct{} = ready // nil once it is of no interest
	for {
		select {
		case h.err = <-ended:
			if h.err != nil {
				h.complain()
				return true, exitUsage // a failure, so that the recovery actions take place
			}
			return false, 0
		case <-hear:
			hear = nil
			changes <- svc.Status{State: svc.Running, Accepts: accepts}
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				changes <- request.CurrentStatus
			case svc.Stop, svc.Shutdown, svc.PreShutdown:
				changes <- svc.Status{State: svc.StopPending, WaitHint: waitHint(endTime)}
				hear = nil
				stop()
			}
		}
	}
}

// complain writes to the event log what was not logged: the log could not be opened yet.
func (h *handler) complain() {
	var logged exit
	if errors.As(h.err, &logged) && logged.err == nil {
		return
	}
	if events, shut, err := systemLog(); err == nil {
		slog.New(events).Error("cannot run", "error", h.err)
		_ = shut() // what was written is kept
	}
}

func waitHint(d time.Duration) uint32 { return uint32(d / time.Millisecond) }
