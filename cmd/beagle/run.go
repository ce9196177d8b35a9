package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"beagle/agent"
	"beagle/agent/api"
)

// stopTime is how long the agent may take to stop. Service managers wait five seconds.
const stopTime = 4 * time.Second

// envState tells the agent its folder where no flag does.
const envState = "BEAGLE_STATE"

// settingsFile lies in the same folder on some systems, and is not the agent's.
const settingsFile = "settings.yaml"

// serveFunc is [agent.Serve], or what a test puts in its place.
type serveFunc func(context.Context, agent.ServiceConfig) error

// runFlags are what the command line asks of an agent.
type runFlags struct {
	state, socket, settings string
	log                     string
	verbose                 bool
	// scm says that the service manager of Windows started the program.
	scm bool
}

func runCommand(env Env) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Watch this machine in the foreground, as the service does",
		Long: `Watch this machine in the foreground, as the service does.

As root or an administrator it is the agent of the system: it keeps its memory
and listens where the service would. Anybody else gets an agent of their own,
which sees less and says so.

It ends with Ctrl-C or SIGTERM, at the second one at once, and reads its
settings again on SIGHUP.

Exit codes: 0 it was told to end, 2 wrong use, or it could not run.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env, agent.Serve) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.state, "state", "", "keep what the agent remembers in the folder `DIR` (or "+envState+")")
	flags.StringVar(&f.socket, "socket", "", "listen at `PLACE` (or BEAGLE_SOCKET)")
	flags.StringVar(&f.settings, "settings", "", "what the organisation decides, as a YAML `FILE`")
	flags.StringVar(&f.log, "log", "", fmt.Sprintf("write the log to `FILE`, of at most %d MiB, and keep the one before", maxLog>>20))
	flags.BoolVar(&f.verbose, "verbose", false, "log everything, whatever the settings say")
	flags.BoolVar(&f.scm, flagSCM, false, "started by the service manager of Windows")
	// It is the service's own; a person who types it gets an error.
	_ = flags.MarkHidden(flagSCM)
	return cmd
}

func (f *runFlags) run(ctx context.Context, env Env, serve serveFunc) error {
	if f.scm {
		return underSCM(ctx, func(ctx context.Context, tell manager) error {
			return f.serve(ctx, env, serve, tell)
		})
	}
	return f.serve(ctx, env, serve, systemd())
}

// serve runs one agent until ctx ends.
func (f *runFlags) serve(ctx context.Context, env Env, serve serveFunc, tell manager) error {
	system, err := privileged()
	if err != nil {
		return err
	}
	f.socket = cmp.Or(f.socket, env.Socket)
	if err := f.findPlaces(system); err != nil {
		return err
	}
	if err := prepareState(f.state, system); err != nil {
		return fmt.Errorf("state folder %q: %w", f.state, describe(err))
	}
	if f.scm && f.log == "" {
		f.log = filepath.Join(f.state, "agent.log")
	}
	managed := f.scm || readByJournal(env.Stderr)
	level := new(slog.LevelVar)
	log, shut, err := logTo{stderr: env.Stderr, file: f.log, level: level, system: f.scm}.open()
	if err != nil {
		return err
	}
	// Here and nowhere else: packages that are not handed a log write to the default one.
	before := slog.Default()
	slog.SetDefault(log)
	defer func() {
		slog.SetDefault(before)
		_ = shut() // there is nowhere left to say that it failed
	}()
	if !system {
		fmt.Fprintln(env.Stderr, "beagle: "+limitsOfUser)
	}
	if env.Width > 0 { // somebody looks on
		fmt.Fprintf(env.Stderr, "beagle: this agent listens at %s and remembers in %s; Ctrl-C ends it\n", clean(f.socket), clean(f.state))
	}
	config := agent.ServiceConfig{
		State: f.state, Socket: f.socket, Settings: agent.FindSettings(f.settings, system), Privileged: system,
		Reload: hangups(ctx), Log: log, Level: level,
	}
	if f.verbose { // whatever the settings say
		level.Set(slog.LevelDebug)
		config.Level = nil
	}
	err = supervise(ctx, serve, config, tell)
	if err != nil && managed {
		log.Error("the agent ended", "error", err)
		return exit{code: exitUsage}
	}
	return err
}

// findPlaces fills in what neither flags nor environment say: the places of the system's
// agent, or those of the user's. It makes names of files absolute.
func (f *runFlags) findPlaces(system bool) error {
	f.state = cmp.Or(f.state, os.Getenv(envState))
	if system {
		f.socket = cmp.Or(f.socket, api.DefaultSocket())
	}
	var err error
	if f.state == "" {
		find := userState
		if system {
			find = systemState
		}
		if f.state, err = find(); err != nil {
			return fmt.Errorf("find a place for the agent's memory: %w (name one with --state)", err)
		}
	}
	if f.socket == "" {
		if f.socket, err = api.UserSocket(); err != nil {
			return fmt.Errorf("%w (name one with --socket)", err)
		}
	}
	// Whoever reads these names in an answer of the agent stands elsewhere.
	if f.settings != "" {
		if f.settings, err = filepath.Abs(f.settings); err != nil {
			return err
		}
	}
	f.state, err = filepath.Abs(f.state)
	return err
}

// ownFolder refuses a folder that holds other things: the agent takes its folder from
// everybody else.
func ownFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	own := func(entry os.DirEntry) bool {
		name := entry.Name()
		return strings.HasPrefix(name, "state.") || strings.HasPrefix(name, "agent.log") || name == settingsFile
	}
	if len(entries) > 0 && !slices.ContainsFunc(entries, own) {
		return fmt.Errorf("it holds other things, such as %q: name a folder for the agent alone", entries[0].Name())
	}
	return nil
}

// errStuck says that the agent was told to stop and did not.
var errStuck = errors.New("the agent did not stop in time")

// supervise runs the agent until ctx ends, tells whoever started the program how it goes,
// and gives up on an agent that does not stop.
func supervise(ctx context.Context, serve serveFunc, config agent.ServiceConfig, tell manager) error {
	config.Ready, config.Alive = tell.ready, tell.alive
	done := make(chan error, 1)
	go func() { done <- serve(ctx, config) }()
	select {
	case err := <-done:
		if err == nil && ctx.Err() == nil {
			err = errors.New("the agent ended by itself")
		}
		return err
	case <-ctx.Done():
	}
	tell.stopping()
	patience := time.NewTimer(stopTime)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-patience.C:
		return fmt.Errorf("%w: it had %v", errStuck, stopTime)
	}
}
