package api

import (
	"errors"
	"fmt"
	"time"
)

// Errors of a [Client] that callers tell apart. Each is wrapped with what was tried.
var (
	// ErrUnreachable says that no agent answers: none runs, it may not be asked, it hangs, or
	// the connection broke.
	ErrUnreachable = errors.New("no agent answers")
	// ErrUntrusted says that the socket belongs to somebody who is neither the system nor the
	// asker. Nothing was asked.
	ErrUntrusted = errors.New("not the agent of this system")
	// ErrBadAnswer says that an answer came which this client does not understand.
	ErrBadAnswer = errors.New("not an answer of a Beagle agent")
)

// Codes of the errors that the agent answers with.
const (
	CodeNotFound        = "not_found"         // no such page, or nothing by that id that the asker may see
	CodeBadID           = "bad_id"            // the id is none
	CodeBadRequest      = "bad_request"       // arguments or body are not understood; Text says which
	CodeTooLarge        = "too_large"         // the body; Args: "limit" in bytes
	CodeWrongHost       = "wrong_host"        // the request is for another host; Args: "want"
	CodeUnknownPeer     = "unknown_peer"      // the system does not tell who asks
	CodeTooManyStream   = "too_many_events"   // the asker has too many streams of events open, or all have
	CodeTooManyRequests = "too_many_requests" // the asker asked about more records than are kept
	CodeTooSoon         = "too_soon"          // Args: "seconds" to wait
	CodeScanning        = "scan_running"      // a sweep is under way; its result will do
	CodeInternal        = "internal"          // the agent failed; its log says why
)

// Refusal is an answer of the agent that is an error. It is for callers to branch on by code.
type Refusal struct {
	Status  int // of HTTP
	Problem Error
	// RetryAfter is how long to wait before asking again, 0 if the agent does not say.
	RetryAfter time.Duration
}

func (r *Refusal) Error() string {
	text := r.Problem.Text
	if text == "" {
		text = r.Problem.Code
	}
	if r.RetryAfter > 0 {
		return fmt.Sprintf("the agent refuses: %s (try again in %v)", text, r.RetryAfter)
	}
	return "the agent refuses: " + text
}
