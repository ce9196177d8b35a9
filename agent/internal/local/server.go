package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"path"
	"strconv"
	"time"

	"beagle/agent/api"
)

// Limits of requests, for each user. A window asks for a handful of things at once; more
// than this would cost the machine what the agent may use.
const (
	requestBurst, requestEvery = 100, 50 * time.Millisecond
	scanBurst, scanEvery       = 3, time.Minute
	heavyBurst, heavyEvery     = 20, 5 * time.Second
	maxBody                    = 64 << 10
)

type server struct {
	backend  Backend
	hub      *hub
	requests *limiter
	scans    *limiter
	heavy    *limiter // for what reads much: recheck, doctor, export
}

func newServer(backend Backend) *server {
	return &server{
		backend:  backend,
		hub:      newHub(),
		requests: newLimiter(requestBurst, requestEvery),
		scans:    newLimiter(scanBurst, scanEvery),
		heavy:    newLimiter(heavyBurst, heavyEvery),
	}
}

// page answers one kind of request, or fails before it has written anything.
type page func(w http.ResponseWriter, r *http.Request, who Viewer) error

// handler lists everything there is; all else is not found.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]page{
		"GET /v1/snapshot":                        s.snapshot,
		"GET /v1/events":                          s.events,
		"GET /v1/records/{id}":                    s.record,
		"GET /v1/history":                         s.history,
		"GET /v1/coverage":                        s.coverage,
		"GET /v1/apps/{id}":                       s.app,
		"GET /v1/policies/{id}":                   s.policy,
		"GET /v1/doctor":                          s.doctor,
		"GET /v1/export":                          s.export,
		"GET /v1/sent":                            s.sent,
		"POST /v1/scan":                           s.scan,
		"POST /v1/records/{id}/recheck":           s.recheck,
		"POST /v1/records/{id}/dispute":           s.dispute,
		"POST /v1/records/{id}/exemption-request": s.requestExemption,
		"/": notFound,
	} {
		mux.HandleFunc(pattern, s.guard(answer))
	}
	// The mux would answer an unclean path with a redirection, and "*" with words of its own.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path || r.RequestURI == "*" {
			s.guard(notFound)(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// guard asks who is there before a page is answered, and turns errors into answers.
func (s *server) guard(answer page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		err := s.admit(r, func(who Viewer) error { return answer(w, r, who) })
		var p *problem
		switch {
		case err == nil:
		case errors.As(err, &p):
			p.write(w)
		case r.Context().Err() != nil: // nobody waits any more
		default:
			slog.ErrorContext(r.Context(), "local request failed", "request", r.Pattern, "error", err)
			(&problem{status: http.StatusInternalServerError, code: api.CodeInternal}).write(w)
		}
	}
}

func (s *server) admit(r *http.Request, answer func(Viewer) error) error {
	if r.Host != api.RequestHost {
		return &problem{
			status: http.StatusMisdirectedRequest, code: api.CodeWrongHost, args: map[string]string{"want": api.RequestHost},
			text: "ask for http://" + api.RequestHost + "/",
		}
	}
	who, err := viewerOf(r.Context())
	if err != nil {
		return &problem{status: http.StatusForbidden, code: api.CodeUnknownPeer, text: err.Error()}
	}
	if wait := s.requests.take(who.ID, time.Now()); wait > 0 {
		return tooSoon(wait)
	}
	return answer(who)
}

// peerKey is the key of a connection in the context of its requests.
type peerKey struct{}

func withPeer(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, peerKey{}, conn)
}

func viewerOf(ctx context.Context) (Viewer, error) {
	peer, ok := ctx.Value(peerKey{}).(Peer)
	if !ok {
		return Viewer{}, errors.New("the connection does not tell who asks")
	}
	return peer.Viewer()
}

// problem is an answer that is an error.
type problem struct {
	status int
	code   string
	args   map[string]string
	text   string
	retry  time.Duration
}

func (p *problem) Error() string { return p.code + ": " + p.text }

func (p *problem) write(w http.ResponseWriter) {
	failure := api.Failure{Error: api.Error{Code: p.code, Args: p.args, Text: p.text}}
	if failure.Error.Args == nil {
		failure.Error.Args = map[string]string{}
	}
	if p.retry > 0 {
		w.Header().Set("Retry-After", seconds(p.retry))
	}
	// Who does not read the reason of a refusal goes without it.
	_ = reply(w, p.status, failure)
}

func tooSoon(wait time.Duration) *problem {
	return &problem{
		status: http.StatusTooManyRequests, code: api.CodeTooSoon, retry: wait,
		args: map[string]string{"seconds": seconds(wait)}, text: "wait " + seconds(wait) + " s",
	}
}

// seconds rounds up: who comes back after them is not too soon again.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

func notFound(http.ResponseWriter, *http.Request, Viewer) error {
	return &problem{status: http.StatusNotFound, code: api.CodeNotFound, text: "there is no such page"}
}

// reply writes an answer as JSON. An error before anything is written is the server's; later
// ones are the reader's, who has gone.
func reply(w http.ResponseWriter, status int, answer any) error {
	data, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
	return nil
}
