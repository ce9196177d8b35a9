//go:build linux || darwin

package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/agent/api"
)

// answering is an agent that says the same to everybody, byte by byte as given.
func answering(t *testing.T, answer string) *api.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "b") // names of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "agent.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				io.WriteString(conn, answer)
			}
			conn.Close()
		}
	}()
	return api.NewClient(path)
}

func page(status int, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

func TestAnswers(t *testing.T) {
	const good = `{"schema":"beagle.snapshot/1"}`
	for _, c := range []struct {
		name, answer string
		want         error  // nil: a snapshot
		text         string // in the error
	}{
		{"a snapshot", page(200, good), nil, ""},
		{"a snapshot with more than we know", page(200, `{"schema":"beagle.snapshot/1","new":1}`), nil, ""},
		{"nothing", "", api.ErrUnreachable, "EOF"},
		{"no HTTP", "\x00\x01\x02 garbage\n\n", api.ErrUnreachable, "malformed"},
		{"a page", page(200, "<html>"), api.ErrBadAnswer, "invalid character"},
		{"another JSON", page(200, `[1]`), api.ErrBadAnswer, "cannot unmarshal"},
		{"another schema", page(200, `{"schema":"beagle.snapshot/9"}`), api.ErrBadAnswer, `"beagle.snapshot/9"`},
		{"half an answer", page(200, good)[:45], api.ErrUnreachable, "unexpected EOF"},
		{"an error without a reason", page(500, "oops"), api.ErrBadAnswer, "status 500"},
		{"an error in other words", page(404, `{"message":"no"}`), api.ErrBadAnswer, "status 404"},
		{"a redirection", "HTTP/1.1 302 X\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n", api.ErrBadAnswer, "status 302"},
		{"a header without end", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20), api.ErrUnreachable, "exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := answering(t, c.answer).Snapshot(t.Context())
			if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %v with %q", err, c.want, c.text)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	client := answering(t, "HTTP/1.1 429 X\r\nRetry-After: 7\r\nConnection: close\r\n\r\n"+
		`{"error":{"code":"too_soon","args":{"seconds":"7"},"text":"wait 7 seconds"}}`)
	err := client.RequestScan(t.Context(), false)
	var got *api.Refusal
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want a refusal", err)
	}
	if got.Status != 429 || got.Problem.Code != api.CodeTooSoon || got.RetryAfter.Seconds() != 7 {
		t.Errorf("got %+v", got)
	}
	if want := "the agent refuses: wait 7 seconds (try again in 7s)"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestBrokenStreams(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	chunk := func(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }
	snapshot := chunk(`data: {"kind":"snapshot","snapshot":{"schema":"beagle.snapshot/1"}}` + "\n\n")
	for _, c := range []struct {
		name, stream string
		events       int
		want         error
	}{
		{"before anything", "", 0, api.ErrUnreachable},
		{"in the middle of an event", head + snapshot + chunk("data: {\"kind\":"), 1, api.ErrUnreachable},
		{"in the middle of a chunk", head + snapshot + "ff\r\ndata", 1, api.ErrUnreachable},
		{"between events", head + snapshot + snapshot, 2, api.ErrUnreachable},
		{"by a proper end", head + snapshot + "0\r\n\r\n", 1, api.ErrUnreachable},
		{"by garbage", head + snapshot + chunk("data: garbage\n\n"), 1, api.ErrBadAnswer},
		{"without a snapshot first", head + chunk("data: {\"kind\":\"activity\"}\n\n"), 0, api.ErrBadAnswer},
		{"by a snapshot of another schema", head + snapshot + chunk("data: {\"kind\":\"snapshot\",\"snapshot\":{}}\n\n"), 1, api.ErrBadAnswer},
		{"by a page that is no stream", page(200, "<html>\n\n<body>"), 0, api.ErrUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := 0
			err := answering(t, c.stream).Events(t.Context(), func(api.Event) error { got++; return nil })
			if !errors.Is(err, c.want) || got != c.events {
				t.Errorf("got %d events and then %v, want %d and %v", got, err, c.events, c.want)
			}
		})
	}
	t.Run("by its reader", func(t *testing.T) {
		enough := errors.New("enough")
		err := answering(t, head+snapshot).Events(t.Context(), func(api.Event) error { return enough })
		if !errors.Is(err, enough) || errors.Is(err, api.ErrUnreachable) {
			t.Errorf("got %v, want %v alone", err, enough)
		}
	})
}

func TestNobodyThere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "agent.sock"), filepath.Join(dir, "no", "such", "folder"), file, strings.Repeat("x", 500)} {
		client := api.NewClient(path)
		_, err := client.Snapshot(t.Context())
		if !errors.Is(err, api.ErrUnreachable) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: got %v, want %v and the path", path, err, api.ErrUnreachable)
		}
		if err := client.Events(t.Context(), func(api.Event) error { return nil }); !errors.Is(err, api.ErrUnreachable) {
			t.Errorf("%q, events: got %v, want %v", path, err, api.ErrUnreachable)
		}
		if err := client.RequestScan(t.Context(), true); !errors.Is(err, api.ErrUnreachable) {
			t.Errorf("%q, scan: got %v, want %v", path, err, api.ErrUnreachable)
		}
	}
}

func TestSockets(t *testing.T) {
	// Given any runtime folder, or none, then a user's socket has a place of its own.
	if got := api.DefaultSocket(); !strings.HasSuffix(got, "/run/beagle/agent.sock") {
		t.Errorf("default: got %q", got)
	}
	for _, runtime := range []string{"/run/user/1000", "relative", ""} {
		t.Setenv("XDG_RUNTIME_DIR", runtime)
		t.Setenv("XDG_CACHE_HOME", "")
		t.Setenv("HOME", "/home/alice")
		got, err := api.UserSocket()
		if err != nil || !filepath.IsAbs(got) || got == api.DefaultSocket() || !strings.HasSuffix(got, "/beagle/agent.sock") {
			t.Errorf("XDG_RUNTIME_DIR %q: got %q, %v", runtime, got, err)
		}
	}
	t.Setenv("HOME", "")
	if got, err := api.UserSocket(); err == nil {
		t.Errorf("without a home: got %q, want an error", got)
	}
}
