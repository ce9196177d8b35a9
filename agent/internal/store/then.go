package store

import (
	"slices"
)

// Then joins a sweep that could not be kept with the next, into one that brings what is known
// after both: what the first saw and the second looked for and did not find is gone. What was
// there only in between is forgotten.
func (s Sweep) Then(next Sweep) Sweep {
	later := index(next.Seen)
	gone := index(next.Gone)
	full := authority(next.Areas)
	joined := Sweep{At: next.At, Areas: replaced(s.Areas, next.Areas), Retired: append(slices.Clone(s.Retired), next.Retired...)}
	for i := range s.Seen {
		key := factOf(&s.Seen[i])
		_, again := later[key]
		_, ended := gone[key]
		if !again && !ended && !full[place{key.probe, key.area}] {
			joined.Seen = append(joined.Seen, s.Seen[i])
		}
	}
	joined.Seen = append(joined.Seen, next.Seen...)
	there := index(joined.Seen)
	for _, ev := range append(slices.Clone(s.Gone), next.Gone...) {
		if _, again := there[factOf(&ev)]; !again {
			joined.Gone = append(joined.Gone, ev)
		}
	}
	return joined
}

// replaced puts newer ends of areas in the place of older ones.
func replaced(areas, newer []Area) []Area {
	kept := slices.DeleteFunc(slices.Clone(areas), func(a Area) bool {
		return slices.ContainsFunc(newer, func(b Area) bool { return a.Probe == b.Probe && a.Area == b.Area })
	})
	return append(kept, newer...)
}

// Size is how much the sweep holds, in pieces of evidence.
func (s Sweep) Size() int { return len(s.Seen) + len(s.Gone) }
