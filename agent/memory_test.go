package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors"
	"beagle/detectors/watch"
)

// block makes the memory's folder a file, so that nothing can be written until free is called.
func (r *running) block() (free func()) {
	r.t.Helper()
	if err := errors.Join(os.RemoveAll(r.state), os.WriteFile(r.state, nil, 0o600)); err != nil {
		r.t.Fatal(err)
	}
	return func() {
		r.t.Helper()
		if err := os.Remove(r.state); err != nil {
			r.t.Fatal(err)
		}
		r.until("a disk", func(s api.Snapshot) bool { return condition(s, api.ConditionStoreUnwritable) == nil })
	}
}

// changed tells the agent that something changed in a folder to which people unpack programs.
func (r *running) changed(folder string) {
	r.t.Helper()
	r.tell(watch.Event{Kind: watch.Changed, Topic: probePortable, Path: folder, At: time.Now()})
}

const loose = "wps-office alice portable prohibited"

func TestAMemoryThatCannotBeReadIsNotEmpty(t *testing.T) {
	// Given an agent with a record, when its file is removed and something else takes its name,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	files, err := filepath.Glob(filepath.Join(r.state, "state.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	name := filepath.Join(r.state, "state.db")
	if err := errors.Join(err, os.MkdirAll(filepath.Join(name, "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	r.tell(watch.Event{Kind: watch.Changed, Topic: "dpkg", Path: "/var/lib/dpkg", At: time.Now()})
	// then that is said, and the record is not shown as gone.
	r.until("the problem", func(s api.Snapshot) bool { return condition(s, api.ConditionStoreUnwritable) != nil })
	if s := r.sweep(t); found(s) != wps {
		t.Errorf("got %q, want %q", found(s), wps)
	}
	// And when the name is free, then the agent goes on.
	m.installed(t)
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
	r.until("the end of the problem", func(s api.Snapshot) bool {
		return condition(s, api.ConditionStoreUnwritable) == nil && found(s) == ""
	})
}

func TestADiskThatTakesNothing(t *testing.T) {
	// Given a disk that takes nothing, when a copy comes, goes and comes back,
	m := newMachine(t)
	r := agentOn(t, m)
	free := r.block()
	portable(t, m)
	r.changed("/home/alice/Apps")
	r.until("the copy", func(s api.Snapshot) bool { return found(s) == loose })
	if err := os.RemoveAll(filepath.Join(m.dir, "home/alice/Apps")); err != nil {
		t.Fatal(err)
	}
	r.changed("/home/alice/Apps")
	r.until("its end", func(s api.Snapshot) bool { return found(s) == "" })
	portable(t, m)
	r.changed("/home/alice/Apps")
	s := r.until("its return", func(s api.Snapshot) bool { return found(s) == loose })
	// then it can be asked for,
	if _, err := r.client.Record(t.Context(), s.Records[0].ID); err != nil {
		t.Error(err)
	}
	// and is known when there is room again, also to the next agent.
	free()
	if s := r.sweep(t); found(s) != loose {
		t.Errorf("got %q after a sweep, want %q", found(s), loose)
	}
	r.end()
	r.start()
	s, err := r.client.Snapshot(t.Context())
	if err != nil || found(s) != loose {
		t.Errorf("got %q, %v, want %q", found(s), err, loose)
	}
	history, err := r.client.History(t.Context(), s.Records[0].ID, 0)
	if err != nil || len(history) != 3 {
		t.Errorf("got the history %+v, %v, want that it came, went and came back", history, err)
	}
}

// withoutAPlace runs an agent whose memory has no place until free is called.
func withoutAPlace(t *testing.T, m *machine) (r *running, free func()) {
	t.Helper()
	dir := socketDir(t)
	r = &running{t: t, m: m, state: filepath.Join(dir, "state"), settings: filepath.Join(dir, "settings.yaml")}
	r.set(quiet)
	free = r.block()
	r.start()
	return r, free
}

func TestWhatAMemoryWithoutAPlaceKnew(t *testing.T) {
	// Given an agent that cannot write anything and knows a copy that no usual sweep looks for,
	m := newMachine(t)
	r, free := withoutAPlace(t, m)
	portable(t, m)
	r.changed("/home/alice/Apps")
	before := r.until("the copy", func(s api.Snapshot) bool { return found(s) == loose })
	r.agent.memory.remember(t.Context(), metaDeep, deepState{Done: []string{"/opt"}})
	// when it can, then the copy is known still,
	free()
	s := r.until("a memory", func(s api.Snapshot) bool { return len(s.Records) == 0 || s.Records[0].Epoch != before.Records[0].Epoch })
	if found(s) != loose {
		t.Fatalf("got %q, want %q", found(s), loose)
	}
	if s = r.sweep(t); found(s) != loose {
		t.Errorf("got %q after a sweep, want %q", found(s), loose)
	}
	// and so is how far it was.
	var state deepState
	if !r.agent.memory.recall(t.Context(), metaDeep, &state) || len(state.Done) != 1 {
		t.Errorf("got %+v, want what was done", state)
	}
}

func TestALookThatBeganWithAnotherMemory(t *testing.T) {
	// Given an agent that cannot write anything and has looked often, and a look under way that
	// saw no program,
	m := newMachine(t)
	path := portable(t, m)
	r, free := withoutAPlace(t, m)
	for range 5 {
		r.sweep(t)
	}
	held := m.hold(t)
	m.change(func() { m.ahead += time.Minute })
	if err := r.agent.RequestScan(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	held.wait(t)
	// when it can write, a program starts, and then the look ends,
	free()
	pid := os.Getpid() // one that does not end
	m.change(func() { m.processes = []detectors.Process{{PID: pid, Name: "wps", Exe: path, User: "alice"}} })
	r.tell(watch.Event{Kind: watch.ProcessStarted, PID: pid, Path: path, At: time.Now()})
	runs := r.until("the program", func(s api.Snapshot) bool { return len(s.Records) == 1 })
	close(held.open)
	s := r.sweep(t)
	// then the program was running all the time.
	history, err := r.client.History(t.Context(), runs.Records[0].ID, 0)
	if err != nil || len(history) == 0 {
		t.Fatal(history, err)
	}
	for _, h := range history {
		if h.What == api.RecordClosed {
			t.Errorf("got the history %+v, want no end; now %q", history, found(s))
		}
	}
}

func TestARebuiltMemoryIsFilledAgain(t *testing.T) {
	// Given an agent that makes deep sweeps and has made one,
	m := newMachine(t)
	portable(t, m)
	r := agentOn(t, m)
	r.set("watch: {processes: off, files: false}\n")
	if err := r.agent.RequestScan(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	r.until("the copy", func(s api.Snapshot) bool { return found(s) == loose && s.LastDeep != nil && s.Activity == activityIdle })
	r.end()
	r.start()
	r.until("a plan", func(s api.Snapshot) bool { return s.NextDeep != nil && s.NextDeep.After(s.At.Add(24*time.Hour)) })
	// when its memory is lost, then it soon makes another.
	r.agent.lookAgain()
	r.until("another plan", func(s api.Snapshot) bool {
		return s.NextDeep != nil && s.NextDeep.Before(s.At.Add(2*deepDelay)) && s.Activity == activityIdle
	})
}

func TestALookThatWaitedIsJudgedByTheRulesOfNow(t *testing.T) {
	// Given a look that is through and waits for the memory,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	looked := make(chan struct{})
	probe := detectors.Probe{Name: "x", Look: func(context.Context, *detectors.Host, *detectors.Report) { close(looked) }}
	r.agent.memory.keeping.Lock()
	kept := make(chan error, 1)
	go func() {
		kept <- r.agent.sweep(t.Context(), &look{index: r.agent.world.catalog, probes: []detectors.Probe{probe}, partly: true})
	}()
	<-looked
	// when the rules change meanwhile, then it does not bring the old ones back.
	r.set(quiet + "bans: [{app: vmate, since: 2020-01-01, reason: x}]\n")
	if _, err := r.agent.rules.reload(time.Now()); err != nil {
		t.Error(err)
	}
	r.agent.memory.keeping.Unlock()
	if err := <-kept; err != nil {
		t.Fatal(err)
	}
	if got := found(r.agent.Snapshot()); got == wps || got == "" {
		t.Errorf("got %q, want another verdict", got)
	}
}

func TestNobodyAsksAStoreThatIsClosed(t *testing.T) {
	// Given an agent that cannot write anything, and somebody who asks its memory for long,
	r, _ := withoutAPlace(t, newMachine(t))
	// when it could move to another memory meanwhile, then it waits until that is answered.
	err := r.agent.memory.read(func(s *store.Store) error {
		if err := os.Remove(r.state); err != nil {
			return err
		}
		for r.agent.memory.mu.TryRLock() { // until somebody wants to exchange the store
			exchanged := r.agent.memory.store != s
			r.agent.memory.mu.RUnlock()
			if exchanged {
				return errors.New("the store was exchanged")
			}
			runtime.Gosched()
		}
		_, err := s.Evidence(t.Context())
		return err
	})
	if err != nil {
		t.Errorf("got %v", err)
	}
	r.until("the other", func(s api.Snapshot) bool { return condition(s, api.ConditionStoreUnwritable) == nil })
}
