package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"
)

const (
	serviceName  = "beagle"
	serviceID    = serviceName
	usualProgram = `C:\Program Files\Beagle\beagle.exe`
)

func howToBeAdmin(command string) string {
	return "run " + command + " in a window that was opened with \"Run as administrator\""
}

// serviceConfig has the argument by which the program knows that the service manager started
// it; kardianos/service would look at the parent process.
func serviceConfig(program string) *service.Config {
	return &service.Config{
		Name: serviceName, DisplayName: serviceTitle, Description: serviceSummary, Executable: program,
		Arguments: []string{"run", "--" + flagSCM},
	}
}

// trusted warns of a program outside the folders that only administrators write to: whoever
// can replace it becomes LocalSystem. Who may write where cannot be told for sure from here.
func trusted(env Env, program string) error {
	for _, id := range []*windows.KNOWNFOLDERID{windows.FOLDERID_ProgramFiles, windows.FOLDERID_Windows} {
		folder, err := windows.KnownFolderPath(id, windows.KF_FLAG_DEFAULT)
		if err == nil && strings.HasPrefix(strings.ToLower(program), strings.ToLower(folder)+`\`) {
			return nil
		}
	}
	fmt.Fprintf(env.Stderr, "beagle: make sure that only administrators can write to %s: whoever replaces the program owns this machine\n",
		clean(filepath.Dir(program)))
	return nil
}

// withService opens the installed service for a while.
func withService(access uint32, do func(*mgr.Service) error) error {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return fmt.Errorf("ask the service manager: %w", err)
	}
	defer windows.CloseServiceHandle(manager)
	name, err := windows.UTF16PtrFromString(serviceName)
	if err != nil {
		return err
	}
	handle, err := windows.OpenService(manager, name, access)
	if err != nil {
		return fmt.Errorf("ask for the service: %w", err)
	}
	s := &mgr.Service{Name: serviceName, Handle: handle}
	return errors.Join(do(s), s.Close())
}

func findInstallation() (installation, error) {
	var found installation
	err := withService(windows.SERVICE_QUERY_CONFIG, func(s *mgr.Service) error {
		config, err := configOf(s)
		if err != nil {
			return fmt.Errorf("ask what the service is: %w", err)
		}
		found.program = config.program
		return nil
	})
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return installation{}, nil
	}
	return found, err
}

// startUp is what the service manager keeps about a service.
type startUp struct {
	program string
	when    uint32 // such as mgr.StartAutomatic
	delayed bool
}

// configOf asks for less than mgr.Service.Config does, some of which Wine does not know.
func configOf(s *mgr.Service) (startUp, error) {
	buffer := make([]byte, 8<<10) // the most there can be (QueryServiceConfigW)
	config := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&buffer[0]))
	var needed uint32
	if err := windows.QueryServiceConfig(s.Handle, config, uint32(len(buffer)), &needed); err != nil {
		return startUp{}, err
	}
	command, err := windows.DecomposeCommandLine(windows.UTF16PtrToString(config.BinaryPathName))
	if err != nil {
		return startUp{}, err
	}
	if len(command) == 0 {
		return startUp{}, errors.New("it runs nothing")
	}
	var delayed windows.SERVICE_DELAYED_AUTO_START_INFO
	size := uint32(unsafe.Sizeof(delayed))
	err = windows.QueryServiceConfig2(s.Handle, windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, (*byte)(unsafe.Pointer(&delayed)), size, &needed)
	if err != nil && !errors.Is(err, windows.ERROR_INVALID_LEVEL) { // an older Wine, where nothing is delayed
		return startUp{}, err
	}
	return startUp{command[0], config.StartType, delayed.IsDelayedAutoStartUp != 0}, nil
}

// current: the definition holds nothing that a newer program would write otherwise and
// finishInstall does not.
func current(installation, string) bool { return true }

// finishInstall does what kardianos/service cannot, and makes the state folder before anybody
// else can.
func finishInstall(_ context.Context, env Env, _ string) error {
	state, err := systemState()
	if err == nil {
		err = prepareState(state, true)
	}
	if err != nil {
		return fmt.Errorf("make the state folder %q: %w", state, describe(err))
	}
	return withService(windows.SERVICE_CHANGE_CONFIG|windows.SERVICE_START, func(s *mgr.Service) error {
		for _, setting := range settingsOf(s) {
			err := setting.apply()
			if errors.Is(err, windows.ERROR_INVALID_LEVEL) { // an older Wine
				fmt.Fprintf(env.Stderr, "beagle: this system cannot have a service %s\n", setting.what)
			} else if err != nil {
				return fmt.Errorf("have the service %s: %w", setting.what, err)
			}
		}
		return nil
	})
}

// settingsOf are what the service has besides what kardianos/service gives it: it starts a
// while after the machine, so that people can log on first, and again when it fails, with
// growing pauses, also after an orderly end with an error.
func settingsOf(s *mgr.Service) []struct {
	what  string
	apply func() error
} {
	const day = 24 * 60 * 60 // after which the counting begins anew, in seconds
	again := []mgr.RecoveryAction{
		{Type: mgr.ServiceRestart, Delay: 5 * time.Second},
		{Type: mgr.ServiceRestart, Delay: 30 * time.Second},
		{Type: mgr.ServiceRestart, Delay: 60 * time.Second}, // and whenever it fails once more
	}
	return []struct {
		what  string
		apply func() error
	}{
		{"start later than the machine", func() error {
			delayed := windows.SERVICE_DELAYED_AUTO_START_INFO{IsDelayedAutoStartUp: 1}
			return windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, (*byte)(unsafe.Pointer(&delayed)))
		}},
		{"restart after a crash", func() error { return s.SetRecoveryActions(again, day) }},
		{"restart after a failure", func() error { return s.SetRecoveryActionsOnNonCrashFailures(true) }},
	}
}

// leftovers: a pipe is gone with its server.
func leftovers() []string { return nil }

// purged: the logs lie with what the agent remembers.
func purged() []string { return nil }

func whereLogs() string { return "the event log may tell why, source " + serviceName }

func startAndWait(ctx context.Context, s service.Service) error {
	if err := s.Start(); err != nil {
		return err
	}
	return await(ctx, svc.Running)
}

// stopAndWait does not leave the waiting to kardianos/service, which waits for ever for a
// service that hangs.
func stopAndWait(ctx context.Context, _ service.Service) error {
	err := withService(windows.SERVICE_STOP, func(s *mgr.Service) error {
		_, err := s.Control(svc.Stop)
		return err
	})
	if err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return err
	}
	return await(ctx, svc.Stopped)
}

// await waits until the service is in a state, or stopped instead.
func await(ctx context.Context, wanted svc.State) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nothing happened within %v", patience))
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		var now svc.Status
		err := withService(windows.SERVICE_QUERY_STATUS, func(s *mgr.Service) (err error) {
			now, err = s.Query()
			return err
		})
		switch {
		case err != nil:
			return err
		case now.State == wanted:
			return nil
		case now.State == svc.Stopped:
			return errors.New("it ended at once")
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-look.C:
		}
	}
}

// goneAlready: kardianos/service removes the service first and then its event source, which
// somebody may have removed before.
func goneAlready(err error) bool {
	return strings.Contains(err.Error(), "RemoveEventLogSource")
}

// forget removes the event source once more, which may be there without the service.
func forget(context.Context) error {
	_ = eventlog.Remove(serviceName) // most often it is gone
	return nil
}

func serviceState(context.Context, string) (situation, error) {
	var now situation
	err := withService(windows.SERVICE_QUERY_STATUS|windows.SERVICE_QUERY_CONFIG, func(s *mgr.Service) error {
		status, err := s.Query()
		if err != nil {
			return fmt.Errorf("ask how the service is: %w", err)
		}
		config, err := configOf(s)
		if err != nil {
			return fmt.Errorf("ask what the service is: %w", err)
		}
		now = situation{state: stateName(status), pid: int(status.ProcessId), starts: startName(config)}
		if now.state == stateFailed {
			now.detail = fmt.Sprintf("error %d", status.Win32ExitCode)
			if status.Win32ExitCode == uint32(windows.ERROR_SERVICE_SPECIFIC_ERROR) {
				now.detail = fmt.Sprintf("exit code %d", status.ServiceSpecificExitCode)
			}
		}
		if now.pid != 0 {
			now.since = processStart(status.ProcessId)
		}
		return nil
	})
	return now, err
}

func stateName(status svc.Status) string {
	switch status.State {
	case svc.Running:
		return stateRunning
	case svc.StartPending:
		return stateStarting
	case svc.StopPending:
		return stateStopping
	case svc.Stopped:
		// A service that was never started since the machine was ends with this, too.
		never := windows.ERROR_SERVICE_NEVER_STARTED
		if status.Win32ExitCode != 0 && status.Win32ExitCode != uint32(never) {
			return stateFailed
		}
		return stateStopped
	}
	return stateUnknown
}

func startName(config startUp) string {
	switch config.when {
	case mgr.StartAutomatic:
		if config.delayed {
			return "with the machine, delayed"
		}
		return "with the machine"
	case mgr.StartDisabled:
		return "never (disabled)"
	}
	return "on request"
}

// processStart is zero where the asker may not know.
func processStart(pid uint32) time.Time {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return time.Time{}
	}
	defer windows.CloseHandle(process)
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(process, &created, &exited, &kernel, &user); err != nil {
		return time.Time{}
	}
	return time.Unix(0, created.Nanoseconds())
}
