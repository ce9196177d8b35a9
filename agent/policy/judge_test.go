package policy_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// today is the day asked about wherever the day does not matter.
const today policy.Date = "2025-06-15"

func asking(kinds ...string) policy.Question {
	return policy.Question{On: today, Known: today, OrgKinds: kinds}
}

func inForce() policy.Policy { return rule(event("2025-01-01", policy.Effective)) }

// found is a finding of WeChat with these presences.
func found(t testing.TB, confidence catalog.Confidence, presence ...catalog.Presence) policy.Subject {
	t.Helper()
	return policy.Subject{App: app(t, "wechat"), Owner: "alice", Presence: presence, Confidence: confidence}
}

func TestRulingsAreInTheOrderOfTheDesign(t *testing.T) {
	// Given the order that the design sets, the worst first.
	want := []policy.Ruling{"prohibited", "pending", "suspended", "exempt", "unconfirmed", "lifted", "allowed", "not_applicable"}
	if diff := cmp.Diff(want, policy.Rulings()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	for i, worse := range want {
		for n, better := range want {
			// When two are compared, then Worse and Worst follow it whatever stands first.
			if got := worse.Worse(better); got != (i < n) {
				t.Errorf("%s.Worse(%s) = %v", worse, better, got)
			}
			if got := policy.Worst([]policy.Verdict{{Ruling: better}, {Ruling: worse}}); got != want[min(i, n)] {
				t.Errorf("worst of %s and %s = %s", better, worse, got)
			}
		}
	}
	if got := policy.Worst(nil); got != policy.Allowed {
		t.Errorf("worst of nothing = %s, want allowed", got)
	}
}

// TestJudge reaches every ruling by every reason.
func TestJudge(t *testing.T) {
	signed := event("2025-01-01", policy.Signed)
	planned, conditional := signed, signed
	planned.Starts = "2025-09-01"
	conditional.Starts, conditional.Condition = "2025-02-01", "a list is made"
	listed := inForce()
	listed.Apps[0].Since = "2025-09-01"
	otherActs := inForce()
	otherActs.Acts, otherActs.DeviceRelevant = []string{"transact"}, false
	others := inForce()
	others.OrgKinds = []string{"us-dod", "us-house"}
	unnamed := inForce()
	unnamed.Apps = nil
	waived := asking("anyone")
	waived.Exemptions = []policy.Exemption{{App: "wechat", Policy: "TEST", Approver: "bob", Reason: "research", Expires: "2025-12-31", LegalBasis: "section 2"}}
	certain := found(t, catalog.Certain, catalog.Installed)
	for _, c := range []struct {
		name    string
		policy  policy.Policy
		subject policy.Subject
		q       policy.Question
		ruling  policy.Ruling
		reason  policy.Reason
	}{
		{"in force", inForce(), certain, asking("anyone"), policy.Prohibited,
			because(policy.CodeNamed, "authority", "a legislator", "since", "2025-01-01")},
		{"likely is enough", inForce(), found(t, catalog.Likely, catalog.Running), asking("anyone"), policy.Prohibited,
			because(policy.CodeNamed, "authority", "a legislator", "since", "2025-01-01")},
		{"begins later", rule(planned), certain, asking("anyone"), policy.Pending, because(policy.CodeStarts, "starts", "2025-09-01")},
		{"condition open", rule(conditional), certain, asking("anyone"), policy.Pending,
			because(policy.CodeConditionOpen, "starts", "2025-02-01", "condition", "a list is made")},
		{"start passed, no condition", rule(starting("2025-01-01", "2025-02-01")), certain, asking("anyone"), policy.Pending,
			because(policy.CodeStarts, "starts", "2025-02-01")},
		{"no start set", rule(signed), certain, asking("anyone"), policy.Pending, because(policy.CodeAnnounced, "since", "2025-01-01")},
		{"listed later", listed, certain, asking("anyone"), policy.Pending, because(policy.CodeListedFrom, "since", "2025-09-01")},
		{"enjoined", rule(event("2025-01-01", policy.Effective), by(event("2025-03-01", policy.Enjoined), "A v. B")), certain, asking("anyone"), policy.SuspendedNow,
			because(policy.CodeEnjoined, "since", "2025-03-01", "by", "A v. B", "status", "enjoined", "text", "text")},
		{"not enforced", rule(event("2025-01-01", policy.Effective), event("2025-03-01", policy.Suspended)), certain, asking("anyone"), policy.SuspendedNow,
			because(policy.CodeNotEnforced, "since", "2025-03-01", "status", "suspended", "text", "text")},
		{"exempt", inForce(), certain, waived, policy.Exempt,
			because(policy.CodeExempted, "approver", "bob", "expires", "2025-12-31", "reason", "research", "legal_basis", "section 2")},
		{"only possible", inForce(), found(t, catalog.Possible, catalog.Running), asking("anyone"), policy.Unconfirmed, because(policy.CodeOnlyPossible)},
		{"revoked", rule(event("2025-01-01", policy.Effective), by(event("2025-03-01", policy.Revoked), "ACT 2")), certain, asking("anyone"), policy.Lifted,
			because(policy.CodeRevoked, "since", "2025-03-01", "by", "ACT 2", "status", "revoked", "text", "text")},
		{"superseded", rule(event("2025-01-01", policy.Effective), event("2025-03-01", policy.Superseded)), certain, asking("anyone"), policy.Lifted,
			because(policy.CodeSuperseded, "since", "2025-03-01", "status", "superseded", "text", "text")},
		{"vacated", rule(event("2025-01-01", policy.Effective), event("2025-03-01", policy.Vacated)), certain, asking("anyone"), policy.Lifted,
			because(policy.CodeVacated, "since", "2025-03-01", "status", "vacated", "text", "text")},
		{"expired", rule(event("2025-01-01", policy.Effective), event("2025-03-01", policy.Expired)), certain, asking("anyone"), policy.Lifted,
			because(policy.CodeExpired, "since", "2025-03-01", "status", "expired", "text", "text")},
		{"ran out", rule(until(event("2025-01-01", policy.Effective), "2025-02-28")), certain, asking("anyone"), policy.Lifted,
			because(policy.CodeExpired, "since", "2025-03-01")},
		{"never began", rule(signed, event("2025-03-01", policy.Revoked)), certain, asking("anyone"), policy.Lifted,
			because(policy.CodeNeverBegan, "since", "2025-03-01", "status", "revoked", "text", "text")},
		{"residue", inForce(), found(t, catalog.Certain, catalog.Residue), asking("anyone"), policy.Allowed, because(policy.CodeResidueOnly)},
		{"installer", inForce(), found(t, catalog.Certain, catalog.Installer), asking("anyone"), policy.Allowed, because(policy.CodeInstallerOnly)},
		{"not covered", unnamed, certain, asking("anyone"), policy.Allowed, because(policy.CodeNotCovered)},
		{"not made yet", rule(event("2025-09-01", policy.Effective)), certain, asking("anyone"), policy.Allowed, because(policy.CodeNotMadeYet)},
		{"not listed yet", listed, certain, policy.Question{On: today, Known: "2025-09-01", OrgKinds: []string{"anyone"}}, policy.Allowed,
			because(policy.CodeNotListedYet, "since", "2025-09-01")},
		{"other organisations", others, certain, asking("anyone"), policy.NotApplicable, because(policy.CodeOtherKinds, "kinds", "us-dod, us-house", "answers", "us-dod,us-house|prohibited|2025-01-01")},
		{"other acts", otherActs, certain, asking("anyone"), policy.NotApplicable, because(policy.CodeOtherActs, "acts", "transact")},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a rule and a finding, when it is judged, then ruling and reason travel together.
			v := one(t, c.policy, c.subject, c.q)
			want(t, v, c.ruling, c.reason.Code)
			if diff := cmp.Diff(c.reason.Args, v.Reason.Args); diff != "" {
				t.Errorf("arguments of the reason (-want +got):\n%s", diff)
			}
		})
	}
}

func because(code string, pairs ...string) policy.Reason {
	args := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		args[pairs[i]] = pairs[i+1]
	}
	return policy.Reason{Code: code, Args: args}
}

func by(ev policy.Event, who string) policy.Event {
	ev.By = who
	return ev
}

func TestRuleAboutOtherActsNeverProhibits(t *testing.T) {
	// Given a rule in every legal state that forbids nothing on a device.
	for _, status := range policy.Statuses() {
		p := rule(event("2025-01-01", policy.Effective), event("2025-02-01", status))
		p.DeviceRelevant = false
		for _, presence := range catalog.Presences() {
			// When a certain finding is judged, then it is never prohibited nor in need of an exemption.
			v := one(t, p, found(t, catalog.Certain, presence), asking("anyone"))
			if v.Ruling == policy.Prohibited || v.Ruling == policy.Exempt || v.Ruling == policy.Unconfirmed {
				t.Errorf("%s, %s: %s", status, presence, v.Ruling)
			}
		}
	}
}

func TestLeftoversAndDownloadsCountOnRequest(t *testing.T) {
	residue, installer := catalog.Residue, catalog.Installer
	for _, c := range []struct {
		name                string
		presence            []catalog.Presence
		residues, installer bool
		ruling              policy.Ruling
		code                string
	}{
		{"residue", []catalog.Presence{residue}, false, false, policy.Allowed, policy.CodeResidueOnly},
		{"residue, installers count", []catalog.Presence{residue}, false, true, policy.Allowed, policy.CodeResidueOnly},
		{"residue counts", []catalog.Presence{residue}, true, false, policy.Prohibited, policy.CodeNamed},
		{"installer", []catalog.Presence{installer}, false, false, policy.Allowed, policy.CodeInstallerOnly},
		{"installer, residue counts", []catalog.Presence{installer}, true, false, policy.Allowed, policy.CodeInstallerOnly},
		{"installer counts", []catalog.Presence{installer}, false, true, policy.Prohibited, policy.CodeNamed},
		{"both", []catalog.Presence{installer, residue}, false, false, policy.Allowed, policy.CodeInstallerOnly},
		{"both, residue counts", []catalog.Presence{installer, residue}, true, false, policy.Prohibited, policy.CodeNamed},
		{"both, installers count", []catalog.Presence{installer, residue}, false, true, policy.Prohibited, policy.CodeNamed},
		{"running beside residue", []catalog.Presence{catalog.Running, residue}, false, false, policy.Prohibited, policy.CodeNamed},
		{"a web app", []catalog.Presence{catalog.WebApp}, false, false, policy.Prohibited, policy.CodeNamed},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given settings about leftovers and downloads, when a finding is judged, then only what counts is banned.
			q := asking("anyone")
			q.CountResidue, q.CountInstallers = c.residues, c.installer
			want(t, one(t, inForce(), found(t, catalog.Certain, c.presence...), q), c.ruling, c.code)
		})
	}
}

func TestExemptions(t *testing.T) {
	valid := policy.Exemption{App: "wechat", Policy: "TEST", Approver: "bob", Reason: "research", Expires: today}
	for _, c := range []struct {
		name   string
		nature policy.Nature
		change func(*policy.Exemption)
		owner  string
		ruling policy.Ruling
	}{
		{"a company lifts its own rule", policy.Company, nil, "alice", policy.Exempt},
		{"a company lifts no law", policy.Law, nil, "alice", policy.Prohibited},
		{"the law lifts the law", policy.Law, func(ex *policy.Exemption) { ex.LegalBasis = "section 2(b)" }, "alice", policy.Exempt},
		{"expired yesterday", policy.Company, func(ex *policy.Exemption) { ex.Expires = "2025-06-14" }, "alice", policy.Prohibited},
		{"without an expiry", policy.Company, func(ex *policy.Exemption) { ex.Expires = "" }, "alice", policy.Prohibited},
		{"for another app", policy.Company, func(ex *policy.Exemption) { ex.App = "tiktok" }, "alice", policy.Prohibited},
		{"for another policy", policy.Company, func(ex *policy.Exemption) { ex.Policy = "default" }, "alice", policy.Prohibited},
		{"for this owner", policy.Company, func(ex *policy.Exemption) { ex.Owners = []string{"carol", "alice"} }, "alice", policy.Exempt},
		{"for another owner", policy.Company, func(ex *policy.Exemption) { ex.Owners = []string{"carol"} }, "alice", policy.Prohibited},
		{"for a user, found on the machine", policy.Company, func(ex *policy.Exemption) { ex.Owners = []string{"alice"} }, catalog.MachineOwner, policy.Prohibited},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a rule in force and an exemption.
			p, ex := inForce(), valid
			p.Nature = c.nature
			if c.change != nil {
				c.change(&ex)
			}
			q := asking("anyone")
			q.Exemptions = []policy.Exemption{ex}
			// When a finding of an owner is judged, then the exemption reaches as far as it says.
			s := found(t, catalog.Certain, catalog.Installed)
			s.Owner = c.owner
			if v := one(t, p, s, q); v.Ruling != c.ruling {
				t.Errorf("got %s (%s), want %s", v.Ruling, v.Reason.Code, c.ruling)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	// Given a rule that is in force for schools, stopped for towns, and pending for the others.
	p := rule(event("2025-01-01", policy.Signed),
		forKind(event("2025-02-01", policy.Effective), "school"),
		forKind(event("2025-02-01", policy.Effective), "town"), forKind(event("2025-03-01", policy.Suspended), "town"))
	p.OrgKinds = []string{"school", "town", "any:OH"}
	for _, c := range []struct {
		name   string
		bound  []string
		kinds  []string
		ruling policy.Ruling
		code   string
	}{
		{"one kind", p.OrgKinds, []string{"town"}, policy.SuspendedNow, policy.CodeNotEnforced},
		{"the worst of several", p.OrgKinds, []string{"town", "company:OH", "school"}, policy.Prohibited, policy.CodeNamed},
		{"everyone of a place", p.OrgKinds, []string{"company:OH"}, policy.Pending, policy.CodeAnnounced},
		{"everyone of a place, asked so", p.OrgKinds, []string{"any:OH"}, policy.Pending, policy.CodeAnnounced},
		{"another place", p.OrgKinds, []string{"company:OHX", "OH"}, policy.NotApplicable, policy.CodeOtherKinds},
		{"one of several is bound", p.OrgKinds, []string{"bank", "school"}, policy.Prohibited, policy.CodeNamed},
		{"no kind", p.OrgKinds, nil, policy.NotApplicable, policy.CodeOtherKinds},
		{"any binds who said nothing", []string{"any"}, nil, policy.Pending, policy.CodeAnnounced},
		{"any binds every kind, with its own events", []string{"any"}, []string{"school"}, policy.Prohibited, policy.CodeNamed},
	} {
		t.Run(c.name, func(t *testing.T) {
			// When organisations of several kinds ask, then the worst answer for any of them stands.
			p.OrgKinds = c.bound
			want(t, one(t, p, found(t, catalog.Certain, catalog.Installed), asking(c.kinds...)), c.ruling, c.code)
		})
	}
}

func TestAdopted(t *testing.T) {
	// Given a law that binds others, with a date of its own for each of them.
	p := rule(forKind(event("2025-01-01", policy.Signed), "town"), forKind(event("2025-02-01", policy.Effective), "school"))
	p.OrgKinds = []string{"town", "school"}
	q := asking("private-company")
	want(t, one(t, p, found(t, catalog.Certain, catalog.Installed), q), policy.NotApplicable, policy.CodeOtherKinds)
	// When a company adopts it, then it binds as it binds the one it binds hardest.
	q.Adopted = []string{"OTHER", "TEST"}
	want(t, one(t, p, found(t, catalog.Certain, catalog.Installed), q), policy.Prohibited, policy.CodeNamed)
}

func TestCoverage(t *testing.T) {
	p := inForce()
	p.Apps = []policy.Named{{ID: "lemon8", Since: "2025-05-01"}, {ID: "wecom", Since: "2025-09-01"}}
	p.Companies = []policy.Covered{
		{ID: "alibaba", Affiliates: true, Since: "2025-02-01"}, {ID: "ant-group", Since: "2025-04-01"},
		{ID: "bytedance", Since: "2025-03-01"}, {ID: "tencent", Since: "2025-07-01"},
	}
	for _, c := range []struct {
		name, app string
		on        policy.Date
		ruling    policy.Ruling
		code      string
		since     policy.Date
	}{
		{"the maker was listed before the app", "lemon8", "2025-04-15", policy.Prohibited, policy.CodeByCompany, "2025-03-01"},
		{"the name outweighs the maker", "lemon8", "2025-05-01", policy.Prohibited, policy.CodeNamed, "2025-05-01"},
		{"the group was listed before the maker", "alipay-hk", "2025-03-31", policy.Prohibited, policy.CodeByAffiliate, "2025-02-01"},
		{"the maker outweighs the group", "alipay-hk", "2025-04-01", policy.Prohibited, policy.CodeByCompany, "2025-04-01"},
		{"not yet by any way", "alipay-hk", "2025-01-31", policy.Pending, policy.CodeListedFrom, ""},
		{"the earlier of two that are to come", "wecom", "2025-06-01", policy.Pending, policy.CodeListedFrom, ""},
		{"an affiliate of a company covered alone", "vmate", "2025-06-01", policy.Prohibited, policy.CodeByAffiliate, "2025-02-01"},
		{"nobody's app", "icalingua", "2025-06-01", policy.Allowed, policy.CodeNotCovered, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given several ways to be covered, when a day is asked about, then the way that holds on it counts.
			found, _ := stubIndex(t).App(c.app)
			v := one(t, p, policy.Present(found), policy.Question{On: c.on, Known: c.on, OrgKinds: []string{"anyone"}})
			want(t, v, c.ruling, c.code)
			if v.Since != c.since {
				t.Errorf("since %s, want %s", v.Since, c.since)
			}
		})
	}
	// And without affiliates only the maker's own apps are meant.
	p.Companies[0].Affiliates = false
	vmate, _ := stubIndex(t).App("vmate")
	if p.Names(vmate) {
		t.Error("an affiliate's app is covered although the policy leaves affiliates out")
	}
}

// TestDefault shows the default policy with the legal history of each app beside it.
func TestDefault(t *testing.T) {
	set := policy.Embedded()
	for _, c := range []struct {
		app   string
		kinds []string
		want  []string
	}{
		{"wps-office", nil, []string{"default prohibited named",
			"US-EO-13971 not_applicable other_kinds", "US-TX-PROHIBITED-TECHNOLOGIES not_applicable other_kinds"}},
		{"tiktok", []string{"private-company"}, []string{"default prohibited named", "US-EO-13942 not_applicable other_kinds",
			"US-NO-TIKTOK-GOV-DEVICES not_applicable other_kinds", "US-TX-PROHIBITED-TECHNOLOGIES not_applicable other_kinds"}},
		{"tiktok", []string{"us-state-agency:TX", "us-person"}, []string{"US-TX-PROHIBITED-TECHNOLOGIES prohibited named", "default prohibited named",
			"US-EO-13942 lifted never_operative", "US-EO-13971 allowed not_covered", "US-NO-TIKTOK-GOV-DEVICES not_applicable other_kinds"}},
		{"icalingua", nil, []string{"default allowed not_covered"}},
	} {
		// Given an organisation that has decided little or nothing, when an app is judged.
		found, _ := index(t).App(c.app)
		verdicts := policy.Judge(set.Policies, policy.Present(found), policy.Question{On: dataDay, Known: dataDay, OrgKinds: c.kinds})
		// Then the worst comes first, and every law about the app is named beside it.
		var got []string
		for _, v := range verdicts {
			got = append(got, v.Policy.ID+" "+string(v.Ruling)+" "+v.Reason.Code)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s for %v (-want +got):\n%s", c.app, c.kinds, diff)
		}
		wantWorst := policy.Ruling("allowed")
		if slices.Contains(c.want, "default prohibited named") {
			wantWorst = policy.Prohibited
		}
		if worst := policy.Worst(verdicts); worst != wantWorst {
			t.Errorf("%s for %v: worst is %s, want %s", c.app, c.kinds, worst, wantWorst)
		}
	}
}

func TestSubjectOf(t *testing.T) {
	// Given a finding, when it becomes a subject, then nothing of what is judged is lost.
	f := catalog.Finding{App: app(t, "wechat"), Owner: "alice", Presence: []catalog.Presence{catalog.Portable}, Confidence: catalog.Likely}
	want := policy.Subject{App: f.App, Owner: "alice", Presence: f.Presence, Confidence: catalog.Likely}
	if diff := cmp.Diff(want, policy.SubjectOf(&f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
