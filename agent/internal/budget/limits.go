package budget

import (
	"math"
	"runtime/debug"
	"time"
)

// Limits are what the agent may use.
type Limits struct {
	// CPU is the share of one core, averaged over a minute; 1 is all of it. The first sweep
	// does not count.
	CPU float64
	// Memory is how many bytes may be resident.
	Memory int64
	// OnBattery says that deep sweeps go on while the machine runs on battery.
	OnBattery bool
}

// Default returns the limits that hold where nobody decided otherwise.
func Default() Limits { return Limits{CPU: 0.05, Memory: 100 << 20} }

// Of the budget, some is left for what else the agent does.
const (
	// deepShare of the CPU budget is what deep sweeps use at most.
	deepShare = 0.8
	// diskShare is the most of the time that a deep sweep works. One that waits for a disk uses
	// hardly any CPU, and would still keep the disk busy.
	diskShare = 0.5
	// heapShare of the memory budget is where Go begins to collect eagerly; the rest is for
	// the program itself and what Go does not count.
	heapShare = 0.6
)

// The times in which things are judged.
const (
	// window is the time over which the use of CPU is averaged.
	window = time.Minute
	// calm is how long a machine must not have been busy before deep sweeps go on.
	calm = time.Minute
	// patience is how long sweeps wait for what may not come from waiting. Memory that a held
	// sweep itself holds is not given back; and the CPU budget may be used up by what is no
	// sweep, such as following a storm of programs that start. Whoever can cause that must not
	// keep the agent from looking. Then sweeps go on: over the memory budget as usual, over
	// that of CPU for a moment, every so often.
	patience = 2 * time.Minute
	// deferral is how long a deep sweep may be late for the sake of battery and load: as long as
	// the usual time between two. There are laptops that are never switched on but on battery,
	// and machines that are always busy, and nothing may be out of sight for ever. Then it goes
	// on all the same, at a fraction of its pace.
	deferral = 7 * 24 * time.Hour
	// lateShare of the usual pace is that fraction.
	lateShare = 0.25
)

// low is where, below a limit, it counts as kept again, so that a sweep is not held and let go
// all the time.
const low = 0.8

// limitHeap tells Go at which size of its memory to collect eagerly. A smaller limit, which
// somebody set by GOMEMLIMIT, stays.
func limitHeap(memory, before int64) { debug.SetMemoryLimit(min(heapLimit(memory), before)) }

func heapLimit(memory int64) int64 {
	if memory <= 0 {
		return math.MaxInt64
	}
	return int64(float64(memory) * heapShare)
}
