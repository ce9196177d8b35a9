package watch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"beagle/detectors/watch"
	"beagle/detectors/watch/watchtest"
)

func TestProcConnector(t *testing.T) {
	// Given the proc connector,
	dir := t.TempDir()
	path := filepath.Join(dir, "app")
	if err := watchtest.Idle(path); err != nil {
		t.Fatal(err)
	}
	w := watch.New(liveHost(t), watch.Options{Wants: only(dir)}).Only("proc_connector")
	s := asRoot(t, w, "proc_connector")
	// when a program starts, then it is told, and so is its end.
	pid, end := program(t, path)
	s.told("the start", func(ev watch.Event) bool { return ev.PID == pid && ev.Path == path })
	s.Follow(pid)
	end()
	s.told("the end", func(ev watch.Event) bool { return ev.PID == pid && ev.Kind == watch.ProcessEnded })
}

func TestProcConnectorOverflow(t *testing.T) {
	// Given the proc connector with room for a few starts, and nobody who takes them,
	dir := t.TempDir()
	path, marker := filepath.Join(dir, "app"), filepath.Join(dir, "marker")
	for _, err := range []error{watchtest.Noop(path), watchtest.Idle(marker)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w := watch.New(liveHost(t), watch.Options{Wants: only(dir)}).Only("proc_connector").Room(8 << 10)
	s := asRoot(t, w, "proc_connector")
	stalled, release := s.stall()
	program(t, marker)
	<-stalled
	// when many programs start, then it is told that events were lost.
	for range 200 {
		if err := exec.Command(path).Run(); err != nil {
			t.Fatal(err)
		}
	}
	release()
	lost := s.told("the loss", func(ev watch.Event) bool { return ev.Kind == watch.Lost })
	if lost.Problem.Code != watch.CodeOverflow || lost.Problem.Args["source"] != "proc_connector" {
		t.Errorf("got %+v", lost.Problem)
	}
}

func TestAnOrdinaryUserPolls(t *testing.T) {
	const nobody = 65534
	if os.Geteuid() == 0 {
		inTest(t, t.Name(), &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}})
		return
	}
	// Given a watcher that an ordinary user runs, who may take the best way there is,
	dir := t.TempDir()
	path := filepath.Join(dir, "app")
	if err := watchtest.Idle(path); err != nil {
		t.Fatal(err)
	}
	s := start(t, watch.New(liveHost(t), watch.Options{Wants: only(dir), Poll: patience / 3000}))
	// then that is polling, and it says why,
	if mode, _ := s.Mode(); mode != "polling" {
		t.Errorf("mode %q", mode)
	}
	why := s.all()[0].Problem
	if why == nil || why.Code != watch.CodeFallback || why.Args["wanted"] != "fanotify" || why.Args["mode"] != "polling" || why.Text == "" {
		t.Errorf("the reason: %+v", why)
	}
	// and starts are told.
	pid, _ := program(t, path)
	s.told("the start", func(ev watch.Event) bool { return ev.PID == pid && ev.Path == path })
}

func TestWhatIsNotWatched(t *testing.T) {
	for _, c := range []struct{ processes, want string }{{watch.Off, "none"}, {watch.Polling, "polling"}} {
		s := start(t, watch.New(liveHost(t), watch.Options{Processes: c.processes}))
		if mode, files := s.Mode(); mode != c.want || files != "none" || s.all()[0].Problem != nil {
			t.Errorf("%s: modes %q and %q, %+v", c.processes, mode, files, s.all()[0].Problem)
		}
		s.stop()
		if mode, files := s.Mode(); mode != "none" || files != "none" {
			t.Errorf("%s: afterwards modes %q and %q", c.processes, mode, files)
		}
	}
}
