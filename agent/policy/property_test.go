package policy_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"beagle/agent/policy"
)

// TestEveryDay folds every shipped policy for every kind on every day of seven years.
func TestEveryDay(t *testing.T) {
	for _, p := range policy.Embedded().Policies {
		t.Run(p.ID, func(t *testing.T) {
			for _, kind := range append(slices.Clone(p.OrgKinds), "", "private-company") {
				checkEveryDay(t, &p, kind, "2020-01-01", "2027-01-01")
			}
		})
	}
}

// TestRandomTimelines does the same with timelines that no legislator would think of.
func TestRandomTimelines(t *testing.T) {
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 1))
		p := randomPolicy(random)
		checkEveryDay(t, &p, []string{"", "school", "company:OH"}[random.IntN(3)], "2025-01-01", "2025-03-01")
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, p.Events)
		}
	}
}

// checkEveryDay holds the fold to what is true of every timeline.
func checkEveryDay(t *testing.T, p *policy.Policy, kind string, first, last policy.Date) {
	t.Helper()
	forces := []policy.Force{policy.ForceNone, policy.ForcePending, policy.ForceInForce, policy.ForceSuspended, policy.ForceEnded}
	ever := false
	for day := first; day <= last; day = tomorrow(t, day) {
		// Given a day on which all is known, when the events are folded.
		st := p.StateOn(day, "2100-01-01", kind)
		// Then the state is a known one, its cause is given, and it began no later than that day.
		if !slices.Contains(forces, st.Force) {
			t.Fatalf("%q on %s: force %q", kind, day, st.Force)
		}
		if (st.Cause == nil) != (st.Force == policy.ForceNone) {
			t.Fatalf("%q on %s: %s with cause %v", kind, day, st.Force, st.Cause)
		}
		if st.Since > day || st.LapsedOn != "" && st.LapsedOn >= st.Since {
			t.Fatalf("%q on %s: %s since %s, lapsed on %q", kind, day, st.Force, st.Since, st.LapsedOn)
		}
		// And the day on which it began had the same state.
		if st.Since != "" {
			if began := p.StateOn(st.Since, "2100-01-01", kind); began.Force != st.Force {
				t.Fatalf("%q on %s: %s since %s, but then it was %s", kind, day, st.Force, st.Since, began.Force)
			}
		}
		// And what was once operative has been so for ever.
		if ever && !st.EverOperative || st.Force == policy.ForceInForce && !st.EverOperative {
			t.Fatalf("%q on %s: %s, but EverOperative is %v", kind, day, st.Force, st.EverOperative)
		}
		ever = st.EverOperative
	}
}

func tomorrow(t *testing.T, day policy.Date) policy.Date {
	t.Helper()
	parsed, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		t.Fatal(err)
	}
	return policy.DateOf(parsed.AddDate(0, 0, 1))
}

// randomPolicy has up to eight events in any order on few days, so that many fall together.
func randomPolicy(random *rand.Rand) policy.Policy {
	january := func(from int) policy.Date {
		return policy.DateOf(time.Date(2025, 1, from+random.IntN(20), 0, 0, 0, 0, time.UTC))
	}
	var events []policy.Event
	for range random.IntN(9) {
		ev := event(january(2), policy.Statuses()[random.IntN(len(policy.Statuses()))])
		if random.IntN(2) == 0 || ev.Status == policy.Extended {
			ev.Until = max(ev.Date, january(2))
		}
		if random.IntN(4) == 0 {
			ev.OrgKind = []string{"school", "any:OH", "any"}[random.IntN(3)]
		}
		if random.IntN(4) == 0 {
			ev.Starts = january(10)
		}
		events = append(events, ev)
	}
	return rule(events...)
}
