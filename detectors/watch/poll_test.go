package watch_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"beagle/detectors/watch"
)

// quickly is a poll that a test need not wait for.
const quickly = 10 * time.Millisecond

// waiter copies this test program into a folder; started there it waits for its input.
func waiter(t *testing.T, dir, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPolling(t *testing.T) {
	// Given a watcher that polls, on any system,
	dir := t.TempDir()
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // on macOS temporary folders lie behind a link
	}
	path := waiter(t, dir, "app")
	cmd := role(t, "wait")
	cmd.Path = path
	early, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := start(t, watch.New(liveHost(t), watch.Options{
		Processes: watch.Polling, Poll: quickly,
		Wants: func(file string) bool { return filepath.Dir(file) == dir },
	}))
	if mode, _ := s.Mode(); mode != "polling" {
		t.Fatalf("mode %q", mode)
	}
	// when a program starts and ends,
	late := role(t, "wait")
	late.Path = path
	input, err := late.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := late.Start(); err != nil {
		t.Fatal(err)
	}
	pid := late.Process.Pid
	s.told("the start", func(ev watch.Event) bool {
		return ev.Kind == watch.ProcessStarted && ev.PID == pid && ev.Path == path && !ev.At.IsZero()
	})
	for range 2 { // the second time it is already
		if !s.Follow(pid) {
			t.Fatal("not followed")
		}
	}
	for _, c := range []io.Closer{input, early} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Wait() error }{late, cmd} {
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	s.told("the end", func(ev watch.Event) bool { return ev.Kind == watch.ProcessEnded && ev.PID == pid })
	// then both are told, the end once, and nothing of the one that ran before. (Wine at first
	// has another time of birth for a process, so there the start may be told twice.)
	count := map[watch.Kind]int{}
	for _, ev := range s.all() {
		count[ev.Kind]++
		if ev.PID == cmd.Process.Pid {
			t.Errorf("told %+v", ev)
		}
	}
	if starts := count[watch.ProcessStarted]; starts != 1 && runtime.GOOS != "windows" || count[watch.ProcessEnded] != 1 {
		t.Errorf("told %v: %+v", count, s.all())
	}
}

func TestFollowingOneThatIsGone(t *testing.T) {
	// Given a process that ended, when it is to be followed, then its end is told, whether it is
	// asked for before or during the watching.
	cmd := role(t, "nothing")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	w := watch.New(liveHost(t), watch.Options{Processes: watch.Off})
	w.Follow(pid)
	s := start(t, w)
	s.told("the first end", func(ev watch.Event) bool { return ev.Kind == watch.ProcessEnded && ev.PID == pid })
	s.Follow(pid)
	s.until("the second end", func(events []watch.Event) bool {
		ends := 0
		for _, ev := range events {
			if ev.Kind == watch.ProcessEnded && ev.PID == pid {
				ends++
			}
		}
		return ends == 2
	})
}

func TestFollowingIsBounded(t *testing.T) {
	// Given as many followed processes as there may be, then there is no more room, but for one
	// that is followed already.
	w := watch.New(liveHost(t), watch.Options{Processes: watch.Off})
	for pid := range watch.MaxFollowed {
		if !w.Follow(1<<25 + pid) {
			t.Fatalf("process %d is not followed", pid)
		}
	}
	if w.Follow(1<<26) || !w.Follow(1<<25) {
		t.Error("want no room for another one, and the first one still followed")
	}
	// When their ends are told, since they are not there, then there is room again.
	s := start(t, w)
	s.until("all ends", func(events []watch.Event) bool { return len(events) > watch.MaxFollowed })
	if !s.Follow(1 << 26) {
		t.Error("no room")
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	// Given watchers that did everything there is to do,
	dir := t.TempDir()
	before, files := runtime.NumGoroutine(), descriptors(t)
	for range 3 {
		w := watch.New(liveHost(t), watch.Options{Folders: []watch.Folder{{Topic: "x", Dir: dir, Depth: 1}}})
		s := start(t, w)
		s.Follow(os.Getpid())
		path := filepath.Join(dir, "new")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s.told("the change", func(ev watch.Event) bool { return ev.Kind == watch.Changed })
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		// when they end, then no goroutine and no descriptor is left.
		s.stop()
	}
	for late := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
	if now := descriptors(t); now > files {
		t.Errorf("%d open files before, %d after", files, now)
	}
}

// descriptors counts this program's open files, where that can be told.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
