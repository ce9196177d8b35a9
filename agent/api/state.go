package api

import "time"

// Stored is a record as the agent keeps it.
type Stored struct {
	Record
	// Epoch is new whenever a store is created; Revision rises only when content changes.
	Epoch     string    `json:"epoch"`
	Revision  int64     `json:"revision"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	// ClosedAt is nil while the record is open. ClosedReason is "removed", "rule_changed" or
	// "probe_retired".
	ClosedAt     *time.Time `json:"closed_at"`
	ClosedReason string     `json:"closed_reason,omitempty"`
	// Requests are what the asker asked about the record, the newest first; administrators see
	// those of all.
	Requests []Request `json:"requests,omitempty"`
}

// HistoryEntry is one change of a record.
type HistoryEntry struct {
	Time     time.Time `json:"time"`
	RecordID string    `json:"record_id"`
	// What is "opened", "changed", "closed" or "reopened".
	What     string `json:"what"`
	App      string `json:"app"`
	Owner    string `json:"owner"`
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason,omitempty"`
	Revision int64  `json:"revision"`
}

// Coverage says how looking at one area of one probe last ended.
type Coverage struct {
	Probe        string     `json:"probe"`
	Area         string     `json:"area"`
	Status       string     `json:"status"`
	Examined     int64      `json:"examined"` // in this area
	Unit         string     `json:"unit"`     // what Examined counts; "" if the agent does not say
	At           time.Time  `json:"at"`
	LastFinished *time.Time `json:"last_finished"`
	Error        *Error     `json:"error"`
}
