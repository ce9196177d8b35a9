package view_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

func with(s api.Snapshot, change func(*api.Snapshot)) view.Now {
	change(&s)
	return live(s)
}

func TestState(t *testing.T) {
	p := printer("en")
	condition := func(severity, code string, args map[string]string) func(*api.Snapshot) {
		return func(s *api.Snapshot) {
			s.Conditions = []api.Condition{{Code: code, Severity: severity, Args: args}}
		}
	}
	one := func(verdict string) func(*api.Snapshot) {
		return func(s *api.Snapshot) {
			s.Records = many(1).Records
			s.Records[0].Verdict = verdict
			s.Summary = api.Count(s.Records, true)
		}
	}
	incomplete := func(area string) func(*api.Snapshot) {
		return func(s *api.Snapshot) {
			s.Summary.Complete = false
			condition(api.SeverityWarning, api.ConditionIncomplete, map[string]string{"count": "1", "probe": "portable", "area": area})(s)
		}
	}
	unseen := with(fine(), func(s *api.Snapshot) {
		s.Summary.Complete = false
		condition(api.SeverityWarning, api.ConditionIncomplete, map[string]string{"count": "3", "failed": "1", "probe": "processes", "area": "machine"})(s)
	})
	for _, c := range []struct {
		name string
		now  view.Now
		kind view.Kind
		text string
	}{
		{"nothing found", live(fine()), view.KindClean, "No banned apps"},
		{"prohibited", with(fine(), one(api.VerdictProhibited)), view.KindProhibited, "1 banned app found"},
		{"several", with(many(3), func(*api.Snapshot) {}), view.KindProhibited, "1 banned app found"}, // one app, three owners
		{"counts without records", with(fine(), func(s *api.Snapshot) { s.Summary.Prohibited = 2 }), view.KindProhibited, "2 banned apps found"},
		{"to be banned", with(fine(), one(api.VerdictPending)), view.KindAttention, "1 app will be banned"},
		{"not certain", with(fine(), one(api.VerdictUnconfirmed)), view.KindAttention, "1 possible banned app"},
		{"suspended", with(fine(), one(api.VerdictSuspended)), view.KindClean, "No banned apps"},
		{"lifted", with(fine(), one(api.VerdictLifted)), view.KindClean, "No banned apps"},
		{"a verdict of a newer agent", with(fine(), one("frowned_upon")), view.KindAttention, "1 finding to look at"},
		{"looking again", with(fine(), func(s *api.Snapshot) { s.Activity = "scanning" }), view.KindScanning, "Looking…"},
		{"first look", with(fine(), func(s *api.Snapshot) { s.LastSweep, s.Activity = nil, "scanning" }), view.KindScanning, "First look"},
		{"first look, found already", with(many(1), func(s *api.Snapshot) { s.LastSweep, s.Activity = nil, "scanning" }), view.KindProhibited, "1 banned"},
		{"starting", with(fine(), func(s *api.Snapshot) { s.LastSweep, s.Activity = nil, "starting" }), view.KindScanning, "First look"},
		{"first look waits", with(fine(), func(s *api.Snapshot) {
			s.LastSweep, s.Activity = nil, "paused"
			condition(api.SeverityInfo, api.ConditionPaused, map[string]string{"reason": "on_battery"})(s)
		}), view.KindUnprotected, "battery"},
		{"never looked", with(fine(), func(s *api.Snapshot) { s.LastSweep = nil }), view.KindUnprotected, "not been looked at"},
		{"not for days", with(fine(), func(s *api.Snapshot) { s.LastSweep, s.NextSweep = before(80*time.Hour), before(79*time.Hour) }), view.KindUnprotected, "Nov 22, 2026"},
		{"none planned", with(fine(), func(s *api.Snapshot) { s.LastSweep, s.NextSweep = before(8*24*time.Hour), nil }), view.KindUnprotected, "Nov 17, 2026"},
		{"rights of one user", with(fine(), func(s *api.Snapshot) { s.Privileged = false }), view.KindUnprotected, "Not fully protected"},
		{"a probe saw nothing", unseen, view.KindUnprotected, "Coverage says"},
		{"a part not seen", with(fine(), incomplete("user:alice")), view.KindAttention, "Not everything was seen"},
		{"a drive not plugged in", with(fine(), incomplete("drive:/media/stick")), view.KindClean, "No banned apps"},
		{"settings broken", with(fine(), condition(api.SeverityError, api.ConditionSettingsBroken, nil)), view.KindAttention, "settings"},
		{"a trouble of a newer agent", with(fine(), condition(api.SeverityError, "gone_fishing", map[string]string{"where": "lake"})), view.KindAttention, "gone fishing, where lake"},
		{"a warning", with(fine(), condition(api.SeverityWarning, api.ConditionStalled, nil)), view.KindClean, "No banned apps"},
		{"connecting", view.Now{At: at(), Connection: view.Connecting(at().Add(-time.Second))}, view.KindScanning, "Connecting"},
		{"connecting for long", view.Now{At: at(), Connection: view.Connecting(at().Add(-time.Minute))}, view.KindUnprotected, "does not answer"},
		{"live without a word", view.Now{At: at(), Connection: view.Live(at())}, view.KindScanning, "Connecting"},
		{"nothing at all", view.Now{}, view.KindUnprotected, "Not protected"},
	} {
		got := p.State(c.now)
		if got.Kind != c.kind || !strings.Contains(got.Title+"\n"+got.Text, c.text) {
			t.Errorf("%s: got %s: %q, %q; want %s with %q", c.name, got.Kind, got.Title, got.Text, c.kind, c.text)
		}
	}
}

func TestLost(t *testing.T) {
	// Given each way to lose an agent that knew of a banned app, then the state says which, and
	// that nobody protects; the findings stay in the menu.
	p := printer("en")
	for _, c := range []struct {
		err  error
		text string
	}{
		{fmt.Errorf("%w: %w", api.ErrUnreachable, fs.ErrNotExist), "stopped or not installed"},
		{fmt.Errorf("%w at /run", api.ErrUntrusted), "in place of the Beagle service"},
		{api.ErrBadAnswer, "needs an update"},
		{&api.Refusal{Problem: api.Error{Code: "unknown_peer"}}, "refuses"},
		{errors.New("no idea"), "failed"},
	} {
		now := live(many(1))
		now.Connection = view.Lost(c.err, true, at().Add(-time.Hour))
		menu := p.Tray(now)
		if menu.State.Kind != view.KindUnprotected || !strings.Contains(menu.State.Text, c.text) || now.Connection.Line != view.LineStale {
			t.Errorf("%v: got %+v", c.err, menu.State)
		}
		if i := slices.IndexFunc(menu.Items, func(i view.Item) bool { return i.ID == view.ItemFinding }); i < 0 {
			t.Errorf("%v: the finding is gone", c.err)
		}
		if look := item(menu, view.ItemLook); look.Enabled || look.Tip == "" {
			t.Errorf("%v: a look can be asked for: %+v", c.err, look)
		}
		if text := p.Failure(c.err); text == "" || strings.Contains(text, "failure.") {
			t.Errorf("%v: %q", c.err, text)
		}
	}
}

func item(m view.Menu, id string) view.Item {
	for _, i := range m.Items {
		if i.ID == id {
			return i
		}
	}
	return view.Item{}
}

func TestTray(t *testing.T) {
	p := printer("en")
	s := many(5)
	s.Records[3].Presence = []string{"running", "installed"}
	s.Records[4].Verdict = api.VerdictPending
	s.Records[0].Owner, s.Records[3].Owner = api.MachineOwner, "alice"
	m := p.Tray(live(s))
	var texts []string
	for _, i := range m.Items {
		texts = append(texts, i.Text)
	}
	// What runs comes first, others' names are said, what does not fit is counted.
	want := []string{"1 banned app found", "WeChat 微信: Banned, running", "WeChat 微信: Banned", "WeChat 微信 (user1): Banned", "2 more…",
		"", "Look now", "Open Beagle", "", "What is sent", "About", "Quit"}
	if !slices.Equal(texts, want) {
		t.Errorf("got %q\nwant %q", texts, want)
	}
	// Given the same a minute later, then the menu is the same; given a look, it is not.
	later := live(s)
	later.At = at().Add(time.Minute)
	if !m.Equal(p.Tray(later)) {
		t.Error("the menu changed with time alone")
	}
	s.Activity = "scanning"
	s.Progress = &api.Progress{Share: 0.1}
	scanning := p.Tray(live(s))
	if m.Equal(scanning) || item(scanning, view.ItemLook).Enabled {
		t.Error("a look that is under way does not show")
	}
	s.Progress = &api.Progress{Share: 0.9}
	if !scanning.Equal(p.Tray(live(s))) {
		t.Error("the menu changes with progress")
	}
}

func TestFailures(t *testing.T) {
	p := printer("en")
	for text, err := range map[string]error{
		"Please wait 1 second and try again.":              &api.Refusal{Problem: api.Error{Code: api.CodeTooSoon}, RetryAfter: time.Millisecond},
		"Please wait 30 seconds and try again.":            &api.Refusal{Problem: api.Error{Code: api.CodeTooSoon}, RetryAfter: 30 * time.Second},
		"A look is under way already. Its result will do.": &api.Refusal{Problem: api.Error{Code: api.CodeScanning}},
		"The Beagle service refused (no_mood).":            fmt.Errorf("look: %w", &api.Refusal{Problem: api.Error{Code: "no_mood"}}),
	} {
		if got := p.Failure(err); got != text {
			t.Errorf("%v: got %q, want %q", err, got, text)
		}
	}
}
