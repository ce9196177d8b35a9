package detectors_test

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"beagle/detectors"
)

func TestProcesses(t *testing.T) {
	// Given a program that runs, and one whose file was removed meanwhile,
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	removed := filepath.Join(t.TempDir(), "gone tool")
	pid := startCopy(t, "cat", removed)
	if err := os.Remove(removed); err != nil {
		t.Fatal(err)
	}
	// when all processes are listed,
	host, err := detectors.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := host.Processes.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// then both are there with their files and this user.
	name := ""
	if u, err := user.LookupId(strconv.Itoa(os.Geteuid())); err == nil {
		name = u.Username
	}
	for _, want := range []struct {
		name    string
		process detectors.Process
	}{
		{"this test", detectors.Process{PID: os.Getpid(), Name: filepath.Base(exe), Exe: exe, User: name}},
		{"a removed file", detectors.Process{PID: pid, Name: "gone tool", Exe: removed, User: name, Deleted: true}},
	} {
		i := slices.IndexFunc(list, func(p detectors.Process) bool { return p.PID == want.process.PID })
		if i < 0 {
			t.Errorf("%s: process %d is not listed", want.name, want.process.PID)
			continue
		}
		got := list[i]
		// The kernel counts the start in hundredths, and the start of the system in seconds.
		if early := began.Sub(got.Started); early > time.Hour || early < -2*time.Second {
			t.Errorf("%s: started %v, the test began %v", want.name, got.Started, began)
		}
		got.Started = time.Time{}
		if got != want.process {
			t.Errorf("%s: got %+v, want %+v", want.name, got, want.process)
		}
	}
}

func TestProcessesEndsWithItsContext(t *testing.T) {
	// Given a context that ended, when processes are listed, then that is the error.
	host, err := detectors.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list, err := host.Processes.List(ctx); err == nil {
		t.Errorf("listed %d processes, want an error", len(list))
	}
}

// startCopy runs a copy of a program that waits for its input until the test ends.
func startCopy(t *testing.T, program, path string) (pid int) {
	t.Helper()
	original, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.Args[0] = program // a multi-call binary goes by its name
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := input.Close(); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return cmd.Process.Pid
}
