package budget

import (
	"runtime/debug"
	"time"
)

// reliefEvery is the shortest time between two attempts to give memory back.
const reliefEvery = time.Minute

// measurement is one look at the agent and the machine.
type measurement struct {
	cpu        reading
	share      float64 // of one core, in the last minute
	memory     int64
	relieved   bool // memory was given back for it
	machine    bool // power and load were measured too
	power      Power
	load       float64
	unmeasured []string
}

// measure asks the sources, those about the machine where a sweep heeds it. Where there is too
// much memory it gives back what can be given back, and measures again.
func (g *Governor) measure(limits Limits, machine, relieve bool) measurement {
	m := measurement{machine: machine}
	check := func(source string, err error) {
		if err != nil {
			m.unmeasured = append(m.unmeasured, source)
		}
	}
	var err error
	m.memory, err = g.sources.Memory()
	check(SourceMemory, err)
	if m.memory > limits.Memory && relieve {
		debug.FreeOSMemory()
		m.relieved = true
		if after, err := g.sources.Memory(); err == nil {
			m.memory = after
		}
	}
	if machine {
		m.power, err = g.sources.Power()
		check(SourcePower, err)
		m.load, err = g.sources.Load()
		check(SourceLoad, err)
	}
	m.cpu, err = g.read()
	check(SourceCPU, err)
	return m
}

// verdict is what holds sweeps.
type verdict struct {
	cpu, memory, battery, busy bool

	excess   time.Time // since when there is too much memory
	relieved time.Time // when memory was last given back
	quiet    time.Time // when the machine will count as quiet
}

// judge compares what was measured with the limits. What holds goes on to hold until it is
// clearly over.
func (v *verdict) judge(m *measurement, limits Limits) {
	now := m.cpu.at
	if m.relieved {
		v.relieved = now
	}
	v.cpu = above(v.cpu, m.share, limits.CPU)
	memory := above(v.memory, float64(m.memory), float64(limits.Memory))
	if memory && !v.memory {
		v.excess = now
	}
	v.memory = memory
	v.battery = m.power == Battery && !limits.OnBattery
	switch {
	case !m.machine:
		v.quiet = now
	case above(v.busy, m.load, 1):
		v.quiet = now.Add(calm)
	}
	v.busy = now.Before(v.quiet)
}

// above reports whether a value is over its limit, or was and is not much below it.
func above(was bool, value, limit float64) bool {
	if was {
		limit *= low
	}
	return value > limit
}

// impatient reports whether there was too much memory for so long that waiting is no help.
func (v *verdict) impatient(now time.Time) bool { return now.Sub(v.excess) >= patience }

// again says how long until the next look is due for a sweep.
func (v *verdict) again(held bool) time.Duration {
	if held && v.battery && !v.cpu && !v.memory && !v.busy {
		return waitEvery
	}
	return workEvery
}

func (v *verdict) reasons(m *measurement, limits Limits) []Reason {
	var list []Reason
	if v.cpu {
		list = append(list, Reason{OverCPU, map[string]string{"percent": percent(m.share), "limit": percent(limits.CPU)}})
	}
	if v.memory {
		list = append(list, Reason{OverMemory, map[string]string{"mib": mebibytes(m.memory), "limit": mebibytes(limits.Memory)}})
	}
	if v.battery {
		list = append(list, Reason{Code: OnBattery})
	}
	if v.busy {
		list = append(list, Reason{Code: Busy})
	}
	return list
}
