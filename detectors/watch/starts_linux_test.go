package watch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
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
	t.Logf("%d starts, %.0f a second (at least %d are asked for): %d seen with their path", starts, attained, rate, len(seen))
}

func TestSystemProgramsAreToldOnce(t *testing.T) {
	// Given a watcher that is asked about every start, for which a program of the system is of
	// no interest,
	system, err := exec.LookPath("true")
	if err != nil {
		t.Skip("needs a program of the system: ", err)
	}
	if system, err = filepath.EvalSymlinks(system); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	own, marker := copyOf(t, system, filepath.Join(dir, "own")), filepath.Join(dir, "marker")
	if err := watchtest.Noop(marker); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	asked := map[string]int{}
	s := asRoot(t, watch.New(liveHost(t), watch.Options{Wants: func(path string) bool {
		mu.Lock()
		defer mu.Unlock()
		asked[path]++
		return path == marker
	}}), "fanotify")
	// when it and an own program are started again and again,
	const times = 200
	starts := func() (ofSystem, ofOwn int) {
		mu.Lock()
		clear(asked)
		mu.Unlock()
		before := len(s.all())
		for range times {
			for _, path := range []string{system, own} {
				if err := exec.Command(path).Run(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := exec.Command(marker).Run(); err != nil {
			t.Fatal(err)
		}
		s.until("the marker", func(events []watch.Event) bool { return len(events) > before })
		mu.Lock()
		defer mu.Unlock()
		return asked[system], asked[own]
	}
	// then the kernel soon keeps the system's to itself, but never the other,
	ofSystem, ofOwn := starts()
	if ofSystem > times/2 || ofOwn != times {
		t.Errorf("told %d and %d times", ofSystem, ofOwn)
	}
	// and tells again when it is to be considered again.
	if ofSystem, _ := starts(); ofSystem != 0 {
		t.Errorf("told %d times though it was remembered", ofSystem)
	}
	s.Reconsider()
	if ofSystem, _ := starts(); ofSystem == 0 {
		t.Error("not told any more")
	}
}
