package policy_test

import (
	"testing"

	"beagle/agent/policy"
)

func TestKnownKinds(t *testing.T) {
	own := []policy.Policy{{OrgKinds: []string{"our-own-kind", "any"}}}
	for kind, want := range map[string]bool{
		"us-state-agency:TX": true, "us-state-agency:NH": true, "us-state-agency:TZ": false, "us-state-agency": false,
		"gov:CA": true, "gov": false, "gov:Canada": false, "private-company": true, "private-company:IN": true,
		"us-house": true, "us-person": true, "us-peson": false, "any": false, "any:IN": true, "": false,
		"our-own-kind": true, "us-person:TX": false,
	} {
		if got := policy.KnownKind(kind, own); got != want {
			t.Errorf("%q: got %v, want %v", kind, got, want)
		}
	}
	// Every kind that a shipped policy binds can be said.
	for _, p := range policy.Embedded().Policies {
		for _, kind := range p.OrgKinds {
			if kind != "any" && !policy.KnownKind(kind, nil) {
				t.Errorf("%s binds %q, which is not in the vocabulary", p.ID, kind)
			}
		}
	}
}

func TestAnswersElsewhere(t *testing.T) {
	// Given a law that began on different days for two kinds,
	set := policy.Embedded()
	law, ok := set.Find("US-NO-TIKTOK-GOV-DEVICES")
	if !ok {
		t.Fatal("no such policy")
	}
	// when somebody whom it does not bind asks on a day between them,
	q := policy.Question{On: "2023-05-01", Known: "2023-05-01", OrgKinds: []string{"us-person"}}
	verdicts := policy.Judge([]policy.Policy{*law}, policy.Present(app(t, "tiktok")), q)
	// then each kind has its own answer.
	answers := policy.ParseAnswers(verdicts[0].Reason.Args["answers"])
	if len(answers) != 2 || answers[0].Ruling != policy.Prohibited || answers[0].Since != "2023-03-29" || answers[1].Ruling != policy.Pending {
		t.Errorf("got %+v", answers)
	}
}
