package budget

import (
	"context"
	"time"
)

// Kind says what sort of sweep a task is.
type Kind string

// The kinds of sweeps. All of them wait while the agent is over its memory budget.
const (
	// First is the first sweep after the agent was installed: nothing is known before, so it
	// is not held by the CPU budget.
	First Kind = "first"
	// Inventory is a usual sweep. It takes so little that neither power nor load matter.
	Inventory Kind = "inventory"
	// Asked is one for which a person waits, and so no more held by the CPU budget than the
	// first: how often people may ask is limited where they ask.
	Asked Kind = "asked"
	// Deep walks through whole disks. It is slow by itself and keeps away while the machine
	// runs on battery or is busy.
	Deep Kind = "deep"
	// AskedDeep is a deep sweep for which a person waits. It goes on at the same pace, but on
	// battery and on a busy machine too: who asked can see what the machine does.
	AskedDeep Kind = "asked_deep"
)

const (
	// chunk is how long a sweep works at least before it is looked at again: often enough to
	// be smooth, and not so often that looking costs anything.
	chunk = 50 * time.Millisecond
	// maxRest bounds one rest, lest one expensive moment stop a sweep for good.
	maxRest = time.Minute
)

// Task is one sweep at work.
type Task struct {
	governor *Governor
	kind     Kind
	due      time.Time

	// Guarded by the governor's mu.
	measured bool    // what the machine runs on was asked since it began
	from     reading // when it last went on
}

// Begin says that a sweep begins; it ends with [Task.End]. Several may run at a time. Due is
// since when a deep sweep should have been made, also by an agent that ran before; one that
// is a week late is not put off any longer. The zero time means now.
func (g *Governor) Begin(kind Kind, due time.Time) *Task {
	if due.IsZero() {
		due = time.Now()
	}
	t := &Task{governor: g, kind: kind, due: due}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tasks[t] = true
	g.lookSoon()
	return t
}

// End says that the sweep is over.
func (t *Task) End() {
	now, _ := t.governor.read()
	t.governor.mu.Lock()
	defer t.governor.mu.Unlock()
	delete(t.governor.tasks, t)
	if t.kind == First {
		t.governor.meter.reset(now)
	}
	t.governor.lookSoon()
}

// Pace returns when the sweep may go on, or when ctx ends. The sweep calls it before it begins
// and many times a second, from the goroutine that works, and not from two at once.
func (t *Task) Pace(ctx context.Context) {
	rest, over := t.rest()
	if !over {
		return
	}
	if rest > 0 {
		timer := time.NewTimer(rest)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
	for since := time.Now(); ctx.Err() == nil; {
		turn, held := t.wait(since)
		if !held {
			return
		}
		select {
		case <-turn:
		case <-ctx.Done():
		}
	}
}

// rest says whether a chunk of work is over, and how long to rest after it.
func (t *Task) rest() (rest time.Duration, over bool) {
	g := t.governor
	g.mu.Lock()
	from, limits := t.from, g.limits
	g.mu.Unlock()
	if from.at.IsZero() {
		return 0, true // it only begins
	}
	worked := time.Since(from.at)
	if worked < chunk {
		return 0, false
	}
	now, _ := g.read()
	if t.kind == Deep || t.kind == AskedDeep {
		share := max(limits.CPU*deepShare, 0.001)
		if t.late(now.at) {
			share *= lateShare
		}
		forCPU := time.Duration(float64(now.cpu-from.cpu)/share) - worked
		forDisk := time.Duration(float64(worked)/diskShare) - worked
		return min(max(forCPU, forDisk), maxRest), true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.kind != First && g.meter.share(now) > limits.CPU {
		g.lookSoon() // it is time to hold it
	}
	return 0, true
}

// wait returns whether the sweep, which waits since then, is held, and what to wait for. If it
// is not, it goes on now.
func (t *Task) wait(since time.Time) (turn <-chan struct{}, held bool) {
	now, _ := t.governor.read()
	t.governor.mu.Lock()
	defer t.governor.mu.Unlock()
	if t.held(now.at) && !(t.heldByCPU(now.at) && now.at.Sub(since) >= patience) {
		return t.governor.turn, true
	}
	t.from = now
	return nil, false
}

// late reports whether a deep sweep is not put off any longer.
func (t *Task) late(now time.Time) bool { return t.kind == Deep && now.Sub(t.due) >= deferral }

// held reports whether the sweep has to wait. The caller holds the governor's mu.
func (t *Task) held(now time.Time) bool {
	return t.heldByMemory(now) || t.heldByCPU(now) || t.heldByMachine(now)
}

func (t *Task) heldByMemory(now time.Time) bool {
	v := &t.governor.verdict
	return v.memory && !v.impatient(now)
}

// heldByCPU reports whether the sweep has to wait for this and nothing else.
func (t *Task) heldByCPU(now time.Time) bool {
	return t.governor.verdict.cpu && t.kind != First && t.kind != Asked && !t.heldByMemory(now) && !t.heldByMachine(now)
}

func (t *Task) heldByMachine(now time.Time) bool {
	if t.kind != Deep || t.late(now) {
		return false
	}
	v := &t.governor.verdict
	return v.battery || v.busy || !t.measured
}
