package local_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

func TestSnapshot(t *testing.T) {
	r := serve(t, newAgent(record("m1", api.MachineOwner, api.VerdictProhibited, entry("machine"))), alice())
	got, err := r.as(alice()).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := r.Snapshot(); text(t, got) != text(t, want) {
		t.Errorf("got  %s\nwant %s", text(t, got), text(t, want))
	}
}

// TestKnownPages asks for what belongs to nobody.
func TestKnownPages(t *testing.T) {
	client, ctx := serve(t, newAgent(), alice()).as(alice()), t.Context()
	if page, err := client.App(ctx, "wechat"); err != nil || page.ID != "wechat" {
		t.Errorf("app: got %+v, %v", page, err)
	}
	if page, err := client.Policy(ctx, "US-EO-13971"); err != nil || page.ID != "US-EO-13971" {
		t.Errorf("policy: got %+v, %v", page, err)
	}
	_, err := client.App(ctx, "nosuch")
	if r := refusal(t, err); r.Status != http.StatusNotFound || r.Problem.Args["id"] != "nosuch" {
		t.Errorf("unknown app: got %+v", r)
	}
	_, err = client.Policy(ctx, "no such")
	if r := refusal(t, err); r.Status != http.StatusBadRequest || r.Problem.Code != api.CodeBadID {
		t.Errorf("bad id: got %+v", r)
	}
}

// TestRefused sends what must not be answered, byte by byte as it comes.
func TestRefused(t *testing.T) {
	r := serve(t, newAgent(record("m1", api.MachineOwner, api.VerdictAllowed)), alice())
	long := strings.Repeat("x", 64<<10)
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: beagle\r\n\r\n" }
	post := func(path, body string) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: beagle\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
	}
	const anyError, cutOff = 0, -1 // who sends too much may lose the answer with the connection
	for _, c := range []struct {
		name, request string
		status        int
		code          string // "" where net/http answers before anything of ours
	}{
		{"unknown path", get("/"), 404, api.CodeNotFound},
		{"unknown page", get("/v1/settings"), 404, api.CodeNotFound},
		{"unknown version", get("/v2/snapshot"), 404, api.CodeNotFound},
		{"wrong method", post("/v1/snapshot", ""), 404, api.CodeNotFound},
		{"method that would change things", "DELETE /v1/records/m1 HTTP/1.1\r\nHost: beagle\r\n\r\n", 404, api.CodeNotFound},
		{"all options", "OPTIONS * HTTP/1.1\r\nHost: beagle\r\n\r\n", 404, api.CodeNotFound},
		{"proxy", "CONNECT beagle:443 HTTP/1.1\r\nHost: beagle\r\n\r\n", anyError, ""},
		{"unclean path", get("/v1//snapshot"), 404, api.CodeNotFound},
		{"path that climbs", get("/v1/apps/../snapshot"), 404, api.CodeNotFound},
		{"path that climbs in disguise", get("/v1/apps/%2e%2e%2fsnapshot"), 404, api.CodeNotFound},
		{"empty id", get("/v1/records/"), 404, api.CodeNotFound},
		{"id with a zero", get("/v1/records/a%00"), 400, api.CodeBadID},
		{"id that is too long", get("/v1/records/" + long[:129]), 400, api.CodeBadID},
		{"history of a bad id", get("/v1/history?record=%27"), 400, api.CodeBadID},
		{"history of nothing", get("/v1/history?limit=0"), 400, api.CodeBadRequest},
		{"history of a word", get("/v1/history?limit=all"), 400, api.CodeBadRequest},
		{"another host", "GET /v1/snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n", 421, api.CodeWrongHost},
		{"no host", "GET /v1/snapshot HTTP/1.0\r\n\r\n", 421, api.CodeWrongHost},
		{"two hosts", "GET /v1/snapshot HTTP/1.1\r\nHost: beagle\r\nHost: beagle\r\n\r\n", 400, ""},
		{"body that is no JSON", post("/v1/scan", "deep"), 400, api.CodeBadRequest},
		{"wish that is unknown", post("/v1/scan", `{"deeper":true}`), 400, api.CodeBadRequest},
		{"two wishes", post("/v1/scan", `{}{}`), 400, api.CodeBadRequest},
		{"body that ends early", "POST /v1/scan HTTP/1.1\r\nHost: beagle\r\nContent-Length: 9\r\n\r\n{", 400, api.CodeBadRequest},
		{"huge body", post("/v1/scan", `{"deep":`+long), 413, api.CodeTooLarge},
		{"huge body without a length", "POST /v1/scan HTTP/1.1\r\nHost: beagle\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" +
			strings.Repeat(" ", 0x10001) + "\r\n0\r\n\r\n", 413, api.CodeTooLarge},
		{"huge header", "GET /v1/snapshot HTTP/1.1\r\nHost: beagle\r\nX: " + long, cutOff, ""},
		{"huge line", "GET /" + long, cutOff, ""},
		{"no HTTP", "\x16\x03\x01\x00garbage\r\n\r\n", 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := dial(t, r, alice())
			// It may be refused while it is still being sent.
			_, _ = io.WriteString(conn, c.request)
			if half, ok := conn.(*net.UnixConn); ok {
				_ = half.CloseWrite()
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil && c.status == cutOff {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil && c.status != cutOff {
				t.Fatal(err)
			}
			if c.status > anyError && resp.StatusCode != c.status || resp.StatusCode/100 == 2 {
				t.Errorf("got status %d with %s, want %d", resp.StatusCode, body, c.status)
			}
			if want := `{"error":{"code":"` + c.code + `",`; c.code != "" && !strings.HasPrefix(string(body), want) {
				t.Errorf("got %s, want %s...", body, want)
			}
		})
	}
	if scans, _ := r.asked(); len(scans) > 0 {
		t.Errorf("refused requests started %d scans", len(scans))
	}
	if _, err := r.as(alice()).Snapshot(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestScan(t *testing.T) {
	r := serve(t, newAgent(record("m1", api.MachineOwner, api.VerdictAllowed)), alice(), bob())
	ctx := t.Context()

	// Given an agent that is free, then it scans and rechecks as it is asked to.
	for _, deep := range []bool{false, true} {
		if err := r.as(alice()).RequestScan(ctx, deep); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.as(alice()).Recheck(ctx, "m1"); err != nil {
		t.Fatal(err)
	}
	if scans, rechecks := r.asked(); fmt.Sprint(scans, rechecks) != "[false true] [m1]" {
		t.Errorf("got scans and rechecks %v %v, want [false true] [m1]", scans, rechecks)
	}

	// When it is busy, or was asked too early, then it says so.
	r.refuse = local.ErrScanning
	err := r.as(alice()).RequestScan(ctx, false)
	if got := refusal(t, err); got.Status != http.StatusConflict || got.Problem.Code != api.CodeScanning {
		t.Errorf("busy: got %+v", got)
	}
	r.refuse = fmt.Errorf("scan: %w", &local.TooSoonError{Wait: 90*time.Second + time.Millisecond})
	err = r.as(bob()).RequestScan(ctx, false)
	if got := refusal(t, err); got.RetryAfter != 91*time.Second || got.Problem.Args["seconds"] != "91" {
		t.Errorf("too soon: got %+v, want 91 s", got)
	}

	// When one user asks too often, then others are not kept from asking.
	r.refuse = nil
	err = r.as(alice()).RequestScan(ctx, false)
	if got := refusal(t, err); got.Status != http.StatusTooManyRequests || got.RetryAfter <= 0 || got.RetryAfter > local.ScanEvery {
		t.Errorf("a fourth scan: got %+v", got)
	}
	if err := r.as(bob()).RequestScan(ctx, false); err != nil {
		t.Errorf("another user: %v", err)
	}

	// When the agent fails, then its words stay with it.
	r.refuse = errors.New("the table named secret is broken")
	err = r.as(bob()).RequestScan(ctx, false)
	if got := refusal(t, err); got.Problem.Code != api.CodeInternal || strings.Contains(got.Error(), "secret") {
		t.Errorf("failed: got %+v", got)
	}
}

func TestLimiter(t *testing.T) {
	l := local.NewLimiter(2, time.Second)
	at := func(d time.Duration) time.Time { return now.Add(d) }
	for _, c := range []struct {
		user string
		at   time.Duration
		wait time.Duration
	}{
		{"a", 0, 0},
		{"a", 0, 0},
		{"a", 0, time.Second},
		{"b", 0, 0},
		{"a", 900 * time.Millisecond, 100 * time.Millisecond},
		{"a", time.Second, 0},
		{"a", time.Second, time.Second},
		{"a", time.Hour, 0},
		{"a", time.Hour, 0},
		{"a", time.Hour, time.Second},
		{"b", 0, 0}, // a clock that was set back
	} {
		if got := l.Take(c.user, at(c.at)); got != c.wait {
			t.Errorf("%s at %v: got %v, want %v", c.user, c.at, got, c.wait)
		}
	}
	// Given more users than any machine has, then those who have long gone are forgotten.
	for i := range 5000 {
		l.Take(fmt.Sprint("user", i), at(time.Duration(i)*time.Minute))
	}
	if got := l.Remembered(); got > 1024 {
		t.Errorf("remembers %d users", got)
	}
}

func TestConnectionLimit(t *testing.T) {
	r := serve(t, newAgent(), alice(), bob())
	// Given a user with as many silent connections as may be,
	for range local.MaxConnsOfAccount {
		dial(t, r, alice())
	}
	// then one more is closed without an answer,
	_, err := r.as(alice()).Snapshot(t.Context())
	if !errors.Is(err, api.ErrUnreachable) {
		t.Errorf("one too many: got %v, want %v", err, api.ErrUnreachable)
	}
	// and others are served.
	if _, err := r.as(bob()).Snapshot(t.Context()); err != nil {
		t.Errorf("another user: %v", err)
	}
}

// TestShutdown ends a server with streams, silent connections and a request under way.
func TestShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("serve", func(t *testing.T) {
		r := serve(t, newAgent(), alice(), bob())
		broken := make(chan error, 4)
		for _, who := range []local.Viewer{alice(), bob()} {
			opened := make(chan struct{})
			for range 2 {
				go func() {
					broken <- r.as(who).Events(context.WithoutCancel(t.Context()), func(api.Event) error {
						opened <- struct{}{}
						return nil
					})
				}()
				within(t, "a stream", opened)
			}
			dial(t, r, who)
		}
		r.stop()
		started := time.Now()
		if err := within(t, "the end", r.ended); err != nil {
			t.Errorf("Serve: %v", err)
		}
		r.ended <- nil
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("it took %v to end", took)
		}
		for range cap(broken) {
			if err := within(t, "the end of a stream", broken); !errors.Is(err, api.ErrUnreachable) {
				t.Errorf("stream: got %v, want %v", err, api.ErrUnreachable)
			}
		}
	})
	until(t, "no more goroutines than before", func() bool { return runtime.NumGoroutine() <= before })
}

func TestServeFails(t *testing.T) {
	t.Run("when the agent tells nothing more", func(t *testing.T) {
		a, m, ended := newAgent(), newMerged(), make(chan error, 1)
		go func() { ended <- local.Serve(t.Context(), m, a) }()
		until(t, "a subscription", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.subscribers) == 1 })
		a.hangUp()
		if err := within(t, "an error", ended); err == nil || !strings.Contains(err.Error(), "events ended") {
			t.Errorf("got %v, want that the events ended", err)
		}
	})
	t.Run("when the listener is closed", func(t *testing.T) {
		m, ended := newMerged(), make(chan error, 1)
		go func() { ended <- local.Serve(t.Context(), m, newAgent()) }()
		m.Close()
		if err := within(t, "an error", ended); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want %v", err, net.ErrClosed)
		}
	})
}

func refusal(t *testing.T, err error) *api.Refusal {
	t.Helper()
	var r *api.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return r
}
