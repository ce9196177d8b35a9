package tray

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

// programName is what desktops call the program, whatever language they speak.
const programName = "Beagle"

// Options say how a tray runs.
type Options struct {
	// Socket is where the agent listens, "" for the system's. Another agent, such as one that
	// the reader runs, is never asked without being named.
	Socket string
	// State is the folder for what the tray remembers; "" keeps nothing.
	State string
	// Languages are those of the reader, the preferred first, as [view.NewPrinter] takes them.
	Languages []string
	// Viewer is the reader's name in records, "" if it is not known.
	Viewer string
	// Program is the path of this program; the window is looked for beside it, and then in PATH.
	Program string
	// Patience is how long after the start a desktop may take to show its tray before the
	// reader is told that there is none; 0 means [usualPatience].
	Patience time.Duration
	Log      *slog.Logger
}

// usualPatience leaves a desktop the time to start everything else.
const usualPatience = 30 * time.Second

// Run shows the tray until ctx ends, the session is over or the reader ends it. It must be
// called on the program's first goroutine, and once. It fails with [ErrSecond] if the session
// has a tray, and where there is no desktop session.
func Run(ctx context.Context, o Options) error {
	if o.Patience == 0 {
		o.Patience = usualPatience
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s, err := openSession(ctx, o)
	if err != nil {
		return err
	}
	err = serve(ctx, o, s)
	stop()
	return errors.Join(err, s.close())
}

func serve(ctx context.Context, o Options, s session) error {
	clicks := make(chan view.Item, 8)
	panel, err := newPanel(o.Log, func(item view.Item) {
		select {
		case clicks <- item:
		case <-ctx.Done():
		}
	})
	if err != nil {
		return err
	}
	socket := o.Socket
	if socket == "" {
		socket = api.DefaultSocket()
	}
	w := &window{own: o.Program, socket: o.Socket, log: o.Log}
	l := &loop{
		agent: api.NewClient(socket), pauses: usualPauses(),
		printer: view.NewPrinter(o.Languages...), viewer: o.Viewer,
		screen: panel, clicks: clicks, session: s,
		open: w.open, found: func() error { _, err := w.find(); return err },
		shelf: newShelf(o.State), log: o.Log,
	}
	panel.run(l.start, func() { l.run(ctx) })
	return nil
}
