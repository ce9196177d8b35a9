package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problems takes an error apart into its lines.
func problems(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// folder is for files of a test. Unlike that of the testing package it may stay behind: Wine
// cannot remove one as Go does it.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "beagle")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// written makes a settings file that only its owner can read.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(folder(t), "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWrongFiles lists what can be wrong in a file, with the whole line that a person reads.
func TestWrongFiles(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a key that is misspelt", "watch:\n  proceses: off\n", `:2: watch.proceses: unknown key; did you mean "processes"?`},
		{"a section that is misspelt", "organization: {}\n", `:1: organization: unknown key; did you mean "organisation"?`},
		{"a key without its section", "\ninventory: 1h\n", `:2: inventory: unknown key; did you mean "schedule.inventory"?`},
		{"a key in the wrong section", "schedule: {level: info}\n", `:1: schedule.level: unknown key; did you mean "log.level"?`},
		{"a key like no other", "zzzzzz: 1\n", `:1: zzzzzz: unknown key`},
		{"a key that plays with the terminal", "\"\\e[31m\": 1\n", `:1: "\x1b[31m": unknown key`},
		{"a key of an entry", "bans:\n  - app: x\n    sinse: 2025-01-01\n", `:3: bans[0].sinse: unknown key; did you mean "since"?`},
		{"a key twice", "policies: []\npolicies: [a]\n", `:2:1: mapping key "policies" already defined at [1:1]`},
		{"no keys at all", "- a\n", `:1: want keys such as organisation, not a list`},
		{"a value for a section", "schedule: 1h\n", `:1: schedule: want keys such as inventory, not a text or number`},
		{"keys for a value", "log: {level: {debug: true}}\n", `:1: log.level: want debug, info, warn or error, not a mapping`},
		{"a text for a list", "policies: a, b\n", `:1: policies: want a list, not a text or number`},
		{"a list in a list", "policies: [[a]]\n", `:1: policies[0]: want a text, not a list`},
		{"a text for an entry", "bans: [tiktok]\n", `:1: bans[0]: want an entry with the keys app, since, reason, not a text or number`},
		{"a date that is none", "bans: [{app: x, since: yesterday}]\n", `:1: bans[0].since: "yesterday": want a day of the calendar such as 2021-02-19`},
		{"neither true nor false", "count_residue: sometimes\n", `:1: count_residue: "sometimes": want true or false`},
		{"a list for true", "count_residue: [true]\n", `:1: count_residue: want true or false, not a list`},
		{"too short", "schedule:\n  inventory: 5s\n", `:2: schedule.inventory: "5s" is too short: want at least 1m`},
		{"too long", "schedule: {deep: 10000d}\n", `:1: schedule.deep: "10000d" is too long: want at most 366d`},
		{"longer than can be counted", "schedule: {deep: 99999999999999999999d}\n", `:1: schedule.deep: "99999999999999999999d" is too long: want at most 366d`},
		{"no unit", "schedule: {inventory: 30}\n", `:1: schedule.inventory: "30": want whole numbers with units, such as 7d, 1h30m or 500ms`},
		{"units the wrong way round", "schedule: {deep: 1h1d}\n", `:1: schedule.deep: "1h1d": want whole numbers with units, such as 7d, 1h30m or 500ms, or off`},
		{"off where it cannot be", "schedule: {inventory: off}\n", `:1: schedule.inventory: "off": want whole numbers with units, such as 7d, 1h30m or 500ms`},
		{"zero is not off", "schedule: {deep: 0s}\n", `:1: schedule.deep: "0s" is too short: want at least 1h`},
		{"beyond the limits", "schedule: {jitter: 1.5}\n", `:1: schedule.jitter: "1.5": want a number from 0 to 1`},
		{"not a number", "limits: {cpu: .nan}\n", `:1: limits.cpu: ".nan": want a number from 1 to 100`},
		{"not a number either", "limits: {cpu: NaN}\n", `:1: limits.cpu: "NaN": want a number from 1 to 100`},
		{"with a percent sign", "limits: {cpu: 5%}\n", `:1: limits.cpu: "5%": want a number from 1 to 100`},
		{"not whole", "limits: {memory: 99.5}\n", `:1: limits.memory: "99.5": want a whole number from 50 to 4096`},
		{"too little", "limits: {memory: 1}\n", `:1: limits.memory: "1": want a whole number from 50 to 4096`},
		{"an unknown word", "watch: {processes: kernal}\n", `:1: watch.processes: "kernal": want auto, kernel, polling or off; did you mean "kernel"?`},
		{"a relative path", "deep: {paths: ['" + examplePath() + "', tools]}\n", `:1: deep.paths[1]: "tools": want an absolute path such as ` + examplePath()},
		{"a long value", "log: {level: " + strings.Repeat("x", 5000) + "}\n", `:1: log.level: "` + strings.Repeat("x", 60) + `"...: want debug, info, warn or error`},
		{"an entry without what it needs", "bans: [{reason: x}, {app: y, since: 2026-01-01}]\n", `:1: bans[0].app: is missing
settings PATH:1: bans[0].since: is missing`},
		{"a mapping for a text", "organisation: {kinds: [us-state-agency: TX]}\n", `:1: organisation.kinds[0]: want a text, not a mapping`},
		{"a value that is not closed", "policies: [a\n", `:1:11: sequence end token ']' not found`},
		{"an alias", "policies: &a [x]\nbans: *a\n", `:1:11: anchors and aliases are not allowed`},
		{"UTF-16", "\xff\xfeb\x00", `: is in UTF-16: save it as UTF-8`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, c.text)
			want := strings.Split("settings "+path+strings.ReplaceAll(c.want, "PATH", path), "\n")
			_, err := Load(path)
			if diff := cmp.Diff(want, problems(err)); diff != "" {
				t.Errorf("a named file (-want +got):\n%s", diff)
			}
			_, err = Resolve(Places{File: path})
			if diff := cmp.Diff(want, problems(err)); diff != "" {
				t.Errorf("a layer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilesThatAreNone(t *testing.T) {
	dir := folder(t)
	large := written(t, "# "+strings.Repeat("x", 1<<20))
	missing := filepath.Join(dir, "missing.yaml")
	for _, c := range []struct {
		name   string
		places Places
		want   string
	}{
		{"a folder", Places{File: dir}, fmt.Sprintf("settings %q: not a regular file", dir)},
		{"too large", Places{File: large}, fmt.Sprintf("settings %q: larger than 1048576 bytes", large)},
		{"missing and named", Places{File: missing, Named: true}, fmt.Sprintf("settings %q: no such file", missing)},
		{"missing", Places{File: missing, Preferences: missing}, ""},
		{"none", Places{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Resolve(c.places); strings.Join(problems(err), "\n") != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWrongEnvironment(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"BEAGLE_SCHEDULE_INVENTORY=5s", `settings BEAGLE_SCHEDULE_INVENTORY: schedule.inventory: "5s" is too short: want at least 1m`},
		{"BEAGLE_LOG_LEVEL=", `settings BEAGLE_LOG_LEVEL: log.level: "": want debug, info, warn or error`},
		{"BEAGLE_LOGLEVEL=info", `settings BEAGLE_LOGLEVEL: unknown variable; did you mean "BEAGLE_LOG_LEVEL"?`},
		{"BEAGLE_SOKET=/x", `settings BEAGLE_SOKET: unknown variable; did you mean "BEAGLE_SOCKET"?`},
		{"BEAGLE_ORGANISATION_NAME=\xff", `settings BEAGLE_ORGANISATION_NAME: organisation.name: "\xff" is not in UTF-8`},
		{"BEAGLE_DEEP_PATHS=" + examplePath() + ",tools", `settings BEAGLE_DEEP_PATHS: deep.paths[1]: "tools": want an absolute path such as ` + examplePath()},
		{"BEAGLE_POLICIES=[a", `settings BEAGLE_POLICIES: policies: "[a": want it in YAML or JSON: sequence end token ']' not found`},
		{"BEAGLE_BANS=tiktok", `settings BEAGLE_BANS: bans: want a list, not a text or number`},
		{`BEAGLE_BANS=[{"app": "x", "since": "soon"}]`, `settings BEAGLE_BANS: bans[0].since: "soon": want a day of the calendar such as 2021-02-19`},
		{"BEAGLE_SOCKET=/x", ""},
		{"BEAGLE_STATE=/x", ""},
		{"BEAGLES=3", ""},
		{"HOME", ""},
	} {
		t.Run(c.line, func(t *testing.T) {
			_, err := Resolve(Places{Environ: []string{"HOME=/root", c.line}})
			if got := strings.Join(problems(err), "\n"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAllProblemsTogether(t *testing.T) {
	// Given mistakes in several layers, one of them in a value that a stronger layer overrides,
	path := written(t, "log: {level: loud}\npolices: []\ndeep: {paths: [a, b]}\n")
	places := Places{File: path, Environ: []string{"BEAGLE_LOG_LEVEL=info", "BEAGLE_LIMITS_CPU=0"}}
	// when they are resolved,
	resolved, err := Resolve(places)
	// then nothing takes effect and each has its line.
	want := []string{
		"settings " + path + `:2: polices: unknown key; did you mean "policies"?`,
		"settings " + path + `:3: deep.paths[0]: "a": want an absolute path such as ` + examplePath(),
		"settings " + path + `:3: deep.paths[1]: "b": want an absolute path such as ` + examplePath(),
		"settings " + path + `:1: log.level: "loud": want debug, info, warn or error`,
		`settings BEAGLE_LIMITS_CPU: limits.cpu: "0": want a number from 1 to 100`,
	}
	if diff := cmp.Diff(want, problems(err)); diff != "" || resolved != nil {
		t.Errorf("got %v (-want +got):\n%s", resolved, diff)
	}
	var first *Problem
	if !errors.As(err, &first) || first.Place != path+":2" || first.Key != "polices" {
		t.Errorf("got %+v, want a problem with its place and key", first)
	}
}

func TestManyProblems(t *testing.T) {
	_, err := Resolve(Places{File: written(t, strings.Repeat("policies: [[a]]\n", 1)+"deep: {paths: ["+strings.Repeat("a,", 1000)+"]}\n")})
	lines := problems(err)
	if len(lines) != maxProblems+1 || lines[maxProblems] != "settings: 981 more problems" {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}
