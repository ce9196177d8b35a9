package api

// The verdicts, worst first.
const (
	VerdictProhibited    = "prohibited"
	VerdictPending       = "pending"
	VerdictSuspended     = "suspended"
	VerdictExempt        = "exempt"
	VerdictUnconfirmed   = "unconfirmed"
	VerdictLifted        = "lifted"
	VerdictAllowed       = "allowed"
	VerdictNotApplicable = "not_applicable"
)

// MachineOwner is the owner of records that belong to no single user.
const MachineOwner = "machine"

// Count sums the open ones of the records up. Whether the looking was complete cannot be
// told from records, so the caller says it.
func Count(records []Stored, complete bool) Summary {
	s := Summary{Complete: complete}
	for i := range records {
		if records[i].ClosedAt != nil {
			continue
		}
		switch records[i].Verdict {
		case VerdictProhibited:
			s.Prohibited++
		case VerdictPending:
			s.Pending++
		case VerdictSuspended:
			s.Suspended++
		case VerdictExempt:
			s.Exempt++
		case VerdictUnconfirmed:
			s.Unconfirmed++
		case VerdictLifted:
			s.Lifted++
		}
	}
	return s
}
