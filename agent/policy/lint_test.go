package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"beagle/agent/policy"
)

// TestLint shows each complaint on a policy that is right but for one thing.
func TestLint(t *testing.T) {
	good := func() policy.Policy {
		return rule(event("2025-01-01", policy.Signed), event("2025-02-01", policy.Effective))
	}
	for _, c := range []struct {
		name  string
		spoil func(*policy.Policy)
		want  []string
	}{
		{"nothing", func(*policy.Policy) {}, nil},
		{"fields missing", func(p *policy.Policy) { p.Title, p.Citation = "", "" }, []string{"title is missing", "citation is missing"}},
		{"nature", func(p *policy.Policy) { p.Nature = "custom" }, []string{`nature is "custom", want law or company`}},
		{"binds nobody", func(p *policy.Policy) { p.OrgKinds = nil }, []string{"names apps but binds no kind of organisation"}},
		{"unknown act", func(p *policy.Policy) { p.Acts = append(p.Acts, "like") },
			[]string{`act 2: unknown act "like", want one of [install use network-access byod distribute host transact download procure maintain]`}},
		{"relevant without an act", func(p *policy.Policy) { p.Acts = []string{"transact"} },
			[]string{"device_relevant, but none of install, use and byod is forbidden"}},
		{"no events", func(p *policy.Policy) { p.Events = nil }, []string{"events are missing: a policy without a timeline cannot be judged"}},
		{"order", func(p *policy.Policy) { p.Events[1].Date = "2024-12-31" }, []string{"event 2 (2024-12-31): earlier than the event before it"}},
		{"no date", func(p *policy.Policy) { p.Events[0].Date = "" }, []string{"event 1: no date"}},
		{"status", func(p *policy.Policy) { p.Events[0].Status = "upheld" }, []string{
			`event 1 (2025-01-01): unknown status "upheld", want one of [signed announced amended effective enjoined vacated suspended revoked superseded expired extended]`}},
		{"no source", func(p *policy.Policy) { p.Events[0].Source = "" }, []string{"event 1 (2025-01-01): text and source are needed"}},
		{"confidence", func(p *policy.Policy) { p.Events[0].Confidence = "sure" }, []string{`event 1 (2025-01-01): unknown confidence "sure", want one of [high medium low unsourced]`}},
		{"ends before it begins", func(p *policy.Policy) { p.Events[1].Until = "2025-01-31" },
			[]string{"event 2 (2025-02-01): until 2025-01-31 is before it begins"}},
		{"extended to nowhere", func(p *policy.Policy) { p.Events[1].Status = policy.Extended },
			[]string{"event 2 (2025-02-01): extended without until"}},
		{"kind not bound", func(p *policy.Policy) { p.OrgKinds, p.Events[1].OrgKind = []string{"town"}, "school" },
			[]string{`event 2 (2025-02-01): org_kind "school" is not bound by the policy`}},
		{"app twice", func(p *policy.Policy) { p.Apps = append(p.Apps, p.Apps[0]) }, []string{`app "wechat" is listed twice`}},
		{"app without id", func(p *policy.Policy) { p.Apps = []policy.Named{{Name: "Chat"}} }, []string{`app "Chat" has no id`}},
		{"app nobody describes", func(p *policy.Policy) { p.Apps = []policy.Named{{ID: "deepseek"}} },
			[]string{`app "deepseek" is in no catalog entry: give its name`}},
		{"app only the policy names", func(p *policy.Policy) { p.Apps = []policy.Named{{ID: "deepseek", Name: "DeepSeek"}} }, nil},
		{"companies", func(p *policy.Policy) { p.Companies = []policy.Covered{{ID: "tencent"}, {ID: "tencent"}, {}} },
			[]string{`company "tencent" is listed twice`, "a company has no id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a policy with one mistake, when it is linted, then that mistake is all there is.
			p := good()
			c.spoil(&p)
			var got []string
			for _, problem := range policy.Lint(&policy.Set{Policies: []policy.Policy{p}}, stubIndex(t)) {
				got = append(got, problem.Text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	// And an id may be used once in a set.
	problems := policy.Lint(&policy.Set{Policies: []policy.Policy{good(), good()}}, stubIndex(t))
	if len(problems) != 1 || problems[0].String() != "TEST: the id is used twice" {
		t.Errorf("got %v, want the id used twice", problems)
	}
}
