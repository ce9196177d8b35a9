//go:build !windows

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"beagle/agent/api"
)

// started is an agent that runs as a person would run it.
type started struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr *strings.Builder
}

// start runs the program; args come after those that keep it out of the system's places.
func start(t *testing.T, program, dir string, args ...string) *started {
	t.Helper()
	all := append([]string{"run", "--state", filepath.Join(dir, "state"), "--socket", filepath.Join(dir, "agent.sock")}, args...)
	s := &started{t: t, cmd: exec.Command(program, all...), stderr: &strings.Builder{}}
	s.cmd.Stderr = s.stderr
	s.cmd.Stdout = io.Discard
	s.cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it has most often ended
		_ = s.cmd.Wait()
	})
	return s
}

// ended waits for the end and returns the exit code.
func (s *started) ended() int {
	s.t.Helper()
	if err := s.cmd.Wait(); err != nil && s.cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *started) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// untilAgent waits until the agent says something that pleases.
func untilAgent(t *testing.T, dir string, pleases func(*api.Snapshot) bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	client := api.NewClient(filepath.Join(dir, "agent.sock"))
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		now, err := client.Snapshot(ctx)
		if err == nil && pleases(&now) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the agent does not say what is wanted: %+v, %v", now, err)
		case <-again.C:
		}
	}
}

func anything(*api.Snapshot) bool { return true }

func TestRunAndEnd(t *testing.T) {
	program := filepath.Join(buildProgram(t), "beagle")
	for _, c := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(c.String(), func(t *testing.T) {
			// Given an agent that answers,
			dir := shortDir(t)
			s := start(t, program, dir)
			untilAgent(t, dir, anything)

			// when it is told to end, then it does, in good order.
			s.signal(c)
			if code := s.ended(); code != exitClean {
				t.Errorf("exit code %d, want %d: %s", code, exitClean, s.stderr)
			}
			if _, err := os.Stat(filepath.Join(dir, "state", "state.db")); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "agent.sock")); err == nil {
				t.Error("the socket is still there")
			}
		})
	}
}

func TestRunRefusesASecondAgent(t *testing.T) {
	// Given an agent that answers,
	program, dir := filepath.Join(buildProgram(t), "beagle"), shortDir(t)
	first := start(t, program, dir)
	untilAgent(t, dir, anything)

	// when another one is started in the same place, then it ends and says why.
	second := start(t, program, dir)
	if code := second.ended(); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	if said := lastLine(second.stderr.String()); !strings.Contains(said, "another agent") {
		t.Errorf("it says %q", said)
	}
	untilAgent(t, dir, anything)
	first.signal(syscall.SIGTERM)
	first.ended()
}

func TestRunRefusesBrokenSettings(t *testing.T) {
	program, dir := filepath.Join(buildProgram(t), "beagle"), shortDir(t)
	settings := filepath.Join(dir, "settings.yaml")
	if err := os.WriteFile(settings, []byte("no_such_key: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, program, dir, "--settings", settings)
	if code := s.ended(); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	if said := lastLine(s.stderr.String()); !strings.Contains(said, "no_such_key") || !strings.Contains(said, settings) {
		t.Errorf("it says %q", said)
	}
}

func TestRunReadsSettingsAgain(t *testing.T) {
	// Given an agent with settings that break,
	program, dir := filepath.Join(buildProgram(t), "beagle"), shortDir(t)
	settings := filepath.Join(dir, "settings.yaml")
	if err := os.WriteFile(settings, []byte("count_residue: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, program, dir, "--settings", settings)
	untilAgent(t, dir, anything)
	if err := os.WriteFile(settings, []byte("no_such_key: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	// when it is told to read them again, then it goes on and says that they are broken.
	s.signal(syscall.SIGHUP)
	untilAgent(t, dir, func(now *api.Snapshot) bool {
		for i := range now.Conditions {
			if now.Conditions[i].Code == api.ConditionSettingsBroken {
				return true
			}
		}
		return false
	})
	s.signal(syscall.SIGTERM)
	if code := s.ended(); code != exitClean {
		t.Errorf("exit code %d, want %d: %s", code, exitClean, s.stderr)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
