package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"beagle/agent"
	"beagle/agent/api"
)

// calls counts what a manager was told.
type calls struct{ ready, alive, stopping int }

func (c *calls) manager() manager {
	return manager{
		ready:    func() { c.ready++ },
		alive:    func() { c.alive++ },
		stopping: func() { c.stopping++ },
	}
}

func TestSuperviseStopsAnAgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given an agent that is ready, lives, and ends when it is told to,
		ctx, stop := context.WithCancel(t.Context())
		serve := func(ctx context.Context, config agent.ServiceConfig) error {
			config.Ready()
			config.Alive()
			<-ctx.Done()
			return nil
		}
		var told calls
		done := make(chan error, 1)
		go func() { done <- supervise(ctx, serve, agent.ServiceConfig{}, told.manager()) }()
		synctest.Wait()

		// when it is told to,
		stop()

		// then it ends without an error, and whoever started it heard of all that.
		if err := <-done; err != nil {
			t.Errorf("got %v, want no error", err)
		}
		if want := (calls{1, 1, 1}); told != want {
			t.Errorf("told %+v, want %+v", told, want)
		}
	})
}

func TestSuperviseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given an agent that does not stop when it is told to,
		ctx, stop := context.WithCancel(t.Context())
		release := make(chan struct{})
		serve := func(context.Context, agent.ServiceConfig) error { <-release; return nil }
		var told calls

		// when it is told to, then supervise ends in the time it has, with an error.
		stop()
		err := supervise(ctx, serve, agent.ServiceConfig{}, told.manager())
		if !errors.Is(err, errStuck) {
			t.Errorf("got %v, want %v", err, errStuck)
		}
		close(release)
	})
}

func TestSuperviseReportsAnEnd(t *testing.T) {
	broken := errors.New("another agent uses the store")
	for name, c := range map[string]struct{ ended, want error }{
		"with an error":    {broken, broken},
		"without an error": {nil, errors.New("the agent ended by itself")},
	} {
		t.Run(name, func(t *testing.T) {
			var told calls
			serve := func(context.Context, agent.ServiceConfig) error { return c.ended }
			err := supervise(t.Context(), serve, agent.ServiceConfig{}, told.manager())
			if err == nil || err.Error() != c.want.Error() {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	user, err := api.UserSocket()
	if err != nil {
		t.Fatal(err)
	}
	systems, err := systemState()
	if err != nil {
		t.Fatal(err)
	}
	users, err := userState()
	if err != nil {
		t.Fatal(err)
	}
	flag, variable := filepath.Join(t.TempDir(), "flag"), filepath.Join(t.TempDir(), "variable")
	for _, c := range []struct {
		name          string
		system        bool
		flags         runFlags
		variable      string
		state, socket string
	}{
		{name: "the system's", system: true, state: systems, socket: api.DefaultSocket()},
		{name: "a user's", state: users, socket: user},
		{name: "by variable", system: true, variable: variable, state: variable, socket: api.DefaultSocket()},
		{name: "by flag", flags: runFlags{state: flag, socket: flag}, variable: variable, state: flag, socket: flag},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(envState, c.variable)
			if err := c.flags.findPlaces(c.system); err != nil {
				t.Fatal(err)
			}
			if c.flags.state != c.state || c.flags.socket != c.socket {
				t.Errorf("got state %q and socket %q, want %q and %q", c.flags.state, c.flags.socket, c.state, c.socket)
			}
		})
	}
}

func TestOwnFolder(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string // part of the error, "" for none
	}{
		{"empty", nil, ""},
		{"with a store", []string{"state.db", "state.db-wal", "other"}, ""},
		{"with settings", []string{"settings.yaml"}, ""},
		{"somebody's home", []string{".bashrc", "letters"}, `it holds other things, such as ".bashrc"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range c.files {
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := prepareState(dir, false)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// quietServe is an agent that does nothing until it is told to end.
func quietServe(ctx context.Context, _ agent.ServiceConfig) error {
	<-ctx.Done()
	return nil
}

func TestLevelOfTheLog(t *testing.T) {
	// Given an agent whose settings want only warnings, then that is what it logs, unless
	// somebody asked for all.
	for verbose, want := range map[bool]string{false: "level=WARN msg=c", true: "level=DEBUG msg=a"} {
		path := filepath.Join(t.TempDir(), "log")
		flags := runFlags{state: filepath.Join(t.TempDir(), "state"), socket: "unused", log: path, verbose: verbose}
		ctx, stop := context.WithCancel(t.Context())
		err := flags.serve(ctx, Env{Stderr: io.Discard}, func(_ context.Context, config agent.ServiceConfig) error {
			defer stop()
			if config.Level != nil {
				config.Level.Set(slog.LevelWarn)
			}
			config.Log.Debug("a")
			config.Log.Info("b")
			config.Log.Warn("c")
			return nil
		}, (&calls{}).manager())
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		if !strings.HasSuffix(first, want) {
			t.Errorf("verbose %v: the log begins with %q, want %q", verbose, first, want)
		}
	}
}

func TestUserIsToldWhatIsNotSeen(t *testing.T) {
	// Given an agent that is told to end at once,
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var stderr strings.Builder
	flags := runFlags{state: filepath.Join(t.TempDir(), "state"), socket: "unused"}

	// when it runs,
	err := flags.serve(ctx, Env{Stderr: &stderr, Width: 80}, quietServe, (&calls{}).manager())

	// then it ends well, and an ordinary user, but not root, reads what it does not see.
	if err != nil {
		t.Fatal(err)
	}
	system, err := privileged()
	if err != nil {
		t.Fatal(err)
	}
	if told := strings.Contains(stderr.String(), "ordinary user"); told == system {
		t.Errorf("privileged %v, and stderr says %q", system, stderr.String())
	}
	// On a terminal everybody reads where it is.
	if want := "listens at unused and remembers in " + flags.state; !strings.Contains(stderr.String(), want) {
		t.Errorf("stderr says %q, want %q", stderr.String(), want)
	}
}
