package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// crashDir tells a child of the test which store to fill until it is killed.
const crashDir = "BEAGLE_STORE_CRASH_DIR"

// TestCrashChild is the child. It says what it was promised: a line per acknowledged sweep.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("only runs as the child of TestKilledAtAnyMoment")
	}
	s := open(t, dir)
	fmt.Printf("ack epoch %s\n", s.Opening().Epoch)
	for i := 0; ; i++ {
		var seen []catalog.Evidence
		for n := range 4 {
			if (i+n)%3 != 0 {
				seen = append(seen, saw("opt", "machine", fmt.Sprintf("app%d", n)))
			}
		}
		change := apply(t, s, store.Sweep{Areas: []store.Area{finished("opt", "machine")}, Seen: seen}, judge)
		for _, c := range change.Changes {
			fmt.Printf("ack %s %s %d\n", c.Record.App.ID, c.What, c.Record.Revision)
		}
	}
}

func TestKilledAtAnyMoment(t *testing.T) {
	const kills = 50
	dir := t.TempDir()
	promised := map[string]int64{}
	epoch := ""
	acknowledged := 0
	for i := range kills {
		// Given an agent that fills the store, when it is killed at a random moment,
		for _, line := range killed(t, dir, i) {
			var app, what string
			var revision int64
			if e, ok := strings.CutPrefix(line, "ack epoch "); ok {
				if epoch == "" {
					epoch = e
				}
				equal(t, "epoch of the child", e, epoch)
				continue
			}
			if _, err := fmt.Sscanf(line, "ack %s %s %d", &app, &what, &revision); err != nil {
				t.Fatalf("the child said %q", line)
			}
			promised[app] = revision
			acknowledged++
		}
		// then the store opens, is sound, and holds every acknowledged record.
		s := open(t, dir)
		verify(t, s, epoch, promised)
		closed(t, s)
		if t.Failed() {
			t.Fatalf("after kill %d", i+1)
		}
	}
	t.Logf("%d kills, %d acknowledged changes", kills, acknowledged)
	if acknowledged < kills {
		t.Errorf("got %d acknowledged changes, want enough to mean something", acknowledged)
	}
}

// killed starts the child, kills it and returns the whole lines that it wrote before.
func killed(t *testing.T, dir string, round int) []string {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	// Some die while the store is being opened, most while it is written.
	kill := func() {
		time.AfterFunc(rand.N(20*time.Millisecond), func() { _ = child.Process.Kill() })
	}
	after := 1 + rand.IntN(10)
	if round%5 == 0 {
		after = 0
		kill()
	}
	var lines []string
	reader := bufio.NewReader(out)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			break // the rest of a line is no promise
		}
		if !strings.HasPrefix(line, "ack ") {
			t.Errorf("the child said %q", line)
		}
		if lines = append(lines, strings.TrimSpace(line)); len(lines) == after {
			kill()
		}
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Errorf("the child ended by itself: %v", err)
	}
	return lines
}

// verify checks that the store holds what was promised, and that its parts agree.
func verify(t *testing.T, s *store.Store, epoch string, promised map[string]int64) {
	t.Helper()
	o := s.Opening()
	if epoch != "" && o.Epoch != epoch || o.SetAside != "" {
		t.Fatalf("got %+v, want the epoch %q", o, epoch)
	}
	records, err := s.Records(t.Context(), true)
	must(t, err)
	out, err := s.Outbox(t.Context(), 1_000_000)
	must(t, err)
	stored := map[string]int64{}
	changes := 0
	for _, r := range records {
		stored[r.App.ID] = r.Revision
		changes += int(r.Revision)
		history, err := s.History(t.Context(), 1_000_000, r.ID)
		must(t, err)
		equal(t, "history of "+r.App.ID, int64(len(history)), r.Revision)
		equal(t, "newest of "+r.App.ID, history[0].Revision, r.Revision)
	}
	equal(t, "outbox", len(out), changes)
	for app, revision := range promised {
		if stored[app] < revision {
			t.Errorf("%s has revision %d, but %d was acknowledged", app, stored[app], revision)
		}
		promised[app] = stored[app]
	}
}
