package api

import "time"

// SnapshotSchema names the format of [Snapshot].
const SnapshotSchema = "beagle.snapshot/1"

// Snapshot is everything the agent knows at one moment, as far as the asker may see it.
type Snapshot struct {
	Schema         string `json:"schema"`
	AgentVersion   string `json:"agent_version"`
	CatalogVersion string `json:"catalog_version"`
	// CatalogDate is the day the catalog was released, as 2006-01-02; "" if it does not say.
	CatalogDate string    `json:"catalog_date"`
	Host        Host      `json:"host"`
	At          time.Time `json:"at"`
	// Privileged says that the agent runs as the system's service and so sees all users.
	Privileged bool `json:"privileged"`
	// Activity is "starting", "idle", "scanning" or "paused".
	Activity string    `json:"activity"`
	Progress *Progress `json:"progress"`
	// LastSweep and LastDeep are when the last full look and the last deep one ended; nil if never.
	LastSweep *time.Time `json:"last_sweep"`
	LastDeep  *time.Time `json:"last_deep"`
	// NextSweep and NextDeep are when the next ones are due; nil if none is planned.
	NextSweep *time.Time `json:"next_sweep"`
	NextDeep  *time.Time `json:"next_deep"`
	// Started is when this agent began to run.
	Started time.Time `json:"started"`
	// Watching says how process starts are noticed: "none", "polling" or the kernel's way;
	// WatchingFiles the same for files and packages that appear.
	Watching      string `json:"watching"`
	WatchingFiles string `json:"watching_files"`
	// Records are the open ones.
	Records    []Stored    `json:"records"`
	Summary    Summary     `json:"summary"`
	Conditions []Condition `json:"conditions"`
}

// Progress says how far a sweep is.
type Progress struct {
	Probe    string  `json:"probe"`
	Unit     string  `json:"unit"`
	Examined int64   `json:"examined"`
	Share    float64 `json:"share"` // of the whole sweep, from 0 to 1
	// Began is when the sweep began, and Deep says that it is a deep one.
	Began time.Time `json:"began"`
	Deep  bool      `json:"deep"`
}

// Condition is something about the agent itself that a person should know. One about a single
// user names that user in the argument "user" and is shown to nobody else but administrators.
type Condition struct {
	Code     string            `json:"code"`
	Severity string            `json:"severity"` // "error", "warning" or "info"
	Args     map[string]string `json:"args"`
	Since    time.Time         `json:"since"`
}

// Event is one message of the stream. The first carries a snapshot; what follows are
// changes to it, see [Snapshot.With]; a later snapshot replaces everything. A reader that falls
// behind is cut and starts again with a snapshot.
type Event struct {
	// Kind is "snapshot", "record", "progress", "conditions" or "activity".
	Kind       string      `json:"kind"`
	Snapshot   *Snapshot   `json:"snapshot,omitempty"`
	Record     *Stored     `json:"record,omitempty"`
	Progress   *Progress   `json:"progress,omitempty"`
	Conditions []Condition `json:"conditions,omitempty"`
	Activity   string      `json:"activity,omitempty"`
}
