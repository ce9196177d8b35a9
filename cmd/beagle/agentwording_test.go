package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
)

// codes returns the constants of a file of the API whose names begin so.
func codes(t *testing.T, file, prefix string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "agent", "api", file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			if !strings.HasPrefix(name.Name, prefix) {
				continue
			}
			text, err := strconv.Unquote(spec.Values[i].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, text)
		}
		return true
	})
	if len(list) < 3 {
		t.Fatalf("%s: only %d constants begin with %s", file, len(list), prefix)
	}
	return list
}

func TestEveryCodeHasWords(t *testing.T) {
	clock := clockwork{now(), time.UTC}
	// Given every code of the API, then none is shown as it is.
	for _, code := range codes(t, "conditions.go", "Condition") {
		if text := conditionText(&api.Condition{Code: code, Args: map[string]string{}}, clock); text.what == unknownText(code, nil) {
			t.Errorf("condition %q has no words", code)
		}
	}
	statuses := []string{api.CheckOK, api.CheckWarning, api.CheckError, api.CheckUnknown}
	for _, code := range codes(t, "checks.go", "Check") {
		if slices.Contains(statuses, code) || code == api.CheckSetting { // which is a table of its own
			continue
		}
		c := api.Check{Code: code, Status: api.CheckOK, Args: map[string]string{"condition": api.ConditionSocketLost}}
		if text := checkText(&c, clock); text.what == unknownText(code, c.Args) {
			t.Errorf("check %q has no words", code)
		}
	}
	for _, right := range codes(t, "checks.go", "Right") {
		if rightTodo(right) == "" {
			t.Errorf("right %q has no words", right)
		}
	}
	for _, reason := range append(codes(t, "change.go", "Changed"), codes(t, "change.go", "Closed")...) {
		if changeText(reason) == reason && closedText(reason) == reason {
			t.Errorf("reason %q has no words", reason)
		}
	}
}

func TestWhen(t *testing.T) {
	c := clockwork{now(), time.UTC}
	for _, x := range []struct{ got, want string }{
		{c.ago(now()), "just now"},
		{c.ago(*before(40 * time.Second)), "40 seconds ago, at 17:19"},
		{c.ago(*before(3 * time.Minute)), "3 minutes ago, at 17:17"},
		{c.ago(*before(89 * time.Minute)), "89 minutes ago, at 15:51"},
		{c.ago(*before(90 * time.Minute)), "2 hours ago, at 15:50"},
		{c.ago(*before(20 * time.Hour)), "20 hours ago, at 2026-11-24 21:20"},
		{c.ago(*before(50 * time.Hour)), "2 days ago, at 2026-11-23 15:20"},
		{c.ago(*after(time.Hour)), "at 18:20"},
		{c.until(*after(57 * time.Minute)), "in 57 minutes"},
		{c.until(now()), "due now"},
		{c.given("2026-11-25T15:20:30Z"), "2026-11-25 15:20"},
		{c.given("soon"), "soon"},
		{daysOld("2026-11-25", now()), "new"},
		{daysOld("2026-11-24", now()), "1 day old"},
		{daysOld("never", now()), "of an unknown age"},
		{bytesText(1023), "1023 bytes"},
		{bytesText(1536), "1.5 KiB"},
		{bytesText(250 << 30), "250.0 GiB"},
		{bytesText(1 << 63), "8192.0 PiB"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"", 10, ""},
		{"a b c", 3, "a b|c"},
		{"a averyverylongword b", 5, "a|averyverylongword|b"},
		{"微信 微信 微信", 9, "微信 微信|微信"}, // wide letters count twice
		{"\x1b[1mbold\x1b[0m text", 9, "\x1b[1mbold\x1b[0m text"},
	} {
		if got := strings.Join(wrap(c.text, c.columns), "|"); got != c.want {
			t.Errorf("%q in %d columns: got %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}

func TestAdviceWhereNoAgentAnswers(t *testing.T) {
	for _, c := range []struct{ code, socket, want string }{
		{"absent", api.DefaultSocket(), "is it installed? sudo beagle service install"},
		{"stopped", api.DefaultSocket(), "it has stopped: sudo beagle service start"},
		// The service would not listen there.
		{"absent", "/tmp/s", "that of the system is asked without --socket"},
		{"stopped", "/tmp/s", "that of the system is asked without --socket"},
		{"untrusted", "/tmp/s", "do not trust"},
		{"silent", "/tmp/s", "beagle doctor"},
	} {
		want := strings.ReplaceAll(c.want, "sudo beagle service", howToBeAdmin("beagle service"))
		if got := reachAdvice(c.code, c.socket); !strings.Contains(got, want) {
			t.Errorf("%s at %s: got %q, want %q", c.code, c.socket, got, want)
		}
	}
}

func TestWhatIsToBeLookedAt(t *testing.T) {
	coverage := aCheck(api.CheckCoverage, api.CheckWarning, "count", "2")
	for _, c := range []struct {
		name   string
		checks []api.Check
		want   int
	}{
		{"nothing", healthy(), 0},
		{"areas of others, which are not told", []api.Check{coverage}, 1},
		{"areas that are told", []api.Check{coverage, aCheck(api.CheckAccess, api.CheckWarning), aCheck(api.CheckArea, api.CheckWarning)}, 2},
		{"something else beside them", []api.Check{coverage, aCheck(api.CheckDisk, api.CheckError), aCheck(api.CheckClock, api.CheckUnknown)}, 2},
	} {
		if got := toLookAt(c.checks); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestHeadlines(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*api.Snapshot)
		want   string
	}{
		{"pending", func(s *api.Snapshot) { s.Summary.Pending = 1 }, "1 app that was found is to be banned"},
		{"unconfirmed", func(s *api.Snapshot) { s.Summary.Unconfirmed = 2 }, "2 things look like a banned app"},
		{"lifted", func(s *api.Snapshot) { s.Summary.Lifted = 2 }, "This machine is fine"},
		{"prohibited beside much else", func(s *api.Snapshot) { s.Summary = api.Summary{Prohibited: 2, Pending: 1} }, "2 prohibited apps were found"},
		{"never looked", func(s *api.Snapshot) { s.LastSweep = nil }, "Not known yet"},
		{"prohibited before the first look is done", func(s *api.Snapshot) { s.LastSweep, s.Summary.Prohibited = nil, 1 }, "1 prohibited app was found"},
	} {
		s := fine()
		c.change(&s)
		if _, got := headline(&s); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTogether(t *testing.T) {
	for areas, want := range map[string]string{
		"finished skipped":    "finished",
		"skipped skipped":     "skipped",
		"failed skipped":      "failed",
		"unreachable":         "failed",
		"failed finished":     "partial",
		"partial":             "partial",
		"unreachable partial": "partial",
	} {
		var list []api.Area
		for status := range strings.FieldsSeq(areas) {
			list = append(list, api.Area{Status: status})
		}
		if got := together(list); got != want {
			t.Errorf("%s: got %s, want %s", areas, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	// Given forms that are harmless, then they stay; given anything else, it goes.
	for _, c := range []struct {
		form func(string) string
		text string
		kept bool
	}{
		{code, "not_permitted", true}, {code, "fanotify+polling", false}, {code, "Alice", false}, {code, "a b", false},
		{mode, "fanotify+polling", true}, {mode, "alice", false},
		{amount, "12", true}, {amount, "4.7", true}, {amount, "10m0s", true}, {amount, "100000 entries", true}, {amount, "12 alice", false},
		{version, "1.0.0", true}, {version, "alice", false},
		{moment, "2026-11-25", true}, {moment, "2026-11-25T15:20:30Z", true}, {moment, "2026-11-25 alice", false},
		{plainValue, "30m", true}, {plainValue, "1h30m", true}, {plainValue, "3 entries", true}, {plainValue, "[alice]", false}, {plainValue, "alice", false},
		{place, "/etc/beagle/settings.yaml:12", true}, {place, "/home/alice/settings.yaml", false}, {place, "BEAGLE_LIMITS_CPU", true},
		{place, `C:\ProgramData\Beagle\settings.yaml`, true}, {place, "ALICE", false},
		{place, "/Library/Managed Preferences/beagle.agent.plist", true}, {place, `HKLM\Software\Policies\Beagle\limits\cpu`, true},
		{ofSystem, api.DefaultSocket(), true}, {ofSystem, "root", true}, {ofSystem, "alice", false},
	} {
		want := leftOut
		if c.kept {
			want = c.text
		}
		if got := c.form(c.text); got != want {
			t.Errorf("%q: got %q, want %q", c.text, got, want)
		}
	}
	if got := cause("open /home/alice/x: Permission denied"); got != "permission denied" {
		t.Errorf("cause: got %q", got)
	}
	if got := cause("alice fell"); got != "" {
		t.Errorf("cause: got %q", got)
	}
}
