package store

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"beagle/agent/api"
	"beagle/detectors/catalog"
)

// Anyone can make files whose names a catalog knows, so the evidence of one area of one probe
// is bounded: of what a sweep sees, the first thousand are always taken. What was known before
// and is still there stays beside them, lest a record be closed whose app is there, until even
// that is too much.
const (
	maxSeen     = 1000
	maxEvidence = 4 * maxSeen
)

// place is one area of one probe.
type place struct{ probe, area string }

// fate is what a sweep found out about evidence that a record may rest on.
type fate int

const (
	untouched fate = iota
	retired        // its probe is no more
	looked         // it was looked for: gone, or not what it was
)

// merged is the evidence after a sweep, and how it differs from before.
type merged struct {
	all       []kept  // in the order of their facts
	withdrawn []int64 // what was stored of the others
	fates     map[reference]fate
	cut       map[place]bool // more was seen there than is kept
}

// believed lists evidence, always in the same order, whatever order it came in.
func believed(all []kept) []catalog.Evidence {
	list := make([]catalog.Evidence, len(all))
	for i := range all {
		list[i] = all[i].ev
	}
	return list
}

// merge brings what is known together with what a sweep saw. What ended while it looked, as
// other sweeps found, it did not see.
func merge(known []kept, sweep *Sweep, ended map[fact]int64, at time.Time, mark int64) merged {
	m := merged{fates: map[reference]fate{}, cut: map[place]bool{}}
	seen, gone := index(sweep.Seen), index(sweep.Gone)
	maps.DeleteFunc(seen, func(key fact, _ catalog.Evidence) bool {
		return sweep.Since != 0 && ended[key] > int64(sweep.Since)
	})
	fresh, room := m.first(sweep.Seen)
	full := authority(sweep.Areas)
	for _, k := range known {
		key := factOf(&k.ev)
		where := place{key.probe, key.area}
		ev, again := seen[key]
		settled := sweep.Since == 0 || k.mark <= int64(sweep.Since)
		_, wasGone := gone[key]
		switch {
		case slices.Contains(sweep.Retired, key.probe):
			m.withdraw(k, retired)
		case !again && settled && (wasGone || full[where]):
			m.withdraw(k, looked)
		case !fresh[key] && !room.take(where):
			m.withdraw(k, untouched)
		case again:
			m.confirm(k, ev, at, mark)
		default:
			m.all = append(m.all, k)
		}
		delete(fresh, key)
	}
	for _, key := range slices.SortedFunc(maps.Keys(fresh), fact.compare) {
		if ev, there := seen[key]; there && !slices.Contains(sweep.Retired, key.probe) {
			m.all = append(m.all, kept{mark: mark, ev: timed(ev, at)})
		}
	}
	slices.SortFunc(m.all, func(a, b kept) int { return factOf(&a.ev).compare(factOf(&b.ev)) })
	return m
}

func (m *merged) withdraw(k kept, why fate) {
	if k.id != 0 {
		m.withdrawn = append(m.withdrawn, k.id)
	}
	ref := referenceOf(&k.ev)
	m.fates[ref] = max(m.fates[ref], why)
}

// confirm takes over what was seen again.
func (m *merged) confirm(k kept, ev catalog.Evidence, at time.Time, mark int64) {
	before := k.ev.Attributes
	k.mark, k.ev, k.confirmed = mark, timed(ev, at), true
	if !maps.Equal(before, k.ev.Attributes) {
		k.altered = true
		m.fates[referenceOf(&k.ev)] = looked
	}
	m.all = append(m.all, k)
}

func timed(ev catalog.Evidence, at time.Time) catalog.Evidence {
	if ev.Seen.IsZero() {
		ev.Seen = at
	}
	ev.Seen = toMicro(ev.Seen)
	return ev
}

// first tells what is taken in any case, and how much room it leaves for what is known.
func (m *merged) first(list []catalog.Evidence) (map[fact]bool, room) {
	taken, left := map[fact]bool{}, room{}
	for i := range list {
		key := factOf(&list[i])
		where := place{key.probe, key.area}
		switch {
		case taken[key]:
		case left[where] == maxSeen:
			m.cut[where] = true
		default:
			taken[key] = true
			left[where]++
		}
	}
	return taken, left
}

// room counts what is taken in each area.
type room map[place]int

// take reports whether there is room for one more, and takes it.
func (r room) take(where place) bool {
	if r[where] >= maxEvidence {
		return false
	}
	r[where]++
	return true
}

func index(list []catalog.Evidence) map[fact]catalog.Evidence {
	byFact := make(map[fact]catalog.Evidence, len(list))
	for i := range list {
		byFact[factOf(&list[i])] = list[i]
	}
	return byFact
}

// authority tells in which areas what was not seen is not there. An area that is given twice
// must have been looked at fully both times.
func authority(areas []Area) map[place]bool {
	full := map[place]bool{}
	for i := range areas {
		where := place{areas[i].Probe, areas[i].Area}
		before, twice := full[where]
		full[where] = areas[i].authoritative() && (before || !twice)
	}
	return full
}

// coverage makes what is remembered of how the areas ended. Where more was seen than is kept,
// an area is not covered fully.
func coverage(areas []Area, cut map[place]bool, at time.Time) []api.Coverage {
	list := make([]api.Coverage, 0, len(areas))
	for i := range areas {
		a := &areas[i]
		c := api.Coverage{Probe: a.Probe, Area: a.Area, Status: a.Outcome, Examined: a.Examined, At: toMicro(a.At), Error: a.Problem}
		if a.At.IsZero() {
			c.At = at
		}
		full := a.authoritative()
		if cut[place{a.Probe, a.Area}] && full {
			full, c.Status = false, outcomePartial
			c.Error = &api.Error{Code: codeLimit, Args: map[string]string{"limit": strconv.Itoa(maxEvidence)}}
		}
		if full {
			c.LastFinished = &c.At
		}
		list = append(list, c)
	}
	return list
}

// lastSeen tells when each thing that a record may rest on was last seen.
func lastSeen(believed []catalog.Evidence) map[reference]time.Time {
	seen := map[reference]time.Time{}
	for i := range believed {
		ref := referenceOf(&believed[i])
		if believed[i].Seen.After(seen[ref]) {
			seen[ref] = believed[i].Seen
		}
	}
	return seen
}
