package catalog

import (
	"cmp"
	"slices"
)

// Matched is an evidence together with the indicator that recognised it.
type Matched struct {
	Evidence  Evidence
	Indicator *Indicator
	app       int
	order     int32 // place of the indicator in the catalog
}

// Strength is what the evidence is worth for its app.
func (m *Matched) Strength() Strength { return m.Indicator.Strength }

// Presence is what the evidence says about how the app is there: what the indicator
// states, unless the probe saw that only leftovers remain or that the copy lies loose.
func (m *Matched) Presence() Presence {
	if m.Evidence.Attributes[AttrGone] != "" {
		return Residue
	}
	if m.Evidence.Attributes[AttrLoose] != "" && m.Indicator.Presence == Installed {
		return Portable
	}
	return m.Indicator.Presence
}

// root is the folder of the copy this evidence belongs to, "" if unknown.
func (m *Matched) root() string {
	if m.Indicator.Root > 0 {
		return ancestor(m.Evidence.Path, m.Indicator.Root)
	}
	return m.Evidence.Attributes[AttrRoot]
}

// Recognise calls found once for every app that the evidence points to, with the app's
// strongest indicator. Evidence of nothing catalogued, the usual case, costs a few hashes
// and no allocation.
func (ix *Index) Recognise(ev *Evidence, found func(Matched)) {
	var hits []Matched
	for _, s := range ix.slots[stage{ev.OS, ev.Kind}] {
		text := s.text(ev)
		if text == "" {
			continue
		}
		h := s.hash(text)
		if !ix.filter.has(h) {
			continue
		}
		for _, id := range ix.table[h] {
			c := &ix.indicators[id]
			if c.holds(ev) {
				hits = keepStrongest(hits, Matched{*ev, c.source, c.app, id})
			}
		}
	}
	for _, hit := range hits {
		found(hit)
	}
}

// keepStrongest keeps one hit an app; of equals the first in the catalog file wins, so
// that authors put the specific before the general.
func keepStrongest(hits []Matched, hit Matched) []Matched {
	for i := range hits {
		if hits[i].app == hit.app {
			stronger := cmp.Compare(hit.Strength().rank(), hits[i].Strength().rank())
			if stronger > 0 || stronger == 0 && hit.order < hits[i].order {
				hits[i] = hit
			}
			return hits
		}
	}
	return append(hits, hit)
}

// Match compares all evidence of a sweep with the catalog and returns the findings, each
// app and owner once, ordered by app and owner. All evidence must come together: one app
// may need what two probes saw.
func (ix *Index) Match(evidence []Evidence) []Finding {
	groups := map[findingKey][]Matched{}
	for i := range evidence {
		ix.Recognise(&evidence[i], func(m Matched) {
			key := findingKey{ix.apps[m.app].ID, m.Evidence.Owner}
			groups[key] = append(groups[key], m)
		})
	}
	findings := make([]Finding, 0, len(groups))
	for key, matched := range groups {
		app := &ix.apps[ix.byID[key.app]]
		carrier := newFinding(app, key.owner, instances(matched))
		findings = append(findings, carrier)
		for _, carried := range ix.carried[key.app] {
			findings = append(findings, imply(&ix.apps[carried], &carrier, app.ID))
		}
	}
	slices.SortFunc(findings, compareFindings)
	return mergeImplied(findings)
}

type findingKey struct{ app, owner string }
