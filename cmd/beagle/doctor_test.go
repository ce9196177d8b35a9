package main

import (
	"bytes"
	"testing"
	"time"

	"beagle/agent/api"
)

func aCheck(code, status string, pairs ...string) api.Check {
	c := api.Check{Code: code, Status: status, Args: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == "text" {
			c.Text = pairs[i+1]
			continue
		}
		c.Args[pairs[i]] = pairs[i+1]
	}
	return c
}

// healthy are the checks of a machine where all is well.
func healthy() []api.Check {
	return []api.Check{
		aCheck(api.CheckAgent, api.CheckOK, "socket", "/run/beagle/agent.sock", "version", "0.1.0", "client", "0.1.0"),
		aCheck(api.CheckService, api.CheckOK, "state", "running"),
		aCheck(api.CheckSocket, api.CheckOK, "socket", "/run/beagle/agent.sock", "owner", "root", "mode", "666"),
		aCheck(api.CheckRights, api.CheckOK),
		aCheck(api.CheckSettings, api.CheckOK, "count", "2"),
		aCheck(api.CheckSetting, api.CheckOK, "key", "schedule.inventory", "value", "30m", "layer", "file", "place", "/etc/beagle/settings.yaml:3"),
		aCheck(api.CheckSetting, api.CheckOK, "key", "organisation.kinds", "value", "[us-state-agency:TX]", "layer", "managed", "place", `HKLM\Software\Policies\Beagle`),
		aCheck(api.CheckCatalog, api.CheckOK, "version", "1.0.0", "date", "2026-11-24", "days", "1"),
		aCheck(api.CheckPolicies, api.CheckOK, "date", "2026-11-24", "days", "1"),
		aCheck(api.CheckState, api.CheckOK, "folder", "/var/lib/beagle"),
		aCheck(api.CheckDisk, api.CheckOK, "folder", "/var/lib/beagle", "free", "52428800000", "total", "250000000000"),
		aCheck(api.CheckClock, api.CheckOK, "now", "2026-11-25T17:20:30Z"),
		aCheck(api.CheckSweeps, api.CheckOK, "last", "2026-11-25T17:17:30Z", "next", "2026-11-25T18:17:30Z"),
		aCheck(api.CheckCoverage, api.CheckOK, "areas", "45", "count", "0"),
		aCheck(api.CheckWatchProcesses, api.CheckOK, "mode", "fanotify"),
		aCheck(api.CheckWatchFiles, api.CheckOK, "mode", "inotify"),
		aCheck(api.CheckEndpoint, api.CheckOK, "problem", "none"),
	}
}

// ailing are checks of which each found something.
func ailing() []api.Check {
	return []api.Check{
		aCheck(api.CheckAgent, api.CheckWarning, "socket", "/run/beagle/agent.sock", "version", "0.0.9", "client", "0.1.0", "problem", "version"),
		aCheck(api.CheckService, api.CheckError, "problem", "stopped", "state", "failed", "text", "exit code 2"),
		aCheck(api.CheckSocket, api.CheckError, "socket", "/run/beagle/agent.sock", "owner", "root", "mode", "666", "problem", "folder_open"),
		aCheck(api.CheckRights, api.CheckWarning, "problem", api.ConditionNotPrivileged),
		aCheck(api.CheckSettings, api.CheckError, "problem", "broken", "text", brokenSettings),
		aCheck(api.CheckCatalog, api.CheckWarning, "version", "1.0.0", "date", "2026-07-24", "days", "124", "problem", "old"),
		aCheck(api.CheckPolicies, api.CheckUnknown, "problem", "no_date"),
		aCheck(api.CheckState, api.CheckError, "folder", "/var/lib/beagle", "problem", "unwritable", "text", "no space left on device"),
		aCheck(api.CheckDisk, api.CheckError, "folder", "/var/lib/beagle", "free", "40960", "total", "250000000000", "problem", "full"),
		aCheck(api.CheckClock, api.CheckError, "problem", "behind", "now", "2025-11-25", "made", "2026-11-24"),
		aCheck(api.CheckSweeps, api.CheckWarning, "last", "2026-11-23T17:17:30Z", "problem", "late", "reason", "machine_busy"),
		aCheck(api.CheckCoverage, api.CheckWarning, "areas", "45", "count", "4", "problem", "incomplete"),
		aCheck(api.CheckAccess, api.CheckWarning, "right", api.RightSeeProcesses, "count", "1", "probe", "processes", "area", "machine", "first", "process 812 (agetty)", "text", "permission denied"),
		aCheck(api.CheckAccess, api.CheckWarning, "right", api.RightRefused, "count", "1", "probe", "processes", "area", "machine", "first", "process 1 (systemd)", "text", "permission denied"),
		aCheck(api.CheckAccess, api.CheckWarning, "right", api.RightFullDisk, "count", "2", "probe", "bundles", "area", "user:bob", "user", "bob", "first", "/Users/bob/Desktop", "text", "operation not permitted"),
		aCheck(api.CheckArea, api.CheckWarning, "probe", "portable", "area", "user:alice", "user", "alice", "status", "failed", "problem", "timeout", "limit", "10m0s"),
		aCheck(api.CheckArea, api.CheckWarning, "probe", "portable", "area", "drive:/media/usb", "status", "unreachable", "problem", "absent", "what", "/media/usb"),
		aCheck(api.CheckWatchProcesses, api.CheckWarning, "mode", "polling", "problem", "watch_fallback", "text", "operation not permitted"),
		aCheck(api.CheckWatchFiles, api.CheckWarning, "mode", "inotify+polling", "problem", "limit"),
		aCheck(api.CheckEndpoint, api.CheckOK, "problem", "none"),
		aCheck(api.CheckCondition, api.CheckWarning, "condition", api.ConditionSocketLost, "severity", "warning", "since", "2026-11-25T15:20:30Z"),
		aCheck("from_the_future", api.CheckUnknown, "a", "1"),
	}
}

// withoutAgent are the checks where none answers.
func withoutAgent() []api.Check {
	return []api.Check{
		aCheck(api.CheckAgent, api.CheckError, "socket", "/run/beagle/agent.sock", "client", "0.1.0", "problem", "absent", "text", `no agent answers at "/run/beagle/agent.sock": connect: no such file or directory`),
		aCheck(api.CheckService, api.CheckError, "problem", "not_installed"),
		aCheck(api.CheckSettings, api.CheckOK, "count", "0"),
		aCheck(api.CheckCatalog, api.CheckOK, "version", "1.0.0", "date", "2026-11-24", "days", "1"),
		aCheck(api.CheckPolicies, api.CheckOK, "date", "2026-11-24", "days", "1"),
		aCheck(api.CheckClock, api.CheckOK),
	}
}

// TestGalleryOfDoctor holds the page of the doctor to its golden files, and its exit codes.
func TestGalleryOfDoctor(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers bool
		checks  []api.Check
		code    int
	}{
		{"doctor-good", true, healthy(), exitClean},
		{"doctor-bad", true, ailing(), exitProhibited},
		{"doctor-no-agent", false, withoutAgent(), exitUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := examination{Schema: doctorSchema, At: now(), Answers: c.answers, Checks: c.checks}
			compareWithGolden(t, c.name, func(color bool) string {
				var buf bytes.Buffer
				p := doctorPage{page: page{w: &buf, style: style{color}}, clock: clockwork{now(), time.UTC}}
				if err := p.print(&e); err != nil {
					t.Fatal(err)
				}
				return buf.String()
			})
			if got := e.exit(); got != c.code {
				t.Errorf("exit code: got %d, want %d", got, c.code)
			}
		})
	}
}
