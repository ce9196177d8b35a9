package view_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

// at is the time in all tests: an afternoon in November.
func at() time.Time { return time.Date(2026, 11, 25, 17, 20, 0, 0, time.UTC) }

func before(d time.Duration) *time.Time { t := at().Add(-d); return &t }

func printer(languages ...string) *view.Printer { return view.NewPrinter(languages...).In(time.UTC) }

// fine is a machine on which nothing was found.
func fine() api.Snapshot {
	return api.Snapshot{
		Schema: api.SnapshotSchema, AgentVersion: "0.1.0", CatalogVersion: "1.4.0", CatalogDate: "2026-11-01",
		Host: api.Host{Hostname: "desk-7", OS: "linux", Root: "/"}, At: at(), Privileged: true, Activity: "idle",
		LastSweep: before(3 * time.Minute), LastDeep: before(20 * time.Hour), NextSweep: before(-57 * time.Minute), NextDeep: before(-4 * time.Hour),
		Started: at().Add(-49 * time.Hour), Watching: "fanotify", WatchingFiles: "inotify+polling",
		Summary: api.Summary{Complete: true},
	}
}

// live is a reader called alice who sees a snapshot.
func live(s api.Snapshot) view.Now {
	return view.Now{At: at(), Connection: view.Live(at().Add(-time.Hour)), Snapshot: &s, Viewer: "alice"}
}

// machine is a recorded machine with what an agent says about it.
type machine struct {
	Records  []api.Stored           `json:"records"`
	Apps     map[string]api.AppPage `json:"apps"`
	Policies []api.PolicyPage       `json:"policies"`
	History  []api.HistoryEntry     `json:"history"`
	Coverage []api.Coverage         `json:"coverage"`
}

func recorded(t testing.TB) machine {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "linux.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m machine
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// found is a machine with several findings, as alice sees it.
func found(t testing.TB) view.Now {
	t.Helper()
	m := recorded(t)
	s := fine()
	s.Records, s.Summary = m.Records, api.Count(m.Records, false)
	s.Conditions = []api.Condition{
		{Code: api.ConditionWatchDegraded, Severity: api.SeverityWarning, Since: at().Add(-50 * time.Hour), Args: map[string]string{"files": "polling", "problem": "watch_partly"}},
		{Code: api.ConditionSettingsBroken, Severity: api.SeverityError, Since: at().Add(-2 * time.Hour), Args: map[string]string{"text": "line 3"}},
		{Code: api.ConditionIncomplete, Severity: api.SeverityWarning, Since: at().Add(-3 * time.Minute), Args: map[string]string{"count": "3", "probe": "desktop", "area": "user:bob"}},
	}
	n := live(s)
	n.Apps, n.Coverage = m.Apps, m.Coverage
	return n
}

// subject is everything about the record of an app that has the owner.
func subject(t testing.TB, app, owner string) view.Subject {
	m := recorded(t)
	for _, r := range m.Records {
		if r.App.ID == app && r.Owner == owner {
			page := m.Apps[app]
			s := view.Subject{Record: r, App: &page, Policies: m.Policies}
			for _, h := range m.History {
				if h.RecordID == r.ID {
					s.History = append(s.History, h)
				}
			}
			return s
		}
	}
	t.Fatalf("no record of %s for %s", app, owner)
	return view.Subject{}
}

// many is a machine with n findings.
func many(n int) api.Snapshot {
	s := fine()
	for i := range n {
		r := api.Stored{Record: api.Record{
			ID: fmt.Sprintf("%064x", i), App: api.App{ID: "wechat", Name: "WeChat", NativeName: "微信"}, Owner: fmt.Sprintf("user%d", i),
			Presence: []string{"installed"}, Confidence: "certain", Verdict: api.VerdictProhibited,
			Instances: []api.Instance{{Root: fmt.Sprintf("/home/user%d/wechat", i)}},
		}, FirstSeen: at()}
		s.Records = append(s.Records, r)
	}
	s.Summary = api.Count(s.Records, true)
	return s
}

// dump writes a page as text: every string with the name of its field, indented by depth.
func dump(v any) string {
	var b strings.Builder
	write(&b, reflect.ValueOf(v), "", 0)
	return b.String()
}

func write(b *strings.Builder, v reflect.Value, name string, depth int) {
	indent := strings.Repeat("  ", depth)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			write(b, v.Elem(), name, depth)
		}
	case reflect.Struct:
		fmt.Fprintf(b, "%s%s\n", indent, name)
		for i := range v.NumField() {
			write(b, v.Field(i), v.Type().Field(i).Name, depth+1)
		}
	case reflect.Slice:
		for i := range v.Len() {
			write(b, v.Index(i), name, depth)
		}
	case reflect.String:
		if text := v.String(); text != "" {
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, strings.ReplaceAll(text, "\n", "\n"+indent+"  | "))
		}
	default:
		if !v.IsZero() {
			fmt.Fprintf(b, "%s%s: %v\n", indent, name, v.Interface())
		}
	}
}
