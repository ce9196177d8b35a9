package watch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"beagle/detectors/watch"
	"beagle/detectors/watch/watchtest"
)

// asRoot skips what the kernel tells only those with the rights to hear it.
func asRoot(t *testing.T, w *watch.Watcher, mode string) *watching {
	t.Helper()
	s := start(t, w)
	if got, _ := s.Mode(); got != mode && got != mode+"+polling" {
		why := s.all()[0].Problem
		if os.Geteuid() == 0 && mode == "fanotify" && why == nil {
			t.Fatalf("mode %q without a reason", got)
		}
		t.Skipf("needs %s, which this machine or user does not offer: mode %q, %+v", mode, got, why)
	}
	return s
}

func TestEveryStartIsSeen(t *testing.T) {
	// Given a program named like a banned one that lives far less than a millisecond,
	const starts, rate = 5000, 500
	dir := t.TempDir()
	path := filepath.Join(dir, "wps-office/office6/wps")
	if err := watchtest.Noop(path); err != nil {
		t.Fatal(err)
	}
	s := asRoot(t, watch.New(liveHost(t), watch.Options{Wants: only(dir)}), "fanotify")
	// when it is started thousands of times, at least 500 times a second,
	began := time.Now()
	pids := map[int]bool{}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	attr := &syscall.ProcAttr{Files: []uintptr{null.Fd(), null.Fd(), null.Fd()}}
	for range starts {
		pid, err := syscall.ForkExec(path, []string{path}, attr)
		if err != nil {
			t.Fatal(err)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil || status.ExitStatus() != 0 {
			t.Fatalf("status %v, %v", status, err)
		}
		pids[pid] = true
	}
	attained := float64(starts) / time.Since(began).Seconds()
	// then each is told with its path, and none twice.
	seen := map[int]int{}
	s.until("all starts", func(events []watch.Event) bool {
		clear(seen)
		for _, ev := range events {
			if ev.Kind == watch.ProcessStarted && ev.Path == path {
				seen[ev.PID]++
			}
		}
		return len(seen) >= len(pids)
	})
	for _, ev := range s.all() {
		if ev.Kind == watch.Lost {
			t.Errorf("lost: %+v", ev.Problem)
		}
	}
	for pid, n := range seen {
		if !pids[pid] || n != 1 {
			t.Errorf("process %d was told %d times", pid, n)
		}
	}
	fmt.Printf("%d starts at %.0f/s: %d seen with their path\n", starts, attained, len(seen))
	if attained < rate {
		t.Logf("this machine started only %.0f a second", attained)
	}
}
