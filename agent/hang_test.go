package agent

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/detectors"
	"beagle/detectors/watch"
)

// deadFiles are files of which those below a folder never answer, as on a dead server, until it
// is open again.
type deadFiles struct {
	detectors.Files
	below string
	asked *atomic.Int32 // how many waited, ever
	first chan struct{} // holds one token once somebody waits
	open  chan struct{}
}

func (f *deadFiles) touch(name string) {
	if name == f.below || strings.HasPrefix(name, f.below+"/") {
		if f.asked.Add(1) == 1 {
			f.first <- struct{}{}
		}
		<-f.open
	}
}

func (f *deadFiles) Open(name string) (detectors.File, error) {
	f.touch(name)
	return f.Files.Open(name)
}

func (f *deadFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	f.touch(name)
	return f.Files.ReadDir(name)
}

func (f *deadFiles) Stat(name string) (fs.FileInfo, error) {
	f.touch(name)
	return f.Files.Stat(name)
}

func (f *deadFiles) Resolve(name string) (string, error) {
	f.touch(name)
	return f.Files.Resolve(name)
}

// dies makes what lies below a folder dead for all looks that begin from now on. They must not
// be deep ones, whose walks would be of the real machine.
func (m *machine) dies(t *testing.T, below string) *deadFiles {
	t.Helper()
	dead := &deadFiles{below: below, asked: new(atomic.Int32), first: make(chan struct{}, 1), open: make(chan struct{})}
	m.change(func() {
		m.alter = func(h *detectors.Host) {
			files := *dead
			files.Files = h.Files
			h.Files = &files
		}
	})
	return dead
}

func TestAMachineThatDoesNotAnswer(t *testing.T) {
	// Given a machine that does not answer for a while,
	m := newMachine(t)
	r := agentOn(t, m)
	r.end()
	answer, silent := make(chan struct{}), new(atomic.Bool)
	var asked atomic.Int32
	r.change = func(w *world) {
		w.patience = 50 * time.Millisecond
		w.host = func(ctx context.Context) (*detectors.Host, error) {
			if silent.Load() {
				asked.Add(1)
				<-answer
			}
			return m.host(ctx)
		}
	}
	r.start()
	silent.Store(true)
	for range 3 {
		m.change(func() { m.ahead += time.Minute })
		if err := r.agent.RequestScan(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		r.until("the end of the look", func(s api.Snapshot) bool { return s.Activity == activityIdle })
	}
	// then that is said, the agent goes on, and it asks only once,
	s, err := r.client.Snapshot(t.Context())
	if err != nil || s.Summary.Complete || condition(s, api.ConditionIncomplete) == nil || asked.Load() != 1 {
		t.Errorf("got complete %v, %+v, %v, asked %d times", s.Summary.Complete, s.Conditions, err, asked.Load())
	}
	// and when it answers, then all is well.
	silent.Store(false)
	close(answer)
	if s := r.sweep(t); !s.Summary.Complete {
		t.Errorf("got %+v", s.Conditions)
	}
}

func TestWhatNeverAnswersHoldsUpNothingElse(t *testing.T) {
	// Given a copy that a deep sweep found in a home,
	m := newMachine(t)
	portable(t, m)
	r := agentOn(t, m)
	if s := r.deep(); found(s) != loose {
		t.Fatalf("got %q", found(s))
	}
	r.end()
	// when the disk of the home is dead, then sweeps still come to their end and find what is
	// elsewhere,
	r.change = func(w *world) { w.patience = 50 * time.Millisecond }
	dead := m.dies(t, "/home/alice/Apps")
	r.start()
	m.installed(t, wpsPackage)
	s := r.sweep(t)
	if !strings.Contains(found(s), wps) || !strings.Contains(found(s), loose) {
		t.Errorf("got %q, want the package and the copy", found(s))
	}
	if dead.asked.Load() == 0 {
		t.Error("nobody looked at the dead disk")
	}
	// and when it is alive again, what was removed there is gone.
	close(dead.open)
	if err := os.RemoveAll(filepath.Join(m.dir, "home/alice/Apps")); err != nil {
		t.Fatal(err)
	}
	if s = r.sweep(t); found(s) != wps {
		t.Errorf("got %q, want %q", found(s), wps)
	}
}

func TestAtTheEndNoProbeBeginsAnymore(t *testing.T) {
	// Given a sweep that hangs on a dead disk,
	m := newMachine(t)
	r := agentOn(t, m)
	dead := m.dies(t, "")
	defer close(dead.open)
	m.change(func() { m.ahead += time.Minute })
	if err := r.agent.RequestScan(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	select {
	case <-dead.first:
	case <-time.After(patience):
		t.Fatal("nobody looks at the dead disk")
	}
	before := dead.asked.Load()
	// when the agent stops, then no other probe goes there.
	r.end()
	if got := dead.asked.Load(); got != before {
		t.Errorf("%d looked at the dead disk, then %d", before, got)
	}
}

func TestAProbeThatHangsIsNotBegunAgain(t *testing.T) {
	// Given a probe that hung in an earlier look,
	m := newMachine(t)
	r := agentOn(t, m)
	if !r.agent.working.begin("dpkg") {
		t.Fatal("dpkg is at work")
	}
	m.installed(t, wpsPackage)
	// when there is another look, then that is left out, and said,
	s := r.sweep(t)
	status, problem := r.area("dpkg", "machine")
	if status != "failed" || problem == nil || problem.Text != errHangs.Error() || s.Summary.Complete || found(s) != "" {
		t.Errorf("got %q, %+v, complete %v, %q", status, problem, s.Summary.Complete, found(s))
	}
	// and when it came to its end at last, then it looks again.
	r.agent.working.end("dpkg")
	if s = r.sweep(t); found(s) != wps || !s.Summary.Complete {
		t.Errorf("got %q, complete %v", found(s), s.Summary.Complete)
	}
}

func TestAProbeThatDiesBeforeItSaysAnything(t *testing.T) {
	// Given a probe that covered an area,
	r := agentOn(t, newMachine(t))
	probes := []detectors.Probe{{Name: "dpkg", Look: func(context.Context, *detectors.Host, *detectors.Report) { panic("x") }}}
	coverage, err := r.agent.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, err := r.m.host(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// when it dies before it says what it covers, then that was not looked at.
	l := look{host: host, index: r.agent.world.catalog, probes: probes}
	for _, c := range coverage {
		if c.Probe == "dpkg" {
			l.known = append(l.known, c)
		}
	}
	if err := r.agent.sweep(t.Context(), &l); err != nil {
		t.Fatal(err)
	}
	if status, problem := r.area("dpkg", "machine"); status != "failed" || problem.Code != detectors.CodePanic {
		t.Errorf("got %q, %+v, want that it failed", status, problem)
	}
}

// failing is a watcher that fails when it is told to.
type failing struct {
	watcher
	fail chan struct{}
}

func (f failing) Run(ctx context.Context, take func([]watch.Event)) error {
	running, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan struct{})
	go func() {
		defer close(failed)
		select {
		case <-f.fail:
			stop()
		case <-running.Done():
		}
	}()
	err := f.watcher.Run(running, take)
	<-failed
	if ctx.Err() == nil {
		err = errors.New("no such thing")
	}
	return err
}

func TestAWatcherThatFails(t *testing.T) {
	// Given an agent with a watcher at work,
	m := newMachine(t)
	r := agentOn(t, m)
	r.end()
	fail := make(chan struct{}, 1)
	r.change = func(w *world) {
		w.watcher = func(h *detectors.Host, opt watch.Options) watcher { return failing{newWatcher(h, opt), fail} }
	}
	r.set("watch: {processes: polling, files: false}\nschedule: {deep: off}\n")
	r.start()
	r.until("the watcher", func(s api.Snapshot) bool { return s.Watching == "polling" })
	// when that fails, then it is said, with nothing being watched, everything is looked at,
	m.installed(t, wpsPackage)
	fail <- struct{}{}
	s := r.until("the failure", func(s api.Snapshot) bool { return condition(s, api.ConditionWatchDegraded) != nil })
	if s.Watching != "none" || s.WatchingFiles != "none" {
		t.Errorf("got %q and %q, want none", s.Watching, s.WatchingFiles)
	}
	r.until("a sweep", func(s api.Snapshot) bool { return found(s) == wps })
	// and after a while there is another one.
	r.until("another watcher", func(s api.Snapshot) bool {
		return s.Watching == "polling" && condition(s, api.ConditionWatchDegraded) == nil
	})
}

func TestSettingsThatChangeWhileAWatcherBegins(t *testing.T) {
	// Given an agent that is about to begin with a watcher by its settings,
	m := newMachine(t)
	r := agentOn(t, m)
	r.end()
	var once atomic.Bool
	begins := func(h *detectors.Host, opt watch.Options) watcher {
		if once.CompareAndSwap(false, true) {
			// when these change at that moment,
			r.set("watch: {processes: polling, files: false}\nschedule: {deep: off}\n")
			if _, err := r.agent.rules.reload(time.Now()); err != nil {
				t.Error(err)
			}
		}
		return newWatcher(h, opt)
	}
	r.change = func(w *world) { w.watcher = begins }
	// then it watches by the new ones.
	r.start()
	r.until("the watcher", func(s api.Snapshot) bool { return s.Watching == "polling" })
}

func TestLostChangesOfFolders(t *testing.T) {
	// Given a watcher of folders, when it lost events, then the folders to which people unpack
	// programs are looked into.
	m := newMachine(t)
	r := agentOn(t, m)
	folders := []string{"/home/alice/Apps"}
	r.agent.unpacked.Store(&folders)
	portable(t, m)
	r.tell(watch.Event{Kind: watch.Lost, Problem: &detectors.Problem{Code: watch.CodeOverflow, Args: map[string]string{"source": "inotify"}}})
	r.until("the copy", func(s api.Snapshot) bool { return found(s) == loose })
}
