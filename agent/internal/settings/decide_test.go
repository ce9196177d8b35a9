package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/agent/internal/settings"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

func decide(t *testing.T, text string) ([]policy.Policy, policy.Question, error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "beagle")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // which Wine cannot
	path := filepath.Join(dir, "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := settings.Load(path)
	if err != nil {
		return nil, policy.Question{}, err
	}
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return s.Decide(policy.Embedded(), index)
}

func TestWhatReplacesTheDefault(t *testing.T) {
	for _, c := range []struct {
		name, text  string
		withDefault bool
	}{
		{"nothing decided", "", true},
		{"only leftovers counted", "count_residue: true\n", true},
		{"a kind", "organisation: {kinds: [us-person]}\n", false},
		{"a ban", "bans: [{app: tiktok, since: 2025-01-01}]\n", false},
		{"an adopted law", "policies: [US-EO-13971]\n", false},
		{"a kind, and the default by name", "organisation: {kinds: [us-person]}\npolicies: [default]\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			policies, _, err := decide(t, c.text)
			if err != nil {
				t.Fatal(err)
			}
			has := false
			for _, p := range policies {
				has = has || p.ID == policy.DefaultID
			}
			if has != c.withDefault {
				t.Errorf("default in force: %v, want %v", has, c.withDefault)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	const exemption = "exemptions:\n  - {app: tiktok, policy: default, reason: r, approver: a, expires: 2027-01-01}\n"
	for _, c := range []struct{ name, text, want string }{
		{"an unknown key", "organization: {}\n", `settings.yaml:1: organization: unknown key; did you mean "organisation"?`},
		{"an impossible date", "bans: [{app: tiktok, since: 2025-02-30}]\n", `settings.yaml:1: bans[0].since: "2025-02-30": want a day of the calendar`},
		{"a ban without a date", "bans: [{app: tiktok}]\n", `settings.yaml:1: bans[0].since: is missing`},
		{"a ban of an unknown app", "bans: [{app: x, since: 2025-01-01}]\n", `settings.yaml:1: bans[0].app: there is no app "x" in the catalog`},
		{"an unknown policy", "policies: [x]\n", `settings.yaml:1: policies[0]: there is no policy "x"`},
		{"no reason", strings.Replace(exemption, "reason: r, ", "", 1), "settings.yaml:2: exemptions[0].reason: is missing"},
		{"no approver", strings.Replace(exemption, "approver: a, ", "", 1), "settings.yaml:2: exemptions[0].approver: is missing"},
		{"no expiry", strings.Replace(exemption, ", expires: 2027-01-01", "", 1), "settings.yaml:2: exemptions[0].expires: is missing"},
		{"of an unknown app", strings.Replace(exemption, "tiktok", "x", 1), `settings.yaml:1: exemptions[0].app: there is no app "x"`},
		{"from a policy not in force", "organisation: {kinds: [us-person]}\n" + exemption, `settings.yaml:2: exemptions[0].policy: there is no policy "default" in force`},
		{"from a law without its own exception", strings.Replace(exemption, "default", "US-EO-13942", 1), "is law, which a company waiver cannot lift"},
		{"an empty reason", strings.Replace(exemption, "reason: r", "reason: ''", 1), "settings.yaml:2: exemptions[0].reason: is missing"},
		{"an unknown kind", "count_residue: true\norganisation: {kinds: [us-state-agnecy:TX]}\n", `settings.yaml:2: organisation.kinds[0]: "us-state-agnecy:TX" is no kind of organisation; did you mean "us-state-agency:TX"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := decide(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestBansBecomeAPolicy(t *testing.T) {
	policies, q, err := decide(t, "organisation: {name: Example}\nbans: [{app: tiktok, since: 2025-03-01}, {app: wechat, since: 2025-01-01}]\n")
	if err != nil {
		t.Fatal(err)
	}
	q.On, q.Known = "2025-02-01", "2025-02-01"
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for app, want := range map[string]policy.Ruling{"wechat": policy.Prohibited, "tiktok": policy.Pending, "alipay": policy.Allowed} {
		entry, _ := index.App(app)
		if got := policy.Worst(policy.Judge(policies, policy.Present(entry), q)); got != want {
			t.Errorf("%s: got %s, want %s", app, got, want)
		}
	}
}
