package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// RequestHost is what every request names as its host: the socket says where the agent is,
// and a request that was meant for anything else must not be answered.
const RequestHost = "beagle"

// How long a client waits, and how much it reads. An answer is ready in milliseconds; an
// agent that was stopped by a debugger accepts connections and never answers.
const (
	answerTime = 10 * time.Second
	// silenceTime is three heartbeats of the stream of events.
	silenceTime = 45 * time.Second
	maxAnswer   = 64 << 20
)

// Client asks the agent behind one socket. It may be used by several goroutines and keeps no
// connection between calls. Every method fails with [ErrUnreachable], [ErrUntrusted],
// [ErrBadAnswer], a [*Refusal], or the cause why ctx ended.
type Client struct {
	path string
	http http.Client
}

// NewClient returns a client for the agent at path, such as [DefaultSocket]. Before anything
// is asked it makes sure that the system or the asker serves there.
func NewClient(path string) *Client {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, path)
		},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
	}
	// There is nowhere else to go.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{path: path, http: http.Client{Transport: transport, CheckRedirect: stay}}
}

// Snapshot returns everything that the asker may see.
func (c *Client) Snapshot(ctx context.Context) (Snapshot, error) {
	s, err := get[Snapshot](ctx, c, "/v1/snapshot", nil)
	if err == nil && s.Schema != SnapshotSchema {
		err = fmt.Errorf("%w: schema %.40q, want %q", ErrBadAnswer, s.Schema, SnapshotSchema)
	}
	return s, err
}

// Record returns one record, open or closed.
func (c *Client) Record(ctx context.Context, id string) (Stored, error) {
	return get[Stored](ctx, c, "/v1/records/"+url.PathEscape(id), nil)
}

// History returns at most limit changes of one record, or of all where id is "", the newest
// first. A limit of 0 leaves it to the agent.
func (c *Client) History(ctx context.Context, id string, limit int) ([]HistoryEntry, error) {
	query := url.Values{}
	if id != "" {
		query.Set("record", id)
	}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	list, err := get[HistoryList](ctx, c, "/v1/history", query)
	return list.History, err
}

// Coverage returns how looking at every area last ended.
func (c *Client) Coverage(ctx context.Context) ([]Coverage, error) {
	list, err := get[CoverageList](ctx, c, "/v1/coverage", nil)
	return list.Coverage, err
}

// App returns what the catalog knows about one app.
func (c *Client) App(ctx context.Context, id string) (AppPage, error) {
	return get[AppPage](ctx, c, "/v1/apps/"+url.PathEscape(id), nil)
}

// Policy returns one policy.
func (c *Client) Policy(ctx context.Context, id string) (PolicyPage, error) {
	return get[PolicyPage](ctx, c, "/v1/policies/"+url.PathEscape(id), nil)
}

// Doctor returns the agent's examination of itself.
func (c *Client) Doctor(ctx context.Context) (Doctor, error) {
	return get[Doctor](ctx, c, "/v1/doctor", nil)
}

// Export returns what the agent holds about the asker.
func (c *Client) Export(ctx context.Context) (Export, error) {
	return get[Export](ctx, c, "/v1/export", nil)
}

// RequestScan asks for a sweep, deep or not. It returns when the sweep was accepted, not when
// it is done.
func (c *Client) RequestScan(ctx context.Context, deep bool) error {
	return c.post(ctx, "/v1/scan", ScanRequest{Deep: deep})
}

// Recheck asks the agent to look at once at the places where a record was seen.
func (c *Client) Recheck(ctx context.Context, id string) error {
	return c.post(ctx, "/v1/records/"+url.PathEscape(id)+"/recheck", struct{}{})
}

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	var answer T
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	asking, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	resp, err := c.ask(asking, ctx, http.MethodGet, path, nil)
	if err != nil {
		return answer, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer, c.broken(ctx, err)
	case len(data) > maxAnswer:
		return answer, fmt.Errorf("%w: more than %d bytes", ErrBadAnswer, maxAnswer)
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		var none T
		return none, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	return answer, nil
}

func (c *Client) post(ctx context.Context, path string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	asking, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	resp, err := c.ask(asking, ctx, http.MethodPost, path, data)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// ask returns an answer whose status is a success. It ends with asking, which ends no later
// than ctx, the caller's.
func (c *Client) ask(asking, ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(asking, method, "http://"+RequestHost+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, c.refusal(ctx, resp)
}

// broken says why there is no answer: the caller gave up, the server is not to be trusted,
// or it cannot be reached.
func (c *Client) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var request *url.Error // which would repeat method and address
	if errors.As(err, &request) {
		err = request.Err
	}
	if errors.Is(err, ErrUntrusted) {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w at %q: nothing came within %v", ErrUnreachable, c.path, answerTime)
	}
	return fmt.Errorf("%w at %q: %w", ErrUnreachable, c.path, err)
}

func (c *Client) refusal(ctx context.Context, resp *http.Response) error {
	const maxFailure = 64 << 10
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFailure))
	if err != nil {
		return c.broken(ctx, err)
	}
	var failure Failure
	if err := json.Unmarshal(data, &failure); err != nil || failure.Error.Code == "" {
		return fmt.Errorf("%w: status %d without a reason", ErrBadAnswer, resp.StatusCode)
	}
	refusal := &Refusal{Status: resp.StatusCode, Problem: failure.Error}
	if seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 31); err == nil {
		refusal.RetryAfter = time.Duration(seconds) * time.Second
	}
	return refusal
}
