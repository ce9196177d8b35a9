package api

import "time"

// AppPage is what the catalog knows about one app, for people.
type AppPage struct {
	App
	Aliases   []string  `json:"aliases"`
	Homepage  string    `json:"homepage"`
	Summary   string    `json:"summary"`
	CarriedBy []string  `json:"carried_by"` // ids of the apps inside which this one lives
	Editions  []Edition `json:"editions"`
	// Removal is how to get rid of the app on this host's system.
	Removal []Step `json:"removal"`
	// Verdicts say what each policy in force here would say today of a certain, installed copy.
	Verdicts []Verdict `json:"verdicts"`
}

// Edition is a variant of an app.
type Edition struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Step is one removal step as data; wording lives with whoever shows it.
type Step struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args"`
	// When limits the step to records with one of these presences; empty means always.
	When []string `json:"when"`
}

// PolicyPage is one policy, for people.
type PolicyPage struct {
	ID             string        `json:"id"`
	Title          string        `json:"title"`
	Nature         string        `json:"nature"` // "law" or "company"
	Authority      string        `json:"authority"`
	Jurisdiction   string        `json:"jurisdiction"`
	Citation       string        `json:"citation"`
	OrgKinds       []string      `json:"org_kinds"` // the kinds of organisation bound
	Acts           []string      `json:"acts"`      // the acts prohibited
	DeviceRelevant bool          `json:"device_relevant"`
	Followed       bool          `json:"followed"` // whether it is in force for this device by its settings
	Apps           []PolicyApp   `json:"apps"`
	Events         []PolicyEvent `json:"events"` // oldest first
	LatestSource   string        `json:"latest_source"`
}

// PolicyApp is a product that a policy names.
type PolicyApp struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Since    string `json:"since"`    // as 2006-01-02; empty: from the policy's start
	Detected bool   `json:"detected"` // whether the catalog can find it
}

// PolicyEvent is one dated step in the life of a policy. Dates are written 2006-01-02.
type PolicyEvent struct {
	Date   string `json:"date"`
	Status string `json:"status"`
	Starts string `json:"starts,omitempty"`
	Until  string `json:"until,omitempty"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

// Doctor is the agent's examination of itself.
type Doctor struct {
	At     time.Time `json:"at"`
	Checks []Check   `json:"checks"`
}

// Check is one thing that the doctor looked at; what to do about it follows from code and
// status. A check about one user names that user in the argument "user" and is shown to
// nobody else but administrators.
type Check struct {
	Code   string            `json:"code"`
	Status string            `json:"status"` // "ok", "warning", "error" or "unknown"
	Args   map[string]string `json:"args"`
	Text   string            `json:"text,omitempty"` // detail from the system
}

// ExportSchema names the format of [Export].
const ExportSchema = "beagle.export/1"

// Export is everything that the agent holds about one user, for that user.
type Export struct {
	Schema string    `json:"schema"`
	At     time.Time `json:"at"`
	Host   Host      `json:"host"`
	// User is the owner as whom the asker appears in records, UserID the system's id for them.
	User    string         `json:"user"`
	UserID  string         `json:"user_id"`
	Records []Stored       `json:"records"` // closed ones too
	History []HistoryEntry `json:"history"`
}

// HistoryList answers a question for history, the newest entry first.
type HistoryList struct {
	History []HistoryEntry `json:"history"`
}

// CoverageList answers the question for coverage.
type CoverageList struct {
	Coverage []Coverage `json:"coverage"`
}

// ScanRequest asks for a sweep.
type ScanRequest struct {
	Deep bool `json:"deep"`
}

// Failure is the body of every answer that is an error.
type Failure struct {
	Error Error `json:"error"`
}
