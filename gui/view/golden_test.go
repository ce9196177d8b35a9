package view_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beagle/agent/api"
	"beagle/gui/view"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite the golden files")
	flag.Parse()
	os.Exit(m.Run())
}

func update() bool { return flag.Lookup("update").Value.String() == "true" }

// screens are all pages of the recorded machine in one language.
func screens(t *testing.T, p *view.Printer) []struct {
	name string
	page any
} {
	n := found(t)
	clean := live(fine())
	scanning := live(fine())
	scanning.Snapshot.Activity = "scanning"
	scanning.Snapshot.Progress = &api.Progress{Probe: "portable", Unit: "files", Examined: 123456, Share: 0.4, Deep: true}
	stale := n
	stale.Connection = view.Lost(api.ErrUnreachable, true, at().Add(-90*time.Minute))
	asked := subject(t, "wps-office", "alice")
	asked.TakesRequests = true
	asked.Record.Requests = []api.Request{
		{Kind: api.RequestDispute, Status: "rejected", Text: "I need it for a customer's files.", At: at().Add(-30 * time.Hour)},
		{Kind: api.RequestExemption, Status: api.RequestKept, Until: "2027-02-28", Text: "Until the project is done.", At: at().Add(-time.Hour)},
	}
	gone := subject(t, "tencent-qq", "machine")
	gone.Record.ClosedAt, gone.Record.ClosedReason = before(time.Hour), api.ClosedRemoved
	return []struct {
		name string
		page any
	}{
		{"tray, clean", p.Tray(clean)},
		{"tray, found", p.Tray(n)},
		{"tray, lost", p.Tray(stale)},
		{"header, found", p.Header(n)},
		{"header, scanning", p.Header(scanning)},
		{"header, stale", p.Header(stale)},
		{"findings", p.Findings(n, view.FilterAll, "")},
		{"findings, none", p.Findings(clean, view.FilterAll, "")},
		{"detail, running, with requests", p.Detail(n, asked)},
		{"detail, carried, of somebody else", p.Detail(n, subject(t, "wechat-pay", "bob"))},
		{"detail, leftovers", p.Detail(n, subject(t, "wechat", "machine"))},
		{"detail, gone", p.Detail(n, gone)},
		{"history", p.History(n, recorded(t).History)},
		{"coverage", p.Coverage(n)},
		{"privacy", p.Privacy(n, view.Reporting{Known: true})},
		{"about", p.About(n, view.Program{Version: "0.1.0"})},
		{"words", p.Words()},
		{"notifications", p.Notify(clean.Snapshot, n.Snapshot, "alice")},
		{"notifications, gone", p.Notify(n.Snapshot, clean.Snapshot, "alice")},
	}
}

func TestScreens(t *testing.T) {
	// Given a recorded machine, then every page reads in every language as it was approved:
	// go test ./gui/view -update rewrites the files, for a person to read.
	for _, tag := range append(view.Languages(), "en-XA") {
		t.Run(tag, func(t *testing.T) {
			text := ""
			for _, s := range screens(t, printer(tag)) {
				text += "== " + s.name + " ==\n" + dump(s.page) + "\n"
			}
			file := filepath.Join("testdata", "screens."+tag+".txt")
			if update() {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), text); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
