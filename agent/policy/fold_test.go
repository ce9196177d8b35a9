package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"beagle/agent/policy"
)

// moment is the state expected on a day; Cause is the date and status of the event.
type moment struct {
	On       policy.Date
	Kind     string
	Force    policy.Force
	Since    policy.Date
	Cause    string
	Ever     bool
	LapsedOn policy.Date
}

// TestStateFold follows synthetic timelines through the days that matter.
func TestStateFold(t *testing.T) {
	for _, c := range foldCases() {
		t.Run(c.name, func(t *testing.T) {
			// Given a timeline.
			p := rule(c.events...)
			for _, want := range c.want {
				// When it is folded for a day on which everything is known.
				st := p.StateOn(want.On, "2100-01-01", want.Kind)
				got := moment{On: want.On, Kind: want.Kind, Force: st.Force, Since: st.Since, Ever: st.EverOperative, LapsedOn: st.LapsedOn}
				if st.Cause != nil {
					got.Cause = string(st.Cause.Date) + " " + string(st.Cause.Status)
				}
				// Then the state and what brought it about are these.
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("on %s (-want +got):\n%s", want.On, diff)
				}
			}
		})
	}
}

type foldCase struct {
	name   string
	events []policy.Event
	want   []moment
}

func foldCases() []foldCase {
	in, none, ended := policy.ForceInForce, policy.ForceNone, policy.ForceEnded
	pending, stopped := policy.ForcePending, policy.ForceSuspended
	return append(limitCases(), []foldCase{
		{"no events", nil, []moment{{On: "2025-01-01", Force: none}}},
		{"signed is pending for ever", []policy.Event{event("2025-01-02", policy.Signed)}, []moment{
			{On: "2025-01-01", Force: none},
			{On: "2025-01-02", Force: pending, Since: "2025-01-02", Cause: "2025-01-02 signed"},
			{On: "2099-01-01", Force: pending, Since: "2025-01-02", Cause: "2025-01-02 signed"},
		}},
		{"announced and amended alone do nothing", []policy.Event{event("2025-01-02", policy.Announced), event("2025-01-03", policy.Amended)}, []moment{
			{On: "2025-01-03", Force: none},
		}},
		{"announced with a start is pending", []policy.Event{starting("2025-01-02", "2025-02-01")}, []moment{
			{On: "2025-01-02", Force: pending, Since: "2025-01-02", Cause: "2025-01-02 announced"},
			{On: "2025-02-01", Force: pending, Since: "2025-01-02", Cause: "2025-01-02 announced"},
		}},
		{"effective", []policy.Event{event("2025-01-01", policy.Signed), event("2025-01-02", policy.Effective), event("2025-01-03", policy.Amended)}, []moment{
			{On: "2025-01-01", Force: pending, Since: "2025-01-01", Cause: "2025-01-01 signed"},
			{On: "2025-01-03", Force: in, Since: "2025-01-02", Cause: "2025-01-02 effective", Ever: true},
		}},
		{"enjoined before it began, then revoked", []policy.Event{event("2025-01-01", policy.Signed), event("2025-01-05", policy.Enjoined), event("2025-01-09", policy.Revoked)}, []moment{
			{On: "2025-01-05", Force: stopped, Since: "2025-01-05", Cause: "2025-01-05 enjoined"},
			{On: "2025-01-09", Force: ended, Since: "2025-01-09", Cause: "2025-01-09 revoked"},
		}},
		{"effective, enjoined, then revoked", []policy.Event{event("2025-01-01", policy.Effective), event("2025-01-05", policy.Enjoined), event("2025-01-09", policy.Revoked)}, []moment{
			{On: "2025-01-08", Force: stopped, Since: "2025-01-05", Cause: "2025-01-05 enjoined", Ever: true},
			{On: "2025-01-09", Force: ended, Since: "2025-01-09", Cause: "2025-01-09 revoked", Ever: true},
		}},
		{"vacated, effective again on appeal", []policy.Event{event("2025-01-01", policy.Effective), event("2025-01-05", policy.Vacated), event("2025-01-09", policy.Effective)}, []moment{
			{On: "2025-01-05", Force: ended, Since: "2025-01-05", Cause: "2025-01-05 vacated", Ever: true},
			{On: "2025-01-09", Force: in, Since: "2025-01-09", Cause: "2025-01-09 effective", Ever: true},
		}},
		{"superseded", []policy.Event{event("2025-01-01", policy.Effective), event("2025-01-05", policy.Superseded)}, []moment{
			{On: "2025-01-05", Force: ended, Since: "2025-01-05", Cause: "2025-01-05 superseded", Ever: true},
		}},
		{"expired", []policy.Event{event("2025-01-01", policy.Effective), event("2025-01-05", policy.Expired)}, []moment{
			{On: "2025-01-05", Force: ended, Since: "2025-01-05", Cause: "2025-01-05 expired", Ever: true},
		}},
		{"what has ended is neither stopped nor ended again", []policy.Event{
			event("2025-01-01", policy.Effective), event("2025-01-05", policy.Revoked),
			event("2025-01-06", policy.Enjoined), event("2025-01-07", policy.Suspended), event("2025-01-08", policy.Vacated),
		}, []moment{
			{On: "2025-01-08", Force: ended, Since: "2025-01-05", Cause: "2025-01-05 revoked", Ever: true},
		}},
		{"events of one day count in the order of the file", []policy.Event{event("2025-01-01", policy.Signed), event("2025-01-01", policy.Effective), event("2025-01-01", policy.Suspended)}, []moment{
			{On: "2025-01-01", Force: stopped, Since: "2025-01-01", Cause: "2025-01-01 suspended", Ever: true},
		}},
		{"the file need not be in order", []policy.Event{event("2025-01-05", policy.Revoked), event("2025-01-01", policy.Effective)}, []moment{
			{On: "2025-01-02", Force: in, Since: "2025-01-01", Cause: "2025-01-01 effective", Ever: true},
			{On: "2025-01-05", Force: ended, Since: "2025-01-05", Cause: "2025-01-05 revoked", Ever: true},
		}},
		{"an event counts for its own kind", []policy.Event{
			event("2025-01-01", policy.Signed), forKind(event("2025-01-03", policy.Effective), "school:GA"), forKind(event("2025-01-05", policy.Effective), "any:OH"),
		}, []moment{
			{On: "2025-01-06", Kind: "", Force: pending, Since: "2025-01-01", Cause: "2025-01-01 signed"},
			{On: "2025-01-06", Kind: "school:GA", Force: in, Since: "2025-01-03", Cause: "2025-01-03 effective", Ever: true},
			{On: "2025-01-06", Kind: "school:OH", Force: in, Since: "2025-01-05", Cause: "2025-01-05 effective", Ever: true},
			{On: "2025-01-06", Kind: "school:TX", Force: pending, Since: "2025-01-01", Cause: "2025-01-01 signed"},
		}},
	}...)
}

func limitCases() []foldCase {
	in, ended, stopped := policy.ForceInForce, policy.ForceEnded, policy.ForceSuspended
	effective := event("2025-01-01", policy.Effective)
	return []foldCase{
		{"effective until runs out after its last day", []policy.Event{until(effective, "2025-12-31")}, []moment{
			{On: "2025-12-31", Force: in, Since: "2025-01-01", Cause: "2025-01-01 effective", Ever: true},
			{On: "2026-01-01", Force: ended, Since: "2026-01-01", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-12-31"},
		}},
		{"suspended until gives way to what was before", []policy.Event{effective, until(event("2025-03-01", policy.Suspended), "2025-03-10")}, []moment{
			{On: "2025-03-10", Force: stopped, Since: "2025-03-01", Cause: "2025-03-01 suspended", Ever: true},
			{On: "2025-03-11", Force: in, Since: "2025-03-11", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-03-10"},
		}},
		{"suspended until before it began gives way to pending", []policy.Event{starting("2025-01-01", "2025-06-01"), until(event("2025-03-01", policy.Suspended), "2025-03-10")}, []moment{
			{On: "2025-03-11", Force: policy.ForcePending, Since: "2025-03-11", Cause: "2025-01-01 announced", LapsedOn: "2025-03-10"},
		}},
		{"extended renews a suspension that still runs", []policy.Event{
			effective, until(event("2025-03-01", policy.Suspended), "2025-03-10"), until(event("2025-03-10", policy.Extended), "2025-03-20"),
		}, []moment{
			{On: "2025-03-20", Force: stopped, Since: "2025-03-01", Cause: "2025-03-10 extended", Ever: true},
			{On: "2025-03-21", Force: in, Since: "2025-03-21", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-03-20"},
		}},
		{"extended comes too late for a suspension that is over", []policy.Event{
			effective, until(event("2025-03-01", policy.Suspended), "2025-03-10"), until(event("2025-03-12", policy.Extended), "2025-03-20"),
		}, []moment{
			{On: "2025-03-12", Force: in, Since: "2025-03-11", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-03-10"},
			{On: "2025-03-21", Force: in, Since: "2025-03-11", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-03-10"},
		}},
		{"extended renews a rule", []policy.Event{until(effective, "2025-06-30"), until(event("2025-06-01", policy.Extended), "2025-12-31")}, []moment{
			{On: "2025-12-31", Force: in, Since: "2025-01-01", Cause: "2025-06-01 extended", Ever: true},
			{On: "2026-01-01", Force: ended, Since: "2026-01-01", Cause: "2025-06-01 extended", Ever: true, LapsedOn: "2025-12-31"},
		}},
		{"extended renews a rule that a court has stopped", []policy.Event{
			until(effective, "2025-06-30"), event("2025-05-01", policy.Enjoined), until(event("2025-06-01", policy.Extended), "2025-12-31"),
		}, []moment{
			{On: "2025-07-01", Force: stopped, Since: "2025-05-01", Cause: "2025-05-01 enjoined", Ever: true},
			{On: "2026-01-01", Force: ended, Since: "2026-01-01", Cause: "2025-06-01 extended", Ever: true, LapsedOn: "2025-12-31"},
		}},
		{"an injunction that is extended remains an injunction", []policy.Event{
			effective, until(event("2025-03-01", policy.Enjoined), "2025-03-14"), until(event("2025-03-10", policy.Extended), "2025-03-28"),
		}, []moment{
			{On: "2025-03-28", Force: stopped, Since: "2025-03-01", Cause: "2025-03-01 enjoined", Ever: true},
			{On: "2025-03-29", Force: in, Since: "2025-03-29", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-03-28"},
		}},
		{"extended with nothing to extend does nothing", []policy.Event{until(event("2025-01-01", policy.Extended), "2025-01-05")}, []moment{
			{On: "2025-01-01", Force: policy.ForceNone},
			{On: "2025-01-06", Force: policy.ForceNone},
		}},
		{"a rule runs out while it is suspended", []policy.Event{until(effective, "2025-06-30"), until(event("2025-06-01", policy.Suspended), "2025-08-31")}, []moment{
			{On: "2025-06-30", Force: stopped, Since: "2025-06-01", Cause: "2025-06-01 suspended", Ever: true},
			{On: "2025-07-01", Force: ended, Since: "2025-07-01", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-06-30"},
			{On: "2025-09-01", Force: ended, Since: "2025-07-01", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-06-30"},
		}},
		{"a rule runs out after its suspension", []policy.Event{until(effective, "2025-12-31"), until(event("2025-06-01", policy.Suspended), "2025-06-30")}, []moment{
			{On: "2025-07-01", Force: in, Since: "2025-07-01", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-06-30"},
			{On: "2026-01-01", Force: ended, Since: "2026-01-01", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-12-31"},
		}},
		{"two suspensions end with the later one", []policy.Event{
			effective, until(event("2025-02-01", policy.Suspended), "2025-02-10"), until(event("2025-02-05", policy.Suspended), "2025-02-20"),
		}, []moment{
			{On: "2025-02-20", Force: stopped, Since: "2025-02-05", Cause: "2025-02-05 suspended", Ever: true},
			{On: "2025-02-21", Force: in, Since: "2025-02-21", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-02-10"},
		}},
		{"vacated for a while, then revoked for good", []policy.Event{
			effective, until(event("2025-02-01", policy.Vacated), "2025-02-10"), event("2025-02-05", policy.Revoked),
		}, []moment{
			{On: "2025-02-04", Force: ended, Since: "2025-02-01", Cause: "2025-02-01 vacated", Ever: true},
			{On: "2025-02-11", Force: ended, Since: "2025-02-05", Cause: "2025-02-05 revoked", Ever: true},
		}},
		{"effective again after it ran out", []policy.Event{until(effective, "2025-06-30"), event("2025-09-01", policy.Effective)}, []moment{
			{On: "2025-08-31", Force: ended, Since: "2025-07-01", Cause: "2025-01-01 effective", Ever: true, LapsedOn: "2025-06-30"},
			{On: "2025-09-01", Force: in, Since: "2025-09-01", Cause: "2025-09-01 effective", Ever: true},
		}},
	}
}

func starting(date, starts policy.Date) policy.Event {
	ev := event(date, policy.Announced)
	ev.Starts = starts
	return ev
}

// TestPlannedStart follows a start through a postponement and a condition that is met.
func TestPlannedStart(t *testing.T) {
	// Given a start with a condition, the condition met, the start put off, and a delay by a
	// court after which the plan of that day counts.
	signed := event("2025-01-01", policy.Signed)
	signed.Starts, signed.Condition = "2025-02-01", "a list is made"
	postponed := event("2025-01-20", policy.Amended)
	postponed.Starts = "2025-03-01"
	p := rule(signed, starting("2025-01-10", "2025-02-01"), until(event("2025-01-15", policy.Enjoined), "2025-01-25"), postponed)
	for _, c := range []struct {
		on, starts policy.Date
		condition  string
	}{
		{"2025-01-05", "2025-02-01", "a list is made"},
		{"2025-01-10", "2025-02-01", ""},
		{"2025-01-26", "2025-03-01", ""},
	} {
		// When the timeline is folded, then the plan is that of the day.
		st := p.StateOn(c.on, c.on, "anyone")
		if st.Force != policy.ForcePending || st.Starts != c.starts || st.Condition != c.condition {
			t.Errorf("on %s: %s, starts %s, condition %q; want pending, %s, %q", c.on, st.Force, st.Starts, st.Condition, c.starts, c.condition)
		}
	}
}
