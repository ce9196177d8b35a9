package api

import "time"

// What happened to a record, in [Change] and [HistoryEntry].
const (
	RecordOpened   = "opened"
	RecordChanged  = "changed"
	RecordClosed   = "closed"
	RecordReopened = "reopened"
)

// Why a record was closed.
const (
	ClosedRemoved      = "removed"       // looked again, and it is not there any more
	ClosedRuleChanged  = "rule_changed"  // what was seen is not recognised any more
	ClosedProbeRetired = "probe_retired" // this version of the agent does not look there any more
)

// What differs when a record changed, the weightiest difference first.
const (
	ChangedVerdict    = "verdict"    // the record's own verdict
	ChangedPresence   = "presence"   // such as from installed to running
	ChangedConfidence = "confidence" // how sure it is
	ChangedCopies     = "copies"     // folders, editions, versions or evidence of the copies
	ChangedPolicies   = "policies"   // what single policies say, without changing the verdict
	ChangedDetails    = "details"    // anything else, such as the name of the app
)

// Change is something that happened to a record.
type Change struct {
	// ID is a UUID of version 7: changes are told apart by it wherever they go.
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	What string    `json:"what"`
	// Reason is why a record was closed, or what differs when it changed; otherwise empty.
	Reason string `json:"reason,omitempty"`
	// Record is how it is afterwards; of a closed one, how it was last.
	Record Stored `json:"record"`
}
