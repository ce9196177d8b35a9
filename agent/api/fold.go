package api

import "slices"

// The kinds of events.
const (
	EventSnapshot   = "snapshot"   // everything anew: first in a stream, and whenever more changed than the others can say
	EventRecord     = "record"     // one record is new, changed or closed
	EventProgress   = "progress"   // how far a sweep is; only the newest counts
	EventConditions = "conditions" // all conditions that hold now
	EventActivity   = "activity"   // the agent does something else now
)

// With returns the snapshot as it is after the event. The old one stays as it was. A closed
// record leaves the list; a record that is older than the one held is ignored, since a
// stream may repeat what its snapshot already shows. Unknown kinds change nothing.
func (s Snapshot) With(e Event) Snapshot {
	switch e.Kind {
	case EventSnapshot:
		if e.Snapshot != nil {
			return *e.Snapshot
		}
	case EventRecord:
		if e.Record != nil {
			s.Records = withRecord(s.Records, *e.Record)
			s.Summary = Count(s.Records, s.Summary.Complete)
		}
	case EventProgress:
		s.Progress = e.Progress
	case EventConditions:
		s.Conditions = e.Conditions
	case EventActivity:
		s.Activity, s.Progress = e.Activity, e.Progress
	}
	return s
}

func withRecord(records []Stored, r Stored) []Stored {
	i := slices.IndexFunc(records, func(have Stored) bool { return have.ID == r.ID })
	switch {
	case i >= 0 && records[i].Epoch == r.Epoch && records[i].Revision > r.Revision:
		return records
	case i >= 0 && r.ClosedAt != nil:
		return slices.Delete(slices.Clone(records), i, i+1)
	case i >= 0:
		records = slices.Clone(records)
		records[i] = r
		return records
	case r.ClosedAt != nil:
		return records
	}
	return append(slices.Clip(records), r)
}
