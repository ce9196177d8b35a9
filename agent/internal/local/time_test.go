package local_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

// inNoTime runs a test with a server whose time is not real. Connections are in memory.
func inNoTime(t *testing.T, a *agent, test func(*testing.T, *merged)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		m, ended := newMerged(), make(chan error, 1)
		go func() { ended <- local.Serve(ctx, m, a) }()
		synctest.Wait()
		test(t, m)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// closedAfter reads until the connection is closed and says how long that took.
func closedAfter(conn net.Conn) (time.Duration, string) {
	started := time.Now()
	data, _ := io.ReadAll(conn) // how it ends is not what is asked
	return time.Since(started), string(data)
}

func TestSlowRequestsAreCut(t *testing.T) {
	for _, c := range []struct {
		name  string
		parts []string // sent a second after each other
		after time.Duration
		want  string
	}{
		{"silence", nil, local.HeaderTime, ""},
		{"header that does not end", strings.Split("GET /v1/snapshot HTTP/1.1\r\n", ""), local.HeaderTime, ""},
		{"body that does not end", []string{"POST /v1/scan HTTP/1.1\r\nHost: beagle\r\nContent-Length: 99\r\n\r\n{", " ", " "}, local.RequestTime, api.CodeBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			inNoTime(t, newAgent(), func(t *testing.T, m *merged) {
				conn := m.pipe(alice())
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					for _, part := range c.parts {
						if _, err := io.WriteString(conn, part); err != nil {
							return
						}
						<-time.After(time.Second)
					}
				}()
				got, answer := closedAfter(conn)
				conn.Close()
				<-sent
				if got < c.after || got > c.after+2*time.Second || !strings.Contains(answer, c.want) {
					t.Errorf("closed after %v with %q, want %v with %q", got, answer, c.after, c.want)
				}
			})
		})
	}
}

func TestSlowAnswersAreCut(t *testing.T) {
	big := record("m1", api.MachineOwner, api.VerdictAllowed)
	big.Verdicts = []api.Verdict{{Citation: strings.Repeat("x", 1<<20)}}
	inNoTime(t, newAgent(big), func(t *testing.T, m *merged) {
		conn := m.pipe(alice())
		defer conn.Close()
		io.WriteString(conn, "GET /v1/snapshot HTTP/1.1\r\nHost: beagle\r\n\r\n")
		// Given a client that takes its time, then it gets no more than was under way.
		<-time.After(time.Minute)
		if _, answer := closedAfter(conn); len(answer) > 64<<10 {
			t.Errorf("got %d bytes a minute later", len(answer))
		}
	})
}

func TestHeartbeat(t *testing.T) {
	inNoTime(t, newAgent(), func(t *testing.T, m *merged) {
		conn := m.pipe(alice())
		io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: beagle\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("content type: got %q", got)
		}
		// Given an hour in which nothing happens, then the stream shows that it lives.
		lines, started, beats := bufio.NewScanner(resp.Body), time.Now(), 0
		for beats < 240 && lines.Scan() {
			if lines.Text() == ":" {
				beats++
			}
		}
		if got, want := time.Since(started), 240*local.Heartbeat; beats != 240 || got != want {
			t.Errorf("got %d beats within %v, want 240 within %v", beats, got, want)
		}
		conn.Close()
	})
}

// TestReaderThatStops stops reading in the middle of an event.
func TestReaderThatStops(t *testing.T) {
	a := newAgent()
	inNoTime(t, a, func(t *testing.T, m *merged) {
		conn := m.pipe(alice())
		defer conn.Close()
		io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: beagle\r\n\r\n")
		if _, err := conn.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		// Given a minute without reading, then the connection is over: a pipe without a buffer
		// has nothing left.
		<-time.After(time.Minute)
		if took, rest := closedAfter(conn); took > 0 || len(rest) > 0 {
			t.Errorf("a minute later it took %v and %d bytes to end", took, len(rest))
		}
	})
}

// TestFastProgress makes sure that progress alone cuts nobody: only the newest waits.
func TestFastProgress(t *testing.T) {
	a := newAgent()
	inNoTime(t, a, func(t *testing.T, m *merged) {
		conn := m.pipe(alice())
		defer conn.Close()
		io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: beagle\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100_000 {
			a.tell(api.Event{Kind: api.EventProgress, Progress: &api.Progress{Examined: int64(i)}})
		}
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if strings.Contains(lines.Text(), `"examined":99999,`) {
				return
			}
		}
		t.Error("the stream ended before the last progress")
	})
}

func TestScansOfOneUserAreSpaced(t *testing.T) {
	a := newAgent()
	inNoTime(t, a, func(t *testing.T, m *merged) {
		ask := func() int {
			conn := m.pipe(alice())
			defer synctest.Wait() // for the server to see that it is closed
			defer conn.Close()
			io.WriteString(conn, "POST /v1/scan HTTP/1.1\r\nHost: beagle\r\n\r\n")
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode
		}
		for range 10 * local.ScanBurst {
			ask()
		}
		if scans, _ := a.asked(); len(scans) != local.ScanBurst {
			t.Errorf("at once: got %d scans, want %d", len(scans), local.ScanBurst)
		}
		<-time.After(local.ScanEvery)
		if got := ask(); got != http.StatusAccepted {
			t.Errorf("after %v: got status %d, want %d", local.ScanEvery, got, http.StatusAccepted)
		}
	})
}
