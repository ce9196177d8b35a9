//go:build !windows

package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestSystemdHears(t *testing.T) {
	for _, c := range []struct {
		name     string
		watched  string // the process that systemd watches
		messages []string
	}{
		{"watched", strconv.Itoa(os.Getpid()), []string{"READY=1\nSTATUS=Watching.", "WATCHDOG=1", "STOPPING=1\nSTATUS=Stopping."}},
		{"another process is watched", "1", []string{"READY=1\nSTATUS=Watching.", "STOPPING=1\nSTATUS=Stopping."}},
		{"no watchdog", "", []string{"READY=1\nSTATUS=Watching.", "STOPPING=1\nSTATUS=Stopping."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a service manager that listens,
			path := filepath.Join(t.TempDir(), "notify")
			socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			t.Setenv("NOTIFY_SOCKET", path)
			t.Setenv("WATCHDOG_PID", c.watched)
			t.Setenv("WATCHDOG_USEC", "")
			if c.watched != "" {
				t.Setenv("WATCHDOG_USEC", "60000000")
			}

			// when the agent goes through its life,
			tell := systemd()
			tell.ready()
			tell.alive()
			tell.stopping()

			// then it hears of it.
			buffer := make([]byte, 4096)
			for _, want := range c.messages {
				n, err := socket.Read(buffer)
				if err != nil {
					t.Fatal(err)
				}
				if got := string(buffer[:n]); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

func TestNobodyHears(t *testing.T) {
	// Given no service manager, then an agent can still say how it goes.
	t.Setenv("NOTIFY_SOCKET", "")
	tell := systemd()
	tell.ready()
	tell.alive()
	tell.stopping()
}
