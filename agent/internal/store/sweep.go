package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/detectors/catalog"
)

// The outcomes of areas and the code that matter here, as the probes report them.
const (
	outcomeFinished = "finished"
	outcomePartial  = "partial"
	outcomeSkipped  = "skipped"

	codeAbsent = "absent" // skipped, because there is nothing of the kind to look at
	codeLimit  = "limit"  // more than is taken: limit
)

// drivePrefix begins the names of areas that may be carried away and come back: that nothing
// is there says nothing about what was on them.
const drivePrefix = "drive:"

// Area says how looking at one area of one probe ended.
type Area struct {
	Probe, Area string
	// Outcome is "finished", "partial", "failed", "skipped" or "unreachable".
	Outcome  string
	Examined int64
	Problem  *api.Error
	// At is when it ended; zero means the time of the sweep.
	At time.Time
}

// authoritative reports whether what was not seen in the area is not there.
func (a *Area) authoritative() bool {
	switch a.Outcome {
	case outcomeFinished:
		return true
	case outcomeSkipped:
		return a.Problem != nil && a.Problem.Code == codeAbsent && !strings.HasPrefix(a.Area, drivePrefix)
	}
	return false
}

// Mark is a moment in the order in which one store kept sweeps. Clocks have no part in it.
type Mark int64

// Earliest is before everything that any store keeps. A look that began with another store
// knows nothing of what this one heard meanwhile, and so withdraws nothing.
const Earliest Mark = 1

// Sweep is what one look at the machine, or at one thing on it, brought.
type Sweep struct {
	// At is when it is kept; zero means now.
	At time.Time
	// Since is what [Store.Mark] said when the looking began. What other sweeps brought in the
	// meantime is not withdrawn by this one, and what they found gone it does not bring back.
	// Zero means that there were no others.
	Since Mark
	// Areas are the areas that were looked at, those that could not be included.
	Areas []Area
	// Seen is the evidence that the catalog recognises, each with its probe and area, the
	// weightiest first: beyond a thousand in one area nothing new is taken. Without an entry
	// for its area in Areas it is added to what is known there.
	Seen []catalog.Evidence
	// Gone is known evidence that was looked for directly and is not there any more, such as
	// a process that ended. What is also in Seen is there.
	Gone []catalog.Evidence
	// Retired are names of probes that this agent does not have: what they saw is dropped.
	Retired []string
}

// Judge makes records of all evidence that is believed. It is called while the store waits
// and must not write to it.
type Judge func(believed []catalog.Evidence) []api.Record

// Change is what a sweep did.
type Change struct {
	// Changes tell what opened, changed, closed or reopened.
	Changes []api.Change
	// Records are all open records, ordered by app and owner. They are nil, and not just empty,
	// where the store could not even be read.
	Records []api.Stored
	// Restored says that the file had been removed while in use and was written anew.
	Restored bool
}

// Mark says how many sweeps were kept; see [Sweep.Since].
func (s *Store) Mark() Mark { return Mark(s.mark.Load()) }

// Apply keeps a sweep: it replaces the evidence of every area that was looked at fully, adds
// what was seen elsewhere, lets judge make records of all that is now believed, and compares
// them with the stored ones. Evidence, coverage, records, history and outbox change in one
// transaction.
//
// A skipped area counts as looked at when there is nothing of the kind, unless it is a drive.
// Whatever else did not finish withdraws nothing. A record that is not judged any more is
// closed: as removed if evidence for it was withdrawn, as probe_retired if only probes that
// are no more had seen it, and else as rule_changed.
//
// When the disk does not take it, the error is [ErrUnwritable], and the change says what it
// brought all the same: it is kept with the next sweep that the disk takes, or lost with the
// process.
func (s *Store) Apply(ctx context.Context, sweep Sweep, judge Judge) (Change, error) {
	if err := s.turn(ctx); err != nil {
		return Change{}, fmt.Errorf("keep a sweep: %w", err)
	}
	defer s.done()
	restored, lost := s.restore(ctx)
	p, change, err := s.plan(ctx, sweep, judge)
	if err != nil {
		s.owe(nil, false, err)
		return Change{}, fmt.Errorf("keep a sweep: %w", err)
	}
	change.Restored = restored
	committed := false
	if lost == nil {
		committed, lost = s.update(ctx, func(tx *sql.Tx) error {
			if err := p.write(ctx, tx); err != nil {
				return err
			}
			return trimOutbox(ctx, tx, s.outbox)
		})
	}
	s.owe(p, committed, lost)
	if lost != nil {
		return change, fmt.Errorf("keep a sweep: %w", lost)
	}
	return change, nil
}

// Rejudge compares what judge now makes of the evidence with the stored records, as when the
// day, the settings, the policies or the catalog changed. After a change of the catalog it
// must come before the next sweep: records that vanish here are closed as rule_changed.
func (s *Store) Rejudge(ctx context.Context, at time.Time, judge Judge) (Change, error) {
	return s.Apply(ctx, Sweep{At: at}, judge)
}

// remember notes what was found gone, for sweeps that looked before it was. It only matters
// while another look is under way; where there is too much, the last thousand sweeps are plenty.
func (s *Store) remember(gone []catalog.Evidence, mark int64) {
	if len(s.ended)+len(gone) > maxEvidence {
		maps.DeleteFunc(s.ended, func(_ fact, ended int64) bool { return ended < mark-1000 })
	}
	for i := range gone {
		if len(s.ended) < maxEvidence {
			s.ended[factOf(&gone[i])] = mark
		}
	}
}
