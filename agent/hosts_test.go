package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beagle/agent"
	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

// updating tells to rewrite the golden files: UPDATE=1 go test ./agent -run TestHosts
func updating() bool { return os.Getenv("UPDATE") != "" }

// sweep takes a recorded host along the whole path, as of a fixed day.
func sweep(t *testing.T, host *detectors.Host) api.Scan {
	t.Helper()
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	day := policy.Date("2026-11-23")
	return agent.Scan(context.Background(), agent.Config{
		Host: host, Probes: all.Probes(host, index, all.Options{Deep: true}),
		Rules: agent.Rules{Catalog: index, Policies: policy.Embedded().Policies, Question: policy.Question{On: day, Known: day}},
	})
}

// timeless blanks what differs from run to run.
func timeless(doc *api.Scan) {
	doc.AgentVersion, doc.CatalogVersion, doc.Host.Root = "", "", "/recorded"
	doc.Started, doc.Finished = time.Time{}, time.Time{}
	for i := range doc.Probes {
		doc.Probes[i].DurationMS = 0
	}
}

func TestHosts(t *testing.T) {
	for _, name := range hosttest.Names(t) {
		t.Run(name, func(t *testing.T) {
			// Given a recorded machine, when it is scanned,
			doc := sweep(t, hosttest.Recorded(t, name))
			timeless(&doc)
			// then the document is the golden one,
			got, err := json.MarshalIndent(doc, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "hosts", name+".golden.json")
			if updating() {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(got)+"\n" != string(want) {
				t.Errorf("differs from %s (after checking, UPDATE=1):\n%s", golden, firstDifference(string(want), string(got)+"\n"))
			}
			// and a clean machine stays silent.
			if strings.HasSuffix(name, "-clean") && len(doc.Findings) > 0 {
				t.Errorf("%d findings on a clean machine", len(doc.Findings))
			}
		})
	}
}

// firstDifference shows where two texts part.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, w[i], g[i])
		}
	}
	return "one is longer"
}
