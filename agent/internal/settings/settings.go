// Package settings holds what the organisation decides, and finds out where it decided it.
//
// Every key has a default. A settings file overrides it, the environment overrides the file,
// and what the organisation manages centrally (Windows policies, macOS managed preferences)
// overrides both: see [Resolve]. A value replaces the value of a lower layer as a whole;
// lists are never merged, so that what a person reads in one place is what holds.
//
// The keys are listed once, in [Settings] for the program and in the table of keys.go for
// everything a person meets: names, limits, errors, the schema and docs/settings.md.
//
// Promises: a wrong value never takes effect and is never dropped in silence; a secret is
// never shown, neither by [Resolved.Values] nor by an error.
package settings

//go:generate go run ./internal/generate

import (
	"log/slog"

	"beagle/agent/policy"
)

// Settings are what one organisation decides. What the zero value decides about bans is
// nothing: Beagle's default policy is then in force. [Default] is the value to start from.
type Settings struct {
	Organisation Organisation
	// Policies are ids of policies to follow although the law does not bind this kind of
	// organisation to them.
	Policies   []string
	Bans       []Ban
	Exemptions []Exemption
	// CountResidue and CountInstallers treat leftovers and downloads like the app itself.
	CountResidue    bool
	CountInstallers bool

	Schedule Schedule
	Watch    Watch
	Limits   Limits
	Deep     Deep
	Log      Log
}

// Organisation says who it is.
type Organisation struct {
	Name string
	// Kinds are in the vocabulary of the policies, such as us-state-agency:TX.
	Kinds []string
}

// Ban is an app that the organisation itself forbids.
type Ban struct {
	App    string
	Since  policy.Date
	Reason string
}

// Exemption lets an app be, for a while and for a reason.
type Exemption struct {
	App        string
	Policy     string
	Owners     []string
	Reason     string
	Approver   string
	Expires    policy.Date
	LegalBasis string
}

// Schedule says how often to look at everything.
type Schedule struct {
	Inventory Duration // between two inventories
	Deep      Duration // between two deep sweeps, or off
	// Jitter lengthens each wait by a random share of it, from 0 up to this, so that the
	// machines of an organisation do not all look at once. It never shortens a wait.
	Jitter float64
}

// Watch says what is noticed between two sweeps.
type Watch struct {
	Processes ProcessWatch
	Poll      Duration // between two looks at the process list, where the kernel does not tell
	Files     bool     // whether to follow the folders in which apps land
}

// ProcessWatch is a way to notice that programs start.
type ProcessWatch string

// The ways to notice that programs start.
const (
	WatchAuto    ProcessWatch = "auto"    // from the kernel where it tells, else by polling
	WatchKernel  ProcessWatch = "kernel"  // from the kernel or not at all
	WatchPolling ProcessWatch = "polling" // by looking at the process list
	WatchOff     ProcessWatch = "off"     // only in sweeps
)

// Limits are what the agent may take from the machine. Beyond them sweeps pause.
type Limits struct {
	CPU           float64 // percent of one core, averaged over a minute
	Memory        int     // MiB
	DeepOnBattery bool    // whether deep sweeps go on without mains power
}

// Deep says where deep sweeps look besides the usual places.
type Deep struct {
	Paths     []string // absolute
	Removable bool     // other local and removable drives
}

// Log says what is logged.
type Log struct {
	Level slog.Level
}

const (
	day = 24 * hour
	// maxInventory and maxDeep catch slips such as 7d for 7h; nobody waits longer on purpose.
	maxInventory = 31 * day
	maxDeep      = 366 * day
)

// Default returns what holds where nobody decided otherwise.
//
// Deep sweeps are weekly: they only find copies that were unpacked before the agent came or
// while it was off, since the watch notices what arrives and what starts, and a walk through
// every home is the most expensive thing that the agent does.
func Default() Settings {
	return Settings{
		Schedule: Schedule{Inventory: hour, Deep: 7 * day, Jitter: 0.1},
		Watch:    Watch{Processes: WatchAuto, Poll: 2 * second, Files: true},
		Limits:   Limits{CPU: 5, Memory: 100},
		Log:      Log{Level: slog.LevelInfo},
	}
}
