package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"beagle/agent/api"
	"beagle/gui/tray"
)

// Exit codes.
const (
	exitDone   = 0 // also where the session has a tray already, which opens the window
	exitFailed = 1
	exitUsage  = 2
)

// Env is the world the program runs in, so that tests can give it another.
type Env struct {
	Stdout, Stderr io.Writer
	// State is the folder for what is remembered, Program the path of this program.
	State, Program string
	// Languages are those of the person, the preferred first.
	Languages []string
	// Viewer is the person's name in records.
	Viewer string
	// Patience is how long a desktop may take to show its tray; 0 leaves it to the tray.
	Patience time.Duration
}

// System returns the real world. What it does not tell is left out: the tray does without.
func System() Env {
	env := Env{Stdout: os.Stdout, Stderr: os.Stderr, State: stateFolder(), Languages: tray.Languages(), Viewer: viewer()}
	env.Program, _ = os.Executable()
	return env
}

// Main shows the tray until it is ended, and returns the exit code.
func Main(args []string, env Env) int {
	flags := flag.NewFlagSet("beagle-tray", flag.ContinueOnError)
	flags.SetOutput(env.Stderr)
	socket := flags.String("socket", "", "ask the agent that listens here instead of the system's")
	version := flags.Bool("version", false, "print the version")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitUsage
	case flags.NArg() > 0:
		fmt.Fprintf(env.Stderr, "beagle-tray: %q: there are no arguments, only options (see --help)\n", flags.Arg(0))
		return exitUsage
	case *version:
		fmt.Fprintf(env.Stdout, "beagle-tray %s (%s, %s/%s)\n", api.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return exitDone
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(env.Stderr, nil))
	// The module behind the icon writes there.
	slog.SetDefault(log)
	frugal()
	err := tray.Run(ctx, tray.Options{
		Socket: *socket, State: env.State, Program: env.Program, Patience: env.Patience,
		Languages: env.Languages, Viewer: env.Viewer, Log: log,
	})
	switch {
	case errors.Is(err, tray.ErrSecond):
		log.Info("this session has a tray already; it was asked to open the window")
	case err != nil:
		fmt.Fprintln(env.Stderr, "beagle-tray:", err)
		return exitFailed
	}
	return exitDone
}

// frugal trades time for memory: the program sits in every session and has nothing to do.
func frugal() {
	debug.SetGCPercent(25)
	runtime.GOMAXPROCS(1)
}

// stateFolder is where the person's programs keep what should last, "" if there is none.
func stateFolder() string {
	if runtime.GOOS == "linux" {
		// https://specifications.freedesktop.org/basedir-spec/latest/
		if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "beagle")
		}
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		return filepath.Join(home, ".local", "state", "beagle")
	}
	// The configuration of a person on Windows roams between machines, and this must not.
	place := os.UserConfigDir
	if runtime.GOOS == "windows" {
		place = os.UserCacheDir
	}
	dir, err := place()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "Beagle")
}
