package main

import (
	"cmp"
	"slices"

	"beagle/agent/api"
	"beagle/agent/policy"
)

// sortRecords puts the worst first, carriers before what they carry, and otherwise keeps
// the apps and their owners in the order of their names.
func sortRecords(records []api.Stored) {
	slices.SortStableFunc(records, func(a, b api.Stored) int {
		return cmp.Or(
			cmp.Compare(rank(a.Verdict), rank(b.Verdict)),
			cmp.Compare(carried(&a.Record), carried(&b.Record)),
			cmp.Compare(a.App.ID, b.App.ID),
			cmp.Compare(a.Owner, b.Owner),
		)
	})
}

// rank orders verdicts, the worst first; one that is not known yet comes last.
func rank(verdict string) int {
	if i := slices.Index(policy.Rulings(), policy.Ruling(verdict)); i >= 0 {
		return i
	}
	return len(policy.Rulings())
}

func carried(r *api.Record) int {
	if r.ImpliedBy != nil {
		return 1
	}
	return 0
}

// snapshotExit is the exit code for what an agent knows. One that has not looked yet knows
// nothing.
func snapshotExit(s *api.Snapshot) int {
	sum := s.Summary
	sum.Complete = sum.Complete && s.LastSweep != nil
	return scanExit(&sum)
}
