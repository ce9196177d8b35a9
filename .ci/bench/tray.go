package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The design's goals for a tray that has nothing to do.
const (
	trayMemoryGoal = 12 << 20 // bytes of resident memory
	trayTicksGoal  = 0
	// tick is the unit in which tools show the time of a program (proc_pid_stat(5)). It is
	// counted here from when the measuring begins, so that a few leftovers of the start do not
	// make one full by chance.
	tick = 10 * time.Millisecond
)

// trayRows run the tray on a session bus of its own, with an agent and without.
func (b *bench) trayRows(ctx context.Context) (rows []row, err error) {
	program := filepath.Join(filepath.Dir(b.beagle), "beagle-tray")
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("%w (make build makes it)", err)
	}
	agent, err := b.startAgent(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, agent.end()) }()
	bus, address, err := b.startBus(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bus.end()) }()
	socket := agent.cmd.Args[len(agent.cmd.Args)-3] // --socket SOCKET --settings FILE
	for _, c := range []struct{ what, socket string }{
		{"idle tray", socket},
		{"idle tray without a service", filepath.Join(b.dir, "nobody")},
	} {
		more, err := b.trayRow(ctx, c.what, program, c.socket, address)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func (b *bench) trayRow(ctx context.Context, what, program, socket, address string) (rows []row, err error) {
	// No hint how to get an icon: that comes once in a lifetime.
	state := filepath.Join(b.dir, "beagle")
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(state, "tray.json"), []byte(`{"hinted":true}`), 0o600); err != nil {
		return nil, err
	}
	r := &resident{}
	r.cmd = exec.CommandContext(ctx, program, "--socket", socket)
	r.cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+address, "XDG_STATE_HOME="+b.dir)
	r.cmd.Stderr = &r.stderr
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.end()) }()
	// It joins the bus, hears of everything and gives back what that took.
	if err := wait(ctx, 5*time.Second); err != nil {
		return nil, err
	}
	b.say("idling for %v: %s", b.idle, what)
	start, err := r.cost()
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, b.idle); err != nil {
		return nil, err
	}
	now, err := r.cost()
	if err != nil {
		return nil, err
	}
	used := now.CPU - start.CPU
	return []row{
		{what: what + ", memory", ours: mebibytes(now.Peak), goal: atMost(float64(now.Peak)/(1<<20), trayMemoryGoal/(1<<20), "%.0f MiB")},
		{what: fmt.Sprintf("%s, CPU ticks in %v", what, b.idle), ours: strconv.FormatInt(int64(used/tick), 10),
			goal: atMost(float64(used/tick), trayTicksGoal, "%.0f"), note: milliseconds(used)},
	}, nil
}

// startBus starts a session bus that starts nothing itself.
func (b *bench) startBus(ctx context.Context) (*resident, string, error) {
	dir, err := os.MkdirTemp(b.dir, "bus-*")
	if err != nil {
		return nil, "", err
	}
	config := filepath.Join(dir, "conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=` + filepath.Join(dir, "bus") + `</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, "", err
	}
	r := &resident{}
	r.cmd = exec.CommandContext(ctx, "dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--print-address=1")
	r.cmd.Stderr = &r.stderr
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, "", fmt.Errorf("start a session bus (Debian package dbus-daemon): %w", err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("the bus says no address: %w", err), r.end())
	}
	return r, strings.TrimSpace(address), nil
}
