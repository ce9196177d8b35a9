package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestReadEvents(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         []string
	}{
		{"one event", "data: {}\n\n", []string{"{}"}},
		{"comments", ":\n\n: hello\ndata: a\n\n:\n\n", []string{"a"}},
		{"other fields", "id: 7\nevent: x\nretry: 1\ndata: a\n\nevent: y\n\n", []string{"a"}},
		{"no space", "data:a\n\n", []string{"a"}},
		{"two spaces", "data:  a\n\n", []string{" a"}},
		{"several lines", "data: a\ndata\ndata: b\n\n", []string{"a\n\nb"}},
		{"empty data", "data\n\n", []string{""}},
		{"carriage returns", "data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		{"an event that is not finished", "data: a\n\ndata: b\n", []string{"a"}},
		{"a line that is not finished", "data: a\n\ndata: b", []string{"a"}},
		{"blank lines", "\n\n\n", nil},
		{"nothing", "", nil},
		{"more than a buffer", "data: " + strings.Repeat("x", 20000) + "\n\n", []string{strings.Repeat("x", 20000)}},
		{"more than the limit", "data: a\n\ndata: " + strings.Repeat("x", 30000) + "\n\n", []string{"a"}},
		{"a comment beyond the limit", "data: a\n\n:" + strings.Repeat("x", 30000) + "\n\n", []string{"a"}},
		{"lines beyond the limit", "data: a\n\n" + strings.Repeat("data: xxxxxxxx\n", 4000) + "\n\n", []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for cut, from := range map[string]io.Reader{
				"at once": strings.NewReader(c.stream), "by byte": iotest.OneByteReader(strings.NewReader(c.stream)),
			} {
				var got []string
				err := readEvents(from, 24000, func(data []byte) error { got = append(got, string(data)); return nil })
				if !slices.Equal(got, c.want) {
					t.Errorf("%s: got %q, want %q", cut, got, c.want)
				}
				want := io.ErrUnexpectedEOF
				if strings.Contains(c.name, "limit") {
					want = errTooLong
				}
				if !errors.Is(err, want) {
					t.Errorf("%s: got %v, want %v", cut, err, want)
				}
			}
		})
	}
}

func TestReadEventsStops(t *testing.T) {
	enough, broken := errors.New("enough"), errors.New("broken")
	if err := readEvents(strings.NewReader("data: a\n\ndata: b\n\n"), 100, func([]byte) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v, want %v", err, enough)
	}
	from := io.MultiReader(strings.NewReader("data: a\n"), iotest.ErrReader(broken))
	if err := readEvents(from, 100, func([]byte) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func FuzzReadEvents(f *testing.F) {
	for _, seed := range []string{
		"data: {\"kind\":\"snapshot\"}\n\n", ":\n\ndata: a\r\ndata: b\r\n\r\n", "data\n\n\n", "\xef\xbb\xbfdata: a\n\n",
		"data: " + strings.Repeat("x", 5000) + "\n\n", "event: x\nid\n:\ndata:  \n\n", "data: a\rdata: b\r\r", "\x00\n\xff: \n\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 6000
		var events [][]byte
		err := readEvents(bytes.NewReader(stream), limit, func(data []byte) error {
			if len(data) > limit {
				t.Fatalf("an event of %d bytes, want at most %d", len(data), limit)
			}
			events = append(events, bytes.Clone(data))
			return nil
		})
		if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errTooLong) {
			t.Fatalf("got %v, want an end that was not expected", err)
		}
		// What was read can be written and is read again, however it is cut into pieces. The
		// lines end in CR LF, since data may end in CR.
		var again bytes.Buffer
		for _, data := range events {
			for line := range bytes.SplitSeq(data, []byte("\n")) {
				again.WriteString("data: ")
				again.Write(line)
				again.WriteString("\r\n")
			}
			again.WriteString("\n")
		}
		var second [][]byte
		_ = readEvents(iotest.HalfReader(&again), 20*limit, func(data []byte) error {
			second = append(second, bytes.Clone(data))
			return nil
		})
		if !slices.EqualFunc(second, events, bytes.Equal) {
			t.Fatalf("got %q the second time, want %q", second, events)
		}
	})
}

// inMemory is a client whose agent is serve, for tests whose time is not real.
func inMemory(serve func(net.Conn)) *Client {
	c := NewClient("memory")
	c.http.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serve(server)
		return client, nil
	}
	return c
}

// TestSilentAgent asks an agent that takes connections and says nothing, or nothing more.
func TestSilentAgent(t *testing.T) {
	const header, snapshot = "HTTP/1.1 200 OK\r\n\r\n", `data: {"kind":"snapshot","snapshot":{"schema":"beagle.snapshot/1"}}` + "\n\n"
	events := func(ctx context.Context, c *Client) error {
		return c.Events(ctx, func(Event) error { <-time.After(time.Hour); return nil })
	}
	for _, c := range []struct {
		name, says string
		ask        func(context.Context, *Client) error
		after      time.Duration
	}{
		{"question", "", func(ctx context.Context, c *Client) error { _, err := c.Snapshot(ctx); return err }, answerTime},
		{"half an answer", header + "{", func(ctx context.Context, c *Client) error { _, err := c.Coverage(ctx); return err }, answerTime},
		{"order", "", func(ctx context.Context, c *Client) error { return c.RequestScan(ctx, true) }, answerTime},
		{"stream without a beginning", "", events, silenceTime},
		{"stream that stops, while its reader takes an hour for an event", header + snapshot, events, time.Hour + silenceTime},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := inMemory(func(conn net.Conn) {
					defer conn.Close()
					// An answer that comes before its question is none.
					in := bufio.NewReader(conn)
					if _, err := http.ReadRequest(in); err != nil {
						return
					}
					go io.WriteString(conn, c.says)
					io.Copy(io.Discard, in) // until the client hangs up
				})
				started := time.Now()
				err := c.ask(t.Context(), client)
				if got := time.Since(started); !errors.Is(err, ErrUnreachable) || got != c.after {
					t.Errorf("got %v after %v, want %v after %v", err, got, ErrUnreachable, c.after)
				}
			})
		})
	}
}

// TestCallerGivesUp makes sure that the caller's own reason comes back.
func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mind := errors.New("changed my mind")
		client := inMemory(func(conn net.Conn) {
			defer conn.Close()
			io.Copy(io.Discard, conn)
		})
		for name, ask := range map[string]func(context.Context) error{
			"question": func(ctx context.Context) error { _, err := client.Snapshot(ctx); return err },
			"stream":   func(ctx context.Context) error { return client.Events(ctx, func(Event) error { return nil }) },
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(mind) })
			if err := ask(ctx); !errors.Is(err, mind) || errors.Is(err, ErrUnreachable) {
				t.Errorf("%s: got %v, want %v", name, err, mind)
			}
		}
	})
}
