package api

import (
	"context"
	"encoding/json"
	"net/url"
	"time"
)

// The kinds of [Request].
const (
	RequestDispute   = "dispute"   // "this is wrong"
	RequestExemption = "exemption" // "I need this"
)

// The statuses of a [Request].
const (
	RequestKept = "kept" // on this machine; it was not told to the organisation yet
)

// Request is what a person asked about a record. It is shown to that person and to
// administrators only.
type Request struct {
	ID     string `json:"id"`
	Record string `json:"record"`
	Kind   string `json:"kind"`
	// User is the system's id of who asked: a number on Linux and macOS, a SID on Windows.
	User string `json:"user"`
	Text string `json:"text"`
	// Until is the day until which an exemption is asked for, as 2006-01-02; "" if it was left
	// open.
	Until  string    `json:"until,omitempty"`
	At     time.Time `json:"at"`
	Status string    `json:"status"`
}

// Dispute is the body of "this is wrong".
type Dispute struct {
	Text string `json:"text"`
}

// ExemptionRequest is the body of "I need this".
type ExemptionRequest struct {
	Text  string `json:"text"`
	Until string `json:"until,omitempty"`
}

// SentSchema names the format of [Sent].
const SentSchema = "beagle.sent/1"

// Sent is what was last reported to the organisation about the asker and the machine, exactly
// as it was sent.
type Sent struct {
	Schema string `json:"schema"`
	// Endpoint is where reports go; "" where nothing is reported.
	Endpoint string            `json:"endpoint"`
	At       *time.Time        `json:"at"` // when the last report was sent; nil if none was
	Reports  []json.RawMessage `json:"reports"`
}

// Dispute says that a record is wrong, and why.
func (c *Client) Dispute(ctx context.Context, id, text string) error {
	return c.post(ctx, "/v1/records/"+url.PathEscape(id)+"/dispute", Dispute{Text: text})
}

// RequestExemption asks for an app to be left alone, and says what for. Until is a day, or "".
func (c *Client) RequestExemption(ctx context.Context, id, text, until string) error {
	return c.post(ctx, "/v1/records/"+url.PathEscape(id)+"/exemption-request", ExemptionRequest{Text: text, Until: until})
}

// Sent returns what was last reported about the asker and the machine.
func (c *Client) Sent(ctx context.Context) (Sent, error) { return get[Sent](ctx, c, "/v1/sent", nil) }
