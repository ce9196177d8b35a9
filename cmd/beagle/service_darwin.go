package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kardianos/service"
	"golang.org/x/sys/unix"

	"beagle/packaging/macos"
)

// serviceID is the label of the launch daemon, and the name of its file.
const serviceID = macos.Label

func serviceConfig(program string) *service.Config {
	return &service.Config{
		Name: serviceID, DisplayName: serviceTitle, Description: serviceSummary, Executable: program,
		Option: service.KeyValue{"LaunchdConfig": daemonFor(program)},
	}
}

// daemonFor is the packaged definition with another program in it.
func daemonFor(program string) string {
	return strings.ReplaceAll(macos.Daemon, macos.Program, program)
}

func definitionPath() string { return "/Library/LaunchDaemons/" + serviceID + ".plist" }

func findInstallation() (installation, error) {
	text, err := readDefinition(definitionPath())
	if err != nil {
		return installation{}, err
	}
	// The first text that is a path is the first of the arguments.
	if program := programAfter(text, "<string>"); program != "" {
		return installation{place: definitionPath(), program: program}, nil
	}
	return installation{}, nil
}

func current(found installation, program string) bool {
	text, err := readDefinition(found.place)
	return err == nil && text == daemonFor(program)
}

// finishInstall makes what launchd demands: a definition that root alone may write, and a
// folder for what is written.
func finishInstall(context.Context, Env, string) error {
	if err := os.Chmod(definitionPath(), 0o644); err != nil {
		return fmt.Errorf("let everybody read the definition of the service: %w", err)
	}
	if err := os.MkdirAll(macos.LogFolder, 0o750); err != nil {
		return fmt.Errorf("make a folder for the log: %w", err)
	}
	return nil
}

func leftovers() []string { return []string{"/var/run/beagle"} }

func purged() []string { return []string{macos.LogFolder} }

func whereLogs() string { return macos.LogFolder + " may tell why" }

func startAndWait(_ context.Context, s service.Service) error { return s.Start() }
func stopAndWait(_ context.Context, s service.Service) error  { return s.Stop() }

// goneAlready: what is removed is there, or findInstallation would not have found it.
func goneAlready(error) bool { return false }

// forget: launchd remembers nothing of a definition that is gone.
func forget(context.Context) error { return nil }

func serviceState(_ context.Context, program string) (situation, error) {
	s, err := newService(program)
	if err != nil {
		return situation{}, err
	}
	status, err := s.Status()
	if err != nil {
		return situation{}, fmt.Errorf("ask launchd: %w", err)
	}
	now := situation{state: stateStopped, starts: "with the machine"}
	if status == service.StatusRunning {
		now.state = stateRunning
		now.pid, now.since = daemonProcess(filepath.Base(program))
	}
	return now, nil
}

// daemonProcess finds root's process of that name whose parent is launchd.
func daemonProcess(name string) (pid int, since time.Time) {
	const launchd = 1
	processes, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return 0, time.Time{}
	}
	for i := range processes {
		p := &processes[i]
		if p.Eproc.Ppid == launchd && p.Eproc.Ucred.Uid == 0 && strings.HasPrefix(name, unix.ByteSliceToString(p.Proc.P_comm[:])) {
			return int(p.Proc.P_pid), time.Unix(p.Proc.P_starttime.Unix())
		}
	}
	return 0, time.Time{}
}
