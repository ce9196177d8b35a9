package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kardianos/service"
	"github.com/spf13/cobra"
)

// What an installed service tells people about itself.
const (
	serviceTitle   = "Beagle"
	serviceSummary = "Finds banned apps on this machine and says by which rule they are banned."
)

// installation is how the service manager knows the service. The zero value says that it
// does not.
type installation struct {
	place    string // the file that defines it, "" where that is no file
	program  string // what it runs
	packaged bool   // a package of the system put it there, and takes it away
}

func (i installation) exists() bool { return i.program != "" }

// What the service is doing.
const (
	stateRunning  = "running"
	stateStarting = "starting"
	stateStopping = "stopping"
	stateStopped  = "stopped"
	stateFailed   = "failed"
	stateUnknown  = "unknown"
)

func serviceCommand(env Env) *cobra.Command {
	var purge bool
	install := control(env, "install", "Install the service, to be started with the machine", installService)
	uninstall := control(env, "uninstall", "Stop and remove the service", func(ctx context.Context, env Env) error {
		return uninstallService(ctx, env, purge)
	})
	uninstall.Flags().BoolVar(&purge, "purge", false, "also remove what the agent remembers, and its logs")
	return group("service", "Install and control the service of this machine",
		install, uninstall,
		control(env, "start", "Start the service", startService),
		control(env, "stop", "Stop the service", stopService),
		control(env, "restart", "Stop the service and start it", restartService),
		serviceStatusCommand(env))
}

// control makes a command that only an administrator may use.
func control(env Env, use, short string, do func(context.Context, Env) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			admin, err := privileged()
			if err != nil {
				return err
			}
			if !admin {
				return fmt.Errorf("only for administrators: %s", howToBeAdmin(cmd.CommandPath()))
			}
			return do(cmd.Context(), env)
		},
	}
}

func installService(ctx context.Context, env Env) error {
	program, err := ownProgram()
	if err != nil {
		return err
	}
	found, err := findInstallation()
	if err != nil {
		return err
	}
	switch {
	case found.packaged:
		return fmt.Errorf("a package of this system brought the service (%s); start it with: beagle service start", found.place)
	case found.exists() && found.program != program:
		return fmt.Errorf("the service is installed with another program, %s; uninstall that first: %s service uninstall", found.program, found.program)
	}
	if err := trusted(env, program); err != nil {
		return fmt.Errorf("%s: %w; put it where only administrators can write, such as %s", program, err, usualProgram)
	}
	s, err := newService(program)
	if err != nil {
		return err
	}
	done := "installed"
	switch {
	case !found.exists():
		if err := s.Install(); err != nil {
			return fmt.Errorf("install the service: %w", err)
		}
	case current(found, program):
		done = "already installed"
	default:
		// A newer program brings a newer definition. The running service is left alone.
		if err := errors.Join(s.Uninstall(), s.Install()); err != nil {
			return fmt.Errorf("install the service anew: %w", err)
		}
		done = "installed anew"
	}
	if err := finishInstall(ctx, env, program); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s: the service %s runs %s\n", done, serviceID, program)
	if state, _ := serviceState(ctx, program); state.state == stateStopped {
		fmt.Fprintln(env.Stdout, "start it with: beagle service start")
	}
	return nil
}

// ownProgram is the path of this program, as services are to know it.
func ownProgram() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return "", fmt.Errorf("find this program: %w", describe(err))
	}
	return program, nil
}

func newService(program string) (service.Service, error) {
	s, err := service.New(nil, serviceConfig(program))
	if err != nil {
		return nil, fmt.Errorf("find the service manager of this system: %w", err)
	}
	return s, nil
}

func uninstallService(ctx context.Context, env Env, purge bool) error {
	found, err := findInstallation()
	if err != nil {
		return err
	}
	if found.packaged {
		return fmt.Errorf("a package of this system brought the service (%s); remove that package", found.place)
	}
	if found.exists() {
		if err := remove(ctx, found); err != nil {
			return err
		}
		fmt.Fprintln(env.Stdout, "uninstalled")
	} else {
		fmt.Fprintln(env.Stdout, "the service is not installed")
	}
	state, err := systemState()
	if err != nil {
		return fmt.Errorf("find what the agent remembers: %w", err)
	}
	gone := leftovers()
	if purge {
		gone = append(gone, purged()...)
		err = emptyState(state)
	}
	for _, path := range gone {
		err = errors.Join(err, os.RemoveAll(path))
	}
	if err != nil {
		return fmt.Errorf("remove what the service left: %w", err)
	}
	if _, err := os.Stat(state); err == nil && !purge {
		fmt.Fprintf(env.Stdout, "what the agent remembers stays in %s (beagle service uninstall --purge removes it)\n", state)
	}
	return nil
}

// emptyState removes the state folder but for the settings, which are the administrator's.
func emptyState(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	kept := false
	for _, entry := range entries {
		if entry.Name() == settingsFile {
			kept = true
			continue
		}
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	if !kept {
		err = errors.Join(err, os.Remove(dir))
	}
	return err
}

func remove(ctx context.Context, found installation) error {
	s, err := newService(found.program)
	if err != nil {
		return err
	}
	if err := halt(ctx, s, found); err != nil {
		return fmt.Errorf("stop the service: %w", err)
	}
	if err := s.Uninstall(); err != nil && !goneAlready(err) {
		return fmt.Errorf("uninstall the service: %w", err)
	}
	return forget(ctx)
}

func startService(ctx context.Context, env Env) error {
	return steer(ctx, env, stateRunning, "started", startAndWait)
}

func stopService(ctx context.Context, env Env) error {
	return steer(ctx, env, stateStopped, "stopped", stopAndWait)
}

func restartService(ctx context.Context, env Env) error {
	return steer(ctx, env, "", "restarted", func(ctx context.Context, s service.Service) error {
		found, err := findInstallation()
		if err != nil {
			return err
		}
		if err := halt(ctx, s, found); err != nil {
			return err
		}
		return startAndWait(ctx, s)
	})
}

// halt stops the service if it does anything.
func halt(ctx context.Context, s service.Service, found installation) error {
	now, err := serviceState(ctx, found.program)
	if err != nil || now.state == stateStopped || now.state == stateFailed {
		return err
	}
	return stopAndWait(ctx, s)
}

// steer does something to the service unless that has the wanted state already.
func steer(ctx context.Context, env Env, wanted, done string, do func(context.Context, service.Service) error) error {
	found, err := findInstallation()
	if err != nil {
		return err
	}
	if !found.exists() {
		return errors.New("the service is not installed; install it with: beagle service install")
	}
	state, err := serviceState(ctx, found.program)
	if err != nil {
		return err
	}
	if wanted != "" && state.state == wanted {
		fmt.Fprintln(env.Stdout, "it is "+wanted+" already")
		return nil
	}
	s, err := newService(found.program)
	if err != nil {
		return err
	}
	if err := do(ctx, s); err != nil {
		return fmt.Errorf("the service could not be %s: %w (%s)", done, err, whereLogs())
	}
	fmt.Fprintln(env.Stdout, done)
	return nil
}

// programAfter finds the program in the text of a service definition: the absolute path that
// follows one of the marks at the beginning of a line.
func programAfter(text string, marks ...string) string {
	for line := range strings.Lines(text) {
		for _, mark := range marks {
			rest, found := strings.CutPrefix(strings.TrimSpace(line), mark)
			if found && strings.HasPrefix(rest, "/") {
				return rest[:strings.IndexAny(rest+" ", " \t\"'<\n")]
			}
		}
	}
	return ""
}
