package budget

import (
	"slices"
	"strconv"
)

// State is what the governor last measured and decided.
type State struct {
	// Paused says that some sweep is held.
	Paused bool
	// Reasons are why sweeps are held, or would be if they ran.
	Reasons []Reason
	// CPU is the share of one core that the agent used in the last minute.
	CPU float64
	// Memory is how many bytes were resident.
	Memory int64
	// Unmeasured names, by the codes below, the sources that could not be read: what they
	// would say holds nothing.
	Unmeasured []string
	// Thread says why deep sweeps run at the usual priority; nil if they do not.
	Thread error
}

// Reason says why sweeps are held.
type Reason struct {
	Code string
	Args map[string]string
}

// The codes of reasons.
const (
	OverCPU    = "over_cpu_budget"    // percent of one core in the last minute, limit
	OverMemory = "over_memory_budget" // mib that are resident, limit
	OnBattery  = "on_battery"
	Busy       = "machine_busy"
)

// The codes of sources.
const (
	SourceCPU    = "cpu"
	SourceMemory = "memory"
	SourcePower  = "power"
	SourceLoad   = "load"
)

// sameDecision reports whether two states differ in figures at most.
func (s *State) sameDecision(t *State) bool {
	return s.Paused == t.Paused &&
		slices.EqualFunc(s.Reasons, t.Reasons, func(a, b Reason) bool { return a.Code == b.Code }) &&
		slices.Equal(s.Unmeasured, t.Unmeasured) && (s.Thread == nil) == (t.Thread == nil)
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) }

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) }
