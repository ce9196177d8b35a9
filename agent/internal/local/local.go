// Package local serves the agent's answers to the people and programs of this machine: HTTP
// over a Unix socket or a named pipe, so that any language can ask and nothing listens on the
// network.
//
// Who asks is told by the kernel, never by the request, and decides what is shown: everybody
// sees what concerns the machine and themselves, administrators see all. That decision is one
// pure function for snapshots and one for events. Nothing here changes settings.
//
// Anybody may knock, so everything is bounded: connections, requests and streams of each
// user and of all together, the size and the time of a request, and the queue of a stream. A
// reader that does not keep up is cut, and delays neither the agent nor other readers.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"beagle/agent/api"
)

// Backend is the agent as its clients see it: what is now, what is kept, and what is known.
// All methods may be called at once by many goroutines and end soon after their context.
// What they return is shared with others: nobody changes it afterwards. Errors other than
// those named go to the log and not to the asker; they name nobody.
type Backend interface {
	Present
	Past
	Requests
	Knowledge
}

// Present is the agent at this moment, unredacted.
type Present interface {
	// Snapshot returns at once; it is called for every new stream.
	Snapshot() api.Snapshot
	// Subscribe returns all events from now until ctx ends. An event is sent after Snapshot
	// shows it, so that who subscribes first and then takes a snapshot misses nothing. The
	// server takes every event at once: sending without a buffer blocks nobody.
	Subscribe(ctx context.Context) <-chan api.Event
	// RequestScan starts a sweep, or fails with [ErrScanning] or a [*TooSoonError].
	RequestScan(ctx context.Context, deep bool) error
	// Recheck starts to look again where a record was seen; its errors are those of RequestScan.
	Recheck(ctx context.Context, record string) error
}

// Past is what the agent keeps, unredacted.
type Past interface {
	// Record returns one record, open or closed, and whether there is one.
	Record(ctx context.Context, id string) (r api.Stored, found bool, err error)
	// History returns at most limit changes of one record, or of all where the id is "", the
	// newest first.
	History(ctx context.Context, limit int, record string) ([]api.HistoryEntry, error)
	Coverage(ctx context.Context) ([]api.Coverage, error)
	// Sent returns what was last reported.
	Sent(ctx context.Context) (api.Sent, error)
}

// Requests takes what people ask about records.
type Requests interface {
	// Ask keeps a request, of which record, kind, user, text and until are given. It fails with
	// [ErrTooMany] where the user asked more than is kept.
	Ask(ctx context.Context, r api.Request) error
}

// Knowledge is what the agent knows about the world and itself. App and Policy say whether
// there is one by that id.
type Knowledge interface {
	App(ctx context.Context, id string) (page api.AppPage, found bool, err error)
	Policy(ctx context.Context, id string) (page api.PolicyPage, found bool, err error)
	Doctor(ctx context.Context) (api.Doctor, error)
}

// Errors that callers tell apart.
var (
	// ErrScanning says that a sweep is under way, whose result will do.
	ErrScanning = errors.New("a sweep is already running")
	// ErrTooMany says that somebody asked more than is kept.
	ErrTooMany = errors.New("too many requests are kept for this user")
	// ErrInUse says that another agent listens at the same place.
	ErrInUse = errors.New("another agent listens there")
	// ErrGone says that the socket was removed or replaced while it was served. Whoever wants
	// to go on listens anew.
	ErrGone = errors.New("the socket was removed")
)

// TooSoonError says that a sweep has just been, and when another one may begin.
type TooSoonError struct{ Wait time.Duration }

func (e *TooSoonError) Error() string {
	return fmt.Sprintf("too soon after the last: wait %v", e.Wait)
}

// Peer is a connection that knows who is at its other end. Serve closes all others.
type Peer interface {
	net.Conn
	// Account says at once whose limits the connection counts against; it may be "" and
	// decides nothing else.
	Account() string
	// Viewer says who asks. It is called after the first bytes of a request came: before,
	// Windows does not tell.
	Viewer() (Viewer, error)
}

// How long things may take. A request is a few hundred bytes from the same machine.
const (
	headerTime   = 5 * time.Second
	requestTime  = 10 * time.Second
	answerTime   = 30 * time.Second
	shutdownTime = 2 * time.Second
	// heartbeat is how often a stream shows that it lives, and how often the socket is looked
	// for.
	heartbeat = 15 * time.Second
	maxHeader = 8 << 10
)

// Serve answers at listener, normally one of [Listen], until ctx ends, and returns nil then.
// Any other end is an error, such as [ErrGone]. It closes the listener, ends all streams, and
// leaves nothing running but requests whose backend does not come back.
func Serve(ctx context.Context, listener net.Listener, backend Backend) error {
	serving, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s := newServer(backend)
	web := &http.Server{
		Handler:           s.handler(),
		BaseContext:       func(net.Listener) context.Context { return serving },
		ConnContext:       withPeer,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      answerTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
		// "OPTIONS *" is as unknown as everything else.
		DisableGeneralOptionsHandler: true,
	}
	// A connection is cheap here, and one that serves many requests could not be counted.
	web.SetKeepAlivesEnabled(false)

	var group sync.WaitGroup
	group.Go(func() { stop(s.publish(serving, listener)) })
	group.Go(func() { stop(web.Serve(newGate(listener))) })
	<-serving.Done()
	s.hub.close()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err := web.Shutdown(grace)
	if err != nil { // somebody is slow; they are cut off
		err = web.Close()
	}
	group.Wait()
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("serve the local API: %w", context.Cause(serving))
}

// publish hands every event to all streams, and sees to it that the socket is still there.
func (s *server) publish(ctx context.Context, listener net.Listener) error {
	events := s.backend.Subscribe(ctx)
	look := time.NewTicker(heartbeat)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-events:
			if !open {
				return errors.New("the agent's events ended")
			}
			s.hub.publish(e)
		case <-look.C:
			if place, ok := listener.(interface{ Gone() bool }); ok && place.Gone() {
				return ErrGone
			}
		}
	}
}
