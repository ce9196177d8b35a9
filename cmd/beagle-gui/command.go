//go:build cgo || ci

package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"beagle/agent/api"
	"beagle/gui/window"
)

// Exit codes.
const (
	exitDone   = 0 // also where another window was asked to show the page
	exitFailed = 1
	exitUsage  = 2
)

// appID names the program to the desktop and its settings.
const appID = "io.github.beagle.Beagle"

//go:embed icon.png
var icon []byte

// Env is the world the program runs in, so that tests can give it another.
type Env struct {
	Stdout, Stderr io.Writer
	// Socket is the agent's as the environment names it, "" if it does not.
	Socket string
	// Folder is where the reader's programs find each other.
	Folder string
	// Display tells the reader's sessions apart.
	Display string
	// Languages are those of the reader, the preferred first.
	Languages []string
	// Viewer is the reader's name in records.
	Viewer string
}

// Main shows the window until it is closed, and returns the exit code.
func Main(args []string, env Env) int {
	o, code := parse(args, env)
	if o == nil {
		return code
	}
	first, err := claim(env.Folder, env.Display)
	if errors.Is(err, errTaken) {
		if err := askOther(env.Folder, env.Display, o.page); err != nil {
			fmt.Fprintln(env.Stderr, "beagle-gui:", err)
			return exitFailed
		}
		return exitDone
	}
	if err != nil {
		// A second window is better than none.
		slog.New(slog.NewTextHandler(env.Stderr, nil)).Warn("other starts will not find this window", "error", err)
	}
	run(o, env, first)
	return exitDone
}

// options are what the command line says.
type options struct {
	socket, page string
	variant      window.Variant
	contrast     bool
	text         float64
}

func parse(args []string, env Env) (*options, int) {
	var o options
	flags := flag.NewFlagSet("beagle-gui", flag.ContinueOnError)
	flags.SetOutput(env.Stderr)
	flags.StringVar(&o.socket, "socket", "", "ask the agent that listens here instead of the system's (also BEAGLE_SOCKET)")
	flags.StringVar(&o.page, "show", window.PageFindings, "show this `page`: findings, history, coverage, privacy, sent, about or record:ID")
	variant := flags.String("theme", "", "light or dark, instead of what the desktop prefers")
	flags.BoolVar(&o.contrast, "contrast", highContrast(), "use high contrast; by default what the desktop prefers")
	flags.Float64Var(&o.text, "text", 0, "size of text relative to the usual one, from 0.75 to 2; by default what was last chosen")
	version := flags.Bool("version", false, "print the version")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil, exitDone
	case err != nil:
		return nil, exitUsage
	case flags.NArg() > 0:
		fmt.Fprintf(env.Stderr, "beagle-gui: %q: there are no arguments, only options (see --help)\n", flags.Arg(0))
		return nil, exitUsage
	case *version:
		fmt.Fprintf(env.Stdout, "beagle-gui %s (%s, %s/%s)\n", api.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return nil, exitDone
	}
	o.variant = window.Variant(*variant)
	switch o.variant {
	case window.VariantSystem, window.VariantLight, window.VariantDark:
		return &o, exitDone
	}
	fmt.Fprintf(env.Stderr, "beagle-gui: --theme %q: want light or dark\n", *variant)
	return nil, exitUsage
}

// run shows the window. Everything that it started has ended when it returns.
func run(o *options, env Env, first *instance) {
	log := slog.New(slog.NewTextHandler(env.Stderr, nil))
	a := app.NewWithID(appID)
	a.SetIcon(fyne.NewStaticResource("icon.png", icon))
	text := float32(o.text)
	if text == 0 {
		text = window.SavedText(a.Preferences())
	}
	a.Settings().SetTheme(window.NewTheme(o.variant, o.contrast, text))
	frame := a.NewWindow("")
	w := window.New(frame, window.Config{
		Service: api.NewClient(socketOf(o.socket, env)), Printer: printerFor(env), Viewer: env.Viewer, OS: ownOS(),
		Program: window.Program(api.Version), Open: opener(a), Log: log,
	})
	w.Show(o.page)
	frame.Resize(fyne.NewSize(1040, 720))
	frame.SetMaster()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var group sync.WaitGroup
	a.Lifecycle().SetOnStarted(func() {
		group.Go(func() {
			if err := w.Run(ctx); err != nil && ctx.Err() == nil {
				log.Error("the window follows the agent no more", "error", err)
			}
			fyne.Do(a.Quit) // also after a signal
		})
		if first != nil {
			group.Go(func() {
				first.serve(func(page string) {
					fyne.Do(func() {
						w.Show(page)
						frame.Show()
						frame.RequestFocus()
					})
				})
			})
		}
	})
	group.Go(func() { tidy(ctx) })
	frame.Show()
	a.Run()
	stop()
	if first != nil {
		first.close()
	}
	group.Wait()
}

// settled is when the window is drawn and what was needed for that is not needed any more.
const settled = 2 * time.Second

// tidy gives back the memory that only the start needed, such as copies of fonts: it is more
// than what the window holds afterwards.
func tidy(ctx context.Context) {
	debug.SetGCPercent(50)
	timer := time.NewTimer(settled)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		debug.FreeOSMemory()
	}
}

// socketOf is the agent to ask: the one that was named, else the system's, else one that the
// reader runs.
func socketOf(named string, env Env) string {
	if path := cmp.Or(named, env.Socket); path != "" {
		return path
	}
	if own, err := api.UserSocket(); err == nil && !exists(api.DefaultSocket()) && exists(own) {
		return own
	}
	return api.DefaultSocket()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
