//go:build !windows

package main

import (
	"archive/zip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beagle/agent/api"
)

// planted are names that must not be in a bundle, wherever they stand at the agent.
func planted() []string {
	return []string{"zaphod", "trillian", "heart-of-gold", "sombrero", "magrathea", "pan galactic", "slartibartfast", "deep thought"}
}

// loaded is an agent that names people, places and reasons in everything that it says.
func loaded(t *testing.T) *fakeAgent {
	t.Helper()
	s := single(t, "wps-office", "alice")
	s.Host.Hostname, s.Host.Root = "heart-of-gold", "/srv/sombrero"
	r := &s.Records[0]
	r.Owner = "zaphod"
	r.Instances[0].Root = "/home/zaphod/magrathea"
	r.Verdicts[0].Reason = api.Reason{Code: "exempted", Args: map[string]string{"reason": "pan galactic", "approver": "slartibartfast"}}
	every := map[string]string{}
	for _, name := range []string{
		"text", "user", "area", "first", "what", "folder", "file", "key", "value", "place", "owner", "socket", "endpoint", "approver", "reason",
		"problem", "why", "processes", "files", "mode", "right", "status", "state", "type", "probe", "condition", "severity",
		"count", "areas", "limit", "seconds", "days", "free", "total", "known", "from", "to", "now", "made", "date", "since", "last", "next",
		"version", "client", "Zaphod", "slartibartfast's",
	} {
		every[name] = "Zaphod of Magrathea, permission denied"
	}
	every["user"], every["area"] = "zaphod", "user:zaphod"
	s.Conditions = []api.Condition{{Code: api.ConditionIncomplete, Severity: api.SeverityWarning, Since: now(), Args: every}, {Code: "Deep Thought", Severity: "Trillian", Args: every}}
	s.Watching, s.Activity = "Sombrero Galaxy", "Zaphod sleeps"
	s.Progress = &api.Progress{Probe: "Zaphod's", Unit: "Sombreros", Examined: 42}
	a := newFakeAgent(t, s)
	denied := &api.Error{Code: "unreadable", Args: every, Text: "open /home/trillian/.ssh: permission denied"}
	a.coverage = []api.Coverage{
		area("portable", "user:trillian", "failed", denied), area("desktop", "user:zaphod", "partial", denied),
		area("desktop", "user:trillian", "finished", nil), area("portable", "drive:/media/sombrero", "unreachable", denied),
		area("portable", "/srv/magrathea", "finished", nil), area("dpkg", "machine", "finished", nil),
	}
	a.checks = []api.Check{
		{Code: api.CheckAccess, Status: api.CheckWarning, Args: every, Text: "/home/zaphod: permission denied"},
		{Code: "Pan Galactic", Status: "Gargle Blaster of Zaphod", Args: every, Text: "Trillian"},
		aCheck(api.CheckSetting, api.CheckOK, "key", "organisation.name", "value", "Magrathea", "layer", "file", "place", "/home/zaphod/.config/beagle/settings.yaml:1"),
		aCheck(api.CheckSetting, api.CheckOK, "key", "exemptions", "value", "[{approver: slartibartfast}]", "layer", "environment", "place", "ZAPHOD"),
		aCheck(api.CheckSetting, api.CheckOK, "key", "schedule.inventory", "value", "30m", "layer", "file", "place", "/etc/beagle/settings.yaml:3"),
		aCheck(api.CheckSetting, api.CheckOK, "key", "deep.paths", "value", "[/srv/sombrero]", "layer", "managed", "place", `HKLM\Software\Policies\Beagle`),
	}
	return a
}

// bundled writes a bundle and returns its files.
func bundled(t *testing.T, a *fakeAgent, path string) map[string]string {
	t.Helper()
	code, out, errs := a.beagle("doctor", "--bundle", path)
	wants(t, "doctor --bundle", code, exitProhibited, out+errs, "wrote ")
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(data)
		if strings.HasSuffix(f.Name, ".json") && !json.Valid(data) {
			t.Errorf("%s is no JSON:\n%s", f.Name, data)
		}
		if f.Comment != "" || len(f.Extra) != 0 || !f.Modified.IsZero() && f.Modified.Year() > 1980 {
			t.Errorf("%s carries more than its text: %q %x %v", f.Name, f.Comment, f.Extra, f.Modified)
		}
	}
	return files
}

func TestBundleNamesNobody(t *testing.T) {
	// Given an agent whose every answer is full of names,
	a := loaded(t)
	path := filepath.Join(t.TempDir(), "help.zip")
	files := bundled(t, a, path)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files["the zip file itself"] = string(raw)
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	// then none of them is in the bundle, nor is the name of this machine,
	for name, text := range files {
		for _, secret := range append(planted(), strings.ToLower(hostname), "/home", "/srv", "/media") {
			if strings.Contains(strings.ToLower(text), secret) {
				t.Errorf("%s names %q:\n%s", name, secret, text)
			}
		}
	}
	// and what a help desk needs is.
	for name, texts := range map[string][]string{
		"status.json":   {`"area": "user:user-1"`, `"area": "user:user-2"`, `"area": "drive:drive-1"`, `"area": "folder-1"`, `"cause": "permission denied"`, `"probe": "portable"`},
		"doctor.json":   {`"code": "access"`, `"user": "user-1"`, `"cause": "permission denied"`},
		"findings.json": {`"app": "wps-office"`, `"verdict": "prohibited"`, `"records": 1`},
		"settings.json": {`"key": "schedule.inventory"`, `"value": "30m"`, `"place": "/etc/beagle/settings.yaml:3"`, `HKLM\\Software\\Policies\\Beagle`, `"key": "exemptions"`, leftOut},
		"system.json":   {`"os": "`, `"arch": "`, `"kernel": "`},
		"README.txt":    {"help desk"},
	} {
		for _, text := range texts {
			if !strings.Contains(files[name], text) {
				t.Errorf("%s: %q is not in\n%s", name, text, files[name])
			}
		}
	}
}

func TestBundleOfNoAgent(t *testing.T) {
	// Given no agent, then the bundle still tells what can be seen without it.
	path := filepath.Join(t.TempDir(), "help.zip")
	var out, errs strings.Builder
	code := Main([]string{"doctor", "--bundle", path, "--format", "json"}, Env{Stdout: &out, Stderr: &errs, Socket: filepath.Join(t.TempDir(), "none")})
	wants(t, "doctor", code, exitUnreachable, out.String(), `"answers": false`, `"schema": "beagle.doctor/1"`)
	if _, err := zip.OpenReader(path); err != nil {
		t.Error(err)
	}
}

func TestBundleIsWholeOrNotThere(t *testing.T) {
	a := newFakeAgent(t, fine())
	a.checks = healthy()[3:]
	dir := t.TempDir()
	old := filepath.Join(dir, "old.zip")
	if err := os.WriteFile(old, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	// Given an earlier file, then it is replaced and whoever could read it still can.
	if code, _, errs := a.beagle("doctor", "--bundle", old); code != exitClean {
		t.Errorf("got exit code %d: %s", code, errs)
	}
	if info, err := os.Stat(old); err != nil || info.Mode().Perm() != 0o640 || info.Size() < 500 {
		t.Errorf("the new file: %v, %v", info, err)
	}
	// Given a folder, or no folder for it, then nothing is examined.
	for _, path := range []string{dir, filepath.Join(dir, "none", "x.zip")} {
		code, out, errs := a.beagle("doctor", "--bundle", path)
		wants(t, path, code, exitUsage, errs, "--bundle")
		if out != "" {
			t.Errorf("%s: prints %q", path, out)
		}
	}
	if list, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || !slices.Equal(list, []string{old}) {
		t.Errorf("left behind: %v, %v", list, err)
	}
}
