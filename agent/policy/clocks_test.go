package policy_test

import (
	"slices"
	"testing"

	"beagle/agent/policy"
)

// answer is what was known of a law date on some day.
type answer struct {
	known  policy.Date
	ruling policy.Ruling
	code   string
	args   map[string]string // those that matter
}

// TestTwoClocks asks about one law date as of different days of knowledge.
func TestTwoClocks(t *testing.T) {
	retroactive := event("2025-01-19", policy.Suspended)
	retroactive.Learnt = "2025-01-20"
	rescissionAlone := find(t, "US-EO-13942")
	rescissionAlone.Events = slices.DeleteFunc(slices.Clone(rescissionAlone.Events), func(ev policy.Event) bool { return ev.By == "US-EO-14034" })
	cases := []struct {
		name    string
		policy  policy.Policy
		app     string
		kind    string
		on      policy.Date
		answers []answer
	}{
		{
			name:   "the deadline of the agencies was known a month ahead",
			policy: find(t, "US-NO-TIKTOK-GOV-DEVICES"), app: "tiktok", kind: "us-federal-executive-agency", on: "2023-03-29",
			answers: []answer{
				{known: "2022-12-28", ruling: policy.Allowed, code: policy.CodeNotMadeYet},
				{known: "2023-02-26", ruling: policy.Pending, code: policy.CodeAnnounced},
				{known: "2023-02-27", ruling: policy.Prohibited, code: policy.CodeNamed},
			},
		},
		{
			name:   "the clause for contractors took effect on the day it was published",
			policy: find(t, "US-NO-TIKTOK-GOV-DEVICES"), app: "tiktok", kind: "us-federal-contractor", on: "2023-06-02",
			answers: []answer{
				{known: "2023-06-01", ruling: policy.Pending, code: policy.CodeAnnounced},
				{known: "2023-06-02", ruling: policy.Prohibited, code: policy.CodeNamed},
			},
		},
		{
			name:   "enforcement suspended from the day before the order",
			policy: rule(event("2025-01-01", policy.Effective), retroactive), app: "wechat", kind: "anyone", on: "2025-01-19",
			answers: []answer{
				{known: "2025-01-19", ruling: policy.Prohibited, code: policy.CodeNamed},
				{known: "2025-01-20", ruling: policy.SuspendedNow, code: policy.CodeNotEnforced, args: map[string]string{"since": "2025-01-19"}},
			},
		},
		{
			name:   "the rescission by Commerce became public five days after it took effect",
			policy: rescissionAlone, app: "tiktok", kind: "us-person", on: "2021-06-18",
			answers: []answer{
				{known: "2021-06-20", ruling: policy.SuspendedNow, code: policy.CodeEnjoined},
				{known: "2021-06-21", ruling: policy.Lifted, code: policy.CodeNeverBegan, args: map[string]string{"since": "2021-06-16", "by": "Department of Commerce"}},
			},
		},
		{
			name:   "an order that was revoked stays revoked by the order that did it",
			policy: find(t, "US-EO-13942"), app: "tiktok", kind: "us-person", on: "2021-06-30",
			answers: []answer{
				{known: "2021-06-08", ruling: policy.SuspendedNow, code: policy.CodeEnjoined},
				{known: "2021-06-09", ruling: policy.Lifted, code: policy.CodeNeverBegan, args: map[string]string{"since": "2021-06-09", "by": "US-EO-14034"}},
				{known: "2021-06-21", ruling: policy.Lifted, code: policy.CodeNeverBegan, args: map[string]string{"since": "2021-06-09", "by": "US-EO-14034"}},
			},
		},
		{
			name:   "a start was put off on the last day",
			policy: find(t, "US-EO-13942"), app: "tiktok", kind: "us-person", on: "2020-09-21",
			answers: []answer{
				{known: "2020-09-17", ruling: policy.Pending, code: policy.CodeConditionOpen, args: map[string]string{"starts": "2020-09-20"}},
				{known: "2020-09-18", ruling: policy.Pending, code: policy.CodeStarts, args: map[string]string{"starts": "2020-09-20", "condition": ""}},
				{known: "2020-09-19", ruling: policy.Pending, code: policy.CodeStarts, args: map[string]string{"starts": "2020-09-27", "condition": ""}},
			},
		},
		{
			name:   "nobody could know in March that the order would be revoked in June",
			policy: find(t, "US-EO-13971"), app: "wps-office", kind: "us-person", on: "2021-06-10",
			answers: []answer{
				{known: "2021-03-01", ruling: policy.Pending, code: policy.CodeConditionOpen, args: map[string]string{"starts": "2021-02-19"}},
				{known: "2021-06-09", ruling: policy.Lifted, code: policy.CodeNeverBegan, args: map[string]string{"since": "2021-06-09"}},
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, a := range c.answers {
				// Given what was known by a day, when the same law date is judged, then the answer is that day's.
				v := one(t, c.policy, policy.Present(app(t, c.app)), policy.Question{On: c.on, Known: a.known, OrgKinds: []string{c.kind}})
				if v.Ruling != a.ruling || v.Reason.Code != a.code {
					t.Errorf("known %s: got %s, %s; want %s, %s", a.known, v.Ruling, v.Reason.Code, a.ruling, a.code)
				}
				for name, want := range a.args {
					if got := v.Reason.Args[name]; got != want {
						t.Errorf("known %s: reason says %s=%q, want %q", a.known, name, got, want)
					}
				}
			}
		})
	}
}
