package api

import "time"

// ScanSchema names the format of [Scan].
const ScanSchema = "beagle.scan/1"

// Scan is the document of one look at a host.
type Scan struct {
	Schema         string    `json:"schema"`
	AgentVersion   string    `json:"agent_version"`
	CatalogVersion string    `json:"catalog_version"`
	Host           Host      `json:"host"`
	Started        time.Time `json:"started"`
	Finished       time.Time `json:"finished"`
	// AsOf is the day for which the verdicts hold, as 2006-01-02.
	AsOf     string   `json:"as_of"`
	Probes   []Probe  `json:"probes"`
	Findings []Record `json:"findings"`
	Summary  Summary  `json:"summary"`
}

// Host says which machine was looked at.
type Host struct {
	Hostname string `json:"hostname"`
	OS       string `json:"os"`
	Root     string `json:"root"`
	Offline  bool   `json:"offline"`
}

// Probe says how one probe ended and what it looked at.
type Probe struct {
	Name       string  `json:"name"`
	Status     string  `json:"status"` // finished, partial, failed or skipped
	Examined   int64   `json:"examined"`
	Unit       string  `json:"unit"`
	DurationMS float64 `json:"duration_ms"`
	Areas      []Area  `json:"areas"`
	Error      *Error  `json:"error"`
}

// Area says how looking at one piece of a host ended.
type Area struct {
	Area   string `json:"area"`
	Status string `json:"status"` // finished, partial, failed, skipped or unreachable
	Error  *Error `json:"error"`
}

// Error is a problem as data. Text is detail from the system, for people who look deeper.
type Error struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args"`
	Text string            `json:"text"`
}

// Record is one app for one owner, with the verdicts of all policies.
type Record struct {
	ID         string     `json:"id"`
	App        App        `json:"app"`
	Owner      string     `json:"owner"` // "machine" or a user name
	Presence   []string   `json:"presence"`
	Confidence string     `json:"confidence"`
	ImpliedBy  *string    `json:"implied_by"` // id of the carrying app
	Instances  []Instance `json:"instances"`
	Verdict    string     `json:"verdict"`
	Verdicts   []Verdict  `json:"verdicts"`
}

// App names a product.
type App struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	NativeName string `json:"native_name"`
	Vendor     string `json:"vendor"`
}

// Instance is one copy of an app.
type Instance struct {
	Root     string     `json:"root"`
	Edition  string     `json:"edition"`
	Version  string     `json:"version"`
	Presence []string   `json:"presence"`
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one fact seen, and what it is worth.
type Evidence struct {
	Kind       string            `json:"kind"`
	Value      string            `json:"value"`
	Path       string            `json:"path"`
	Area       string            `json:"area"`
	Strength   string            `json:"strength"`
	Attributes map[string]string `json:"attributes"`
}

// Verdict is the answer of one policy.
type Verdict struct {
	Policy   string `json:"policy"`
	Verdict  string `json:"verdict"`
	Since    string `json:"since"`
	Citation string `json:"citation"`
	Reason   Reason `json:"reason"`
	// SourceDate says how current the policy's newest source is.
	SourceDate string `json:"source_date"`
}

// Reason is why, as data; wording lives with whoever shows it.
type Reason struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args"`
}

// Summary counts records by verdict. Complete says that every area was looked at fully;
// without it, no count means "none".
type Summary struct {
	Prohibited  int  `json:"prohibited"`
	Pending     int  `json:"pending"`
	Suspended   int  `json:"suspended"`
	Exempt      int  `json:"exempt"`
	Unconfirmed int  `json:"unconfirmed"`
	Lifted      int  `json:"lifted"`
	Complete    bool `json:"complete"`
}
