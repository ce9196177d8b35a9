// Package procfs understands what Linux writes about processes.
//
// Process names are chosen by whoever starts a process, so they may hold anything, also
// what looks like the fields after them. Promises: bytes in, values out, no file is opened;
// time is linear in the input, and nothing is kept of it but a copy of the name.
package procfs

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// TicksPerSecond is the unit of Stat.Start, USER_HZ: 100 on every Linux that Go runs on
// (include/asm-generic/param.h).
const TicksPerSecond = 100

// Stat is what /proc/PID/stat says (proc_pid_stat(5)).
type Stat struct {
	Name   string // at most 15 bytes for a program
	Parent int
	Start  uint64 // ticks since the system started
}

// ParseStat reads /proc/PID/stat. The name lies between the first and the last bracket.
func ParseStat(data []byte) (Stat, bool) {
	opening, closing := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if opening < 0 || closing < opening {
		return Stat{}, false
	}
	// The fields after the name count from 3, the state.
	const parent, start = 4 - 3, 22 - 3
	var stat Stat
	field := 0
	for text := range bytes.FieldsSeq(data[closing+1:]) {
		var err error
		switch field {
		case parent:
			stat.Parent, err = strconv.Atoi(string(text))
		case start:
			stat.Start, err = strconv.ParseUint(string(text), 10, 64)
			stat.Name = string(data[opening+1 : closing])
			return stat, err == nil
		}
		if err != nil {
			return Stat{}, false
		}
		field++
	}
	return Stat{}, false
}

// ParseBootTime reads from /proc/stat when the system started, in whole seconds (btime in
// proc_stat(5)).
func ParseBootTime(data []byte) (time.Time, bool) {
	for line := range bytes.Lines(data) {
		value, found := bytes.CutPrefix(line, []byte("btime "))
		if !found {
			continue
		}
		seconds, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
		return time.Unix(seconds, 0), err == nil
	}
	return time.Time{}, false
}

// Started is when a process of a system started at boot did, to the second, as nothing
// finer is known of boot. It is zero where the ticks make no sense.
func (s Stat) Started(boot time.Time) time.Time {
	seconds := s.Start / TicksPerSecond
	if seconds > uint64(math.MaxInt64/time.Second) {
		return time.Time{}
	}
	return boot.Add(time.Duration(seconds) * time.Second)
}
