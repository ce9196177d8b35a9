//go:build !windows

package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"beagle/agent/api"
)

// spoilt returns v with a sequence that paints and one that turns the reading direction in
// every text, except times and the schema.
func spoilt[T any](t *testing.T, v T) T {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	data, err = json.Marshal(spoil(tree, ""))
	if err != nil {
		t.Fatal(err)
	}
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func spoil(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = spoil(v[name], name)
		}
	case []any:
		for i := range v {
			v[i] = spoil(v[i], key)
		}
	case string:
		if _, err := time.Parse(time.RFC3339, v); err == nil || key == "schema" || key == "id" && v == "d07df21f10eae3bd" {
			return v
		}
		return v + "\x1b[2J\u202e\r\n\u009b1m"
	}
	return v
}

func TestHostileAnswers(t *testing.T) {
	// Given an agent whose answers hold control and bidirectional characters everywhere, which
	// names of files and people may,
	s := busy(t)
	s.Summary.Complete, s.Conditions, s.Activity = false, severalConditions(), "scanning"
	s.Progress = &api.Progress{Probe: "dpkg", Unit: "packages", Examined: 4, Share: 0.5}
	a := newFakeAgent(t, spoilt(t, s))
	a.coverage = spoilt(t, partlySeen())
	a.checks = spoilt(t, append(ailing(), healthy()...))
	a.history = spoilt(t, []api.HistoryEntry{{Time: now(), RecordID: "d07df21f10eae3bd", What: "closed", App: "a", Owner: "b", Verdict: "c", Reason: "d"}})
	for app, steps := range removalOf(t, &s) {
		a.apps[app+"\x1b[2J\u202e\r\n\u009b1m"] = api.AppPage{Removal: spoilt(t, steps), Verdicts: spoilt(t, s.Records[0].Verdicts)}
	}
	a.onScan = func(bool) {
		a.set(func(s *api.Snapshot) {
			at := s.LastSweep.Add(time.Second)
			s.LastSweep = &at
		})
	}
	for _, args := range [][]string{
		{"status"}, {"findings"}, {"explain", "d07df21f10eae3bd"}, {"explain", "wps-office"}, {"explain", "0123"},
		{"doctor"}, {"scan", "--via-agent"}, {"scan", "--via-agent", "--quiet"},
	} {
		// then none of them reaches the terminal.
		_, out, errs := a.beagle(args...)
		for _, r := range out + errs {
			if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) {
				t.Errorf("%v prints %U:\n%q", args, r, out+errs)
				break
			}
		}
		if out+errs == "" {
			t.Errorf("%v prints nothing", args)
		}
	}
	// The lines of a watching are pages too.
	w := watchFindings(t, a, "text")
	for range s.Records {
		line := <-w.out
		if strings.ContainsFunc(line, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }) {
			t.Errorf("--watch prints %q", line)
		}
	}
	w.end(exitProhibited)
}
