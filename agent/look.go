package agent

import (
	"cmp"
	"slices"
	"strings"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
)

// evidence is what looks bring.
type evidence = catalog.Evidence

// areaUser begins the names of areas that are one user's profile, areaDrive of those that may
// be carried away.
const (
	areaUser  = "user:"
	areaDrive = "drive:"
)

// look is one run of some probes, and what is known already when it begins.
type look struct {
	host   *detectors.Host
	index  *catalog.Index
	probes []detectors.Probe
	limits detectors.Limits
	// known are the areas that the probes were ever to cover. Where they do not speak of one any
	// more, it is said what became of it.
	known []api.Coverage
	// seen and gone are evidence that was looked for directly.
	seen, gone []evidence
	// retired are names of probes that this agent does not have.
	retired []string
}

// brought is what the look is worth to the memory: what the catalog recognises, the weightiest
// first, and how every area ended.
func (l *look) brought(seen *detectors.Sighting, since store.Mark) store.Sweep {
	s := store.Sweep{Since: since, Seen: slices.Clone(l.seen), Gone: l.gone, Retired: l.retired}
	weights := map[catalog.Strength][]evidence{}
	for i := range seen.Evidence {
		if strength := strongest(l.index, &seen.Evidence[i]); strength != "" {
			weights[strength] = append(weights[strength], seen.Evidence[i])
		}
	}
	for _, strength := range []catalog.Strength{catalog.Proof, catalog.Strong, catalog.Hint} {
		s.Seen = append(s.Seen, weights[strength]...)
	}
	reported := map[[2]string]bool{}
	for i := range seen.Probes {
		p := &seen.Probes[i]
		for _, area := range p.Areas {
			reported[[2]string{p.Name, area.Area}] = true
			s.Areas = append(s.Areas, store.Area{
				Probe: p.Name, Area: area.Area, Outcome: string(area.Outcome), Examined: area.Examined, Problem: problem(area.Problem),
			})
		}
	}
	for i := range l.known {
		c := &l.known[i]
		if !reported[[2]string{c.Probe, c.Area}] {
			s.Areas = append(s.Areas, l.missing(c)...)
		}
	}
	return s
}

// strongest is the greatest strength that evidence has for any app, "" if the catalog does not
// recognise it.
func strongest(index *catalog.Index, ev *evidence) (strength catalog.Strength) {
	order := []catalog.Strength{"", catalog.Hint, catalog.Strong, catalog.Proof}
	index.Recognise(ev, func(m catalog.Matched) {
		if slices.Index(order, m.Strength()) > slices.Index(order, strength) {
			strength = m.Strength()
		}
	})
	return strength
}

func (l *look) ran(probe string) bool {
	return slices.ContainsFunc(l.probes, func(p detectors.Probe) bool { return p.Name == probe })
}

// missing says what became of an area that a probe covered once and does not speak of any
// more: a user who was removed is absent, a drive that is elsewhere is unreachable. Of
// anything else nothing is known, and so nothing is said.
func (l *look) missing(c *api.Coverage) []store.Area {
	area := store.Area{Probe: c.Probe, Area: c.Area}
	user, profile := strings.CutPrefix(c.Area, areaUser)
	switch {
	case profile && l.host.UsersErr == nil && !slices.ContainsFunc(l.host.Users, func(u detectors.User) bool { return u.Name == user }):
		area.Outcome = string(detectors.Skipped)
		area.Problem = &api.Error{Code: detectors.CodeAbsent, Args: map[string]string{"what": "the profile"}}
	case strings.HasPrefix(c.Area, areaDrive):
		area.Outcome = string(detectors.Unreachable)
		area.Problem = &api.Error{Code: detectors.CodeAbsent, Args: map[string]string{"what": strings.TrimPrefix(c.Area, areaDrive)}}
	default:
		return nil
	}
	return []store.Area{area}
}

// looked reports whether anything was looked at fully.
func looked(coverage []api.Coverage) bool {
	return slices.ContainsFunc(coverage, func(c api.Coverage) bool { return c.Status == string(detectors.Finished) })
}

// everyProbe is every probe that an agent has, those of deep looks as well.
func everyProbe(host *detectors.Host, index *catalog.Index) []detectors.Probe {
	probes := all.Probes(host, index, all.Options{Deep: true})
	for _, piece := range all.Deep(host, index) {
		probes = append(probes, piece.Probes...)
	}
	return probes
}

func probeNames(probes []detectors.Probe) []string {
	var names []string
	for i := range probes {
		names = append(names, probes[i].Name)
	}
	return names
}

// byName picks probes.
func byName(probes []detectors.Probe, names []string) []detectors.Probe {
	return slices.DeleteFunc(slices.Clone(probes), func(p detectors.Probe) bool { return !slices.Contains(names, p.Name) })
}

// retired are the probes in the coverage that are none of this agent's.
func retired(coverage []api.Coverage, probes []detectors.Probe) []string {
	var names []string
	for i := range coverage {
		name := coverage[i].Probe
		if len(byName(probes, []string{name})) == 0 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, cmp.Compare)
	return slices.Compact(names)
}
