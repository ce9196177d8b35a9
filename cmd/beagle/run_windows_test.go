package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows/svc"
)

// managed plays the service manager for one life of the service.
type managed struct {
	t        *testing.T
	requests chan svc.ChangeRequest
	changes  chan svc.Status
	ended    chan uint32
}

func manage(t *testing.T, h *handler) *managed {
	m := &managed{t, make(chan svc.ChangeRequest), make(chan svc.Status), make(chan uint32)}
	go func() {
		_, code := h.Execute(nil, m.requests, m.changes)
		m.ended <- code
	}()
	return m
}

func (m *managed) wantState(want svc.State) svc.Status {
	m.t.Helper()
	got := <-m.changes
	if got.State != want {
		m.t.Fatalf("state %v, want %v", got.State, want)
	}
	return got
}

func TestServiceLife(t *testing.T) {
	for name, request := range map[string]svc.Cmd{"stop": svc.Stop, "shutdown": svc.Shutdown, "preshutdown": svc.PreShutdown} {
		t.Run(name, func(t *testing.T) {
			// Given a service that is ready,
			h := &handler{ctx: t.Context(), body: func(ctx context.Context, tell manager) error {
				tell.ready()
				tell.ready() // twice does no harm
				<-ctx.Done()
				return nil
			}}
			m := manage(t, h)
			if starting := m.wantState(svc.StartPending); starting.Accepts != 0 || starting.WaitHint == 0 {
				t.Errorf("while it starts: %+v", starting)
			}
			running := m.wantState(svc.Running)
			if want := svc.AcceptStop | svc.AcceptShutdown | svc.AcceptPreShutdown; running.Accepts != svc.Accepted(want) {
				t.Errorf("it accepts %v, want %v", running.Accepts, want)
			}

			// when the service manager asks and then ends it, then it answers, and ends well.
			m.requests <- svc.ChangeRequest{Cmd: svc.Interrogate, CurrentStatus: running}
			m.wantState(svc.Running)
			m.requests <- svc.ChangeRequest{Cmd: request}
			m.wantState(svc.StopPending)
			if code := <-m.ended; code != 0 || h.err != nil {
				t.Errorf("ended with %d, %v", code, h.err)
			}
		})
	}
}

func TestServiceFails(t *testing.T) {
	// Given a service that cannot run, then the manager gets a code that makes it try again.
	h := &handler{ctx: t.Context(), body: func(context.Context, manager) error { return errors.New("no place") }}
	m := manage(t, h)
	m.wantState(svc.StartPending)
	if code := <-m.ended; code != exitUsage || h.err == nil {
		t.Errorf("ended with %d, %v", code, h.err)
	}
}

// temporary is for tests of an administrator. It is like t.TempDir, but does not fail where the folder cannot be removed: Wine 8 does
// not know the way in which Go removes folders.
func temporary(t *testing.T) string {
	t.Helper()
	if admin, err := privileged(); err != nil || !admin {
		t.Skipf("no administrator: %v", err)
	}
	dir, err := os.MkdirTemp("", "beagle")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestSecureFolder(t *testing.T) {
	dir := filepath.Join(temporary(t), "made", "Beagle")
	file := filepath.Join(dir, "state.db")

	// Given a folder that was made for the system, then it stays, with what is in it.
	for range 2 {
		if err := secureFolder(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestSecureFolderThatIsNone(t *testing.T) {
	// Given something in its place that is no folder,
	dir := filepath.Join(temporary(t), "Beagle")
	if err := os.WriteFile(dir, []byte("planted"), 0o600); err != nil {
		t.Fatal(err)
	}

	// then it is set aside.
	if err := secureFolder(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Errorf("got %v, %v, want a folder", info, err)
	}
	if aside, err := filepath.Glob(dir + ".untrusted-*"); err != nil || len(aside) != 1 {
		t.Errorf("set aside: %q, %v", aside, err)
	}
}
