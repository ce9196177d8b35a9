package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"
	"github.com/kardianos/service"

	"beagle/packaging/linux"
)

const (
	serviceName = "beagle"
	serviceID   = serviceName
	unitName    = serviceName + ".service"
	logFolder   = "/var/log/beagle"
)

// Platforms, as kardianos/service calls them.
const (
	onSystemd = "linux-systemd"
	onUpstart = "linux-upstart"
	onProcd   = "linux-procd"
)

// serviceConfig is what kardianos/service makes a definition of. systemd gets our own unit;
// the others get its templates, and write the log to a file.
func serviceConfig(program string) *service.Config {
	config := &service.Config{
		Name: serviceName, DisplayName: serviceTitle, Description: serviceSummary, Executable: program,
		Arguments: []string{"run"},
	}
	switch service.Platform() {
	case onSystemd:
		config.Option = service.KeyValue{"SystemdScript": unitFor(program)}
	case onProcd: // its logd takes what is written, and the disk is small
	default:
		config.Arguments = append(config.Arguments, "--log", filepath.Join(logFolder, "agent.log"))
	}
	return config
}

// unitFor is the packaged unit with another program in it.
func unitFor(program string) string {
	return strings.ReplaceAll(linux.Unit, linux.Program, program)
}

// findInstallation reads the definition that the service manager reads, also one that a
// package put elsewhere.
func findInstallation() (installation, error) {
	marks := []string{"ExecStart=", `cmd="`, "command=", "exec "}
	for _, path := range definitions() {
		text, err := readDefinition(path)
		if err != nil {
			return installation{}, err
		}
		if program := programAfter(text, marks...); program != "" {
			return installation{path, program, path != definitions()[0]}, nil
		}
	}
	return installation{}, nil
}

// definitions are where the definition of the service may lie, first where we put it.
func definitions() []string {
	switch service.Platform() {
	case onSystemd:
		return []string{"/etc/systemd/system/" + unitName, "/usr/lib/systemd/system/" + unitName, "/lib/systemd/system/" + unitName}
	case onUpstart:
		return []string{"/etc/init/" + serviceName + ".conf"}
	}
	return []string{"/etc/init.d/" + serviceName}
}

// current reports whether the definition is the one that this program would write. What the
// templates of kardianos/service make is not compared.
func current(found installation, program string) bool {
	if service.Platform() != onSystemd {
		return true
	}
	text, err := readDefinition(found.place)
	return err == nil && text == unitFor(program)
}

// finishInstall does what kardianos/service leaves: it writes with the mask of whoever
// installs, and knows nothing of our log.
func finishInstall(context.Context, Env, string) error {
	if service.Platform() == onSystemd {
		if err := os.Chmod(definitions()[0], 0o644); err != nil {
			return fmt.Errorf("let everybody read the definition of the service: %w", err)
		}
		return nil
	}
	if service.Platform() == onProcd {
		return nil
	}
	if err := os.MkdirAll(logFolder, 0o750); err != nil {
		return fmt.Errorf("make a folder for the log: %w", err)
	}
	return nil
}

// leftovers are what neither the service manager nor kardianos/service removes.
func leftovers() []string {
	paths := []string{"/run/beagle"}
	if service.Platform() == onSystemd {
		return paths
	}
	links, err := filepath.Glob("/etc/rc*.d/[SK][0-9][0-9]" + serviceName)
	if err != nil { // the pattern is broken
		return paths
	}
	return append(append(paths, links...), pidFile())
}

// purged are what is removed with what the agent remembers: what administrators added to the
// unit, or the logs. The last three are made by the templates of kardianos/service, and empty
// but for a crash.
func purged() []string {
	if service.Platform() == onSystemd {
		return []string{definitions()[0] + ".d"}
	}
	return []string{logFolder, "/var/log/beagle.log", "/var/log/beagle.out", "/var/log/beagle.err"}
}

func pidFile() string { return "/var/run/" + serviceName + ".pid" }

func whereLogs() string {
	switch service.Platform() {
	case onSystemd:
		return "journalctl -u " + serviceName + " may tell why"
	case onProcd:
		return "logread may tell why"
	}
	return logFolder + " may tell why"
}

func startAndWait(_ context.Context, s service.Service) error { return s.Start() }
func stopAndWait(_ context.Context, s service.Service) error  { return s.Stop() }

// goneAlready: what is removed is there, or findInstallation would not have found it.
func goneAlready(error) bool { return false }

// forget makes systemd forget that the service once failed: it would be listed for ever.
func forget(ctx context.Context) error {
	if service.Platform() != onSystemd {
		return nil
	}
	conn, err := dbus.NewSystemdConnectionContext(ctx)
	if err != nil {
		return fmt.Errorf("ask systemd to forget the service: %w", err)
	}
	defer conn.Close()
	// It fails where there is nothing to forget.
	_ = conn.ResetFailedUnitContext(ctx, unitName)
	return nil
}

func serviceState(ctx context.Context, program string) (situation, error) {
	if service.Platform() == onSystemd {
		return unitState(ctx)
	}
	s, err := newService(program)
	if err != nil {
		return situation{}, err
	}
	now := situation{state: stateUnknown, starts: "with the machine"}
	status, err := s.Status()
	switch {
	case status == service.StatusRunning:
		now.state = stateRunning
		now.pid = pidIn(pidFile())
	case status == service.StatusStopped || err != nil:
		// The templates' scripts end with an error where the service does not run.
		now.state = stateStopped
	}
	return now, nil
}

// pidIn returns the process that a script noted, 0 if it noted none.
func pidIn(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

// unitState asks systemd itself: root at its private door, which needs no bus, others over
// the bus.
func unitState(ctx context.Context) (situation, error) {
	connect := dbus.NewSystemConnectionContext
	if os.Geteuid() == 0 {
		connect = dbus.NewSystemdConnectionContext
	}
	conn, err := connect(ctx)
	if err != nil {
		return situation{}, fmt.Errorf("ask systemd: %w", err)
	}
	defer conn.Close()
	all, err := conn.GetAllPropertiesContext(ctx, unitName)
	if err != nil {
		return situation{}, fmt.Errorf("ask systemd: %w", err)
	}
	unit := properties(all)
	now := situation{state: stateUnknown, pid: int(unit.number("MainPID")), restarts: int(unit.number("NRestarts"))}
	changed := "ActiveEnterTimestamp"
	switch unit.text("ActiveState") {
	case "active", "reloading":
		now.state = stateRunning
	case "activating":
		now.state = stateStarting
		changed = "InactiveExitTimestamp"
	case "deactivating":
		now.state = stateStopping
		changed = "ActiveExitTimestamp"
	case "inactive":
		now.state = stateStopped
		changed = "InactiveEnterTimestamp"
	case "failed":
		now.state, now.detail = stateFailed, unit.text("Result")
		changed = "InactiveEnterTimestamp"
	}
	if at := unit.number(changed); at > 0 { // microseconds; 0 is never
		now.since = time.UnixMicro(at)
	}
	now.starts = "on request"
	if unit.text("UnitFileState") == "enabled" {
		now.starts = "with the machine"
	}
	return now, nil
}

// properties are what systemd says of a unit.
type properties map[string]any

func (p properties) text(name string) string {
	text, _ := p[name].(string)
	return text
}

func (p properties) number(name string) int64 {
	switch n := p[name].(type) {
	case uint32:
		return int64(n)
	case uint64:
		return int64(n)
	}
	return 0
}
