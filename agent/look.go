package agent

import (
	"cmp"
	"maps"
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
	began  moment // nothing is withdrawn that was heard after it
	host   *detectors.Host
	index  *catalog.Index
	probes []detectors.Probe
	// about tells probes of one name apart, where there are several.
	about  []string
	limits detectors.Limits
	// known are the areas that the probes were ever to cover. Where they do not speak of one any
	// more, it is said what became of it.
	known []api.Coverage
	// partly says that the probes look at parts of areas only, of which nothing is said.
	partly bool
	// removable says that drives that may be carried away are to be looked at.
	removable bool
	// seen and gone are evidence that was looked for directly.
	seen, gone []evidence
	// retired are names of probes that this agent does not have.
	retired []string
	// hanging are names of probes that did not run since they hang in an earlier look.
	hanging []string
	failed  bool // some area could not be looked at
}

// brought is what the look is worth to the memory: what the catalog recognises, the weightiest
// first, and how every area ended.
func (l *look) brought(seen *detectors.Sighting) store.Sweep {
	s := store.Sweep{Seen: slices.Clone(l.seen), Gone: l.gone, Retired: l.retired}
	weights := map[catalog.Strength][]evidence{}
	for i := range seen.Evidence {
		if strength := strongest(l.index, &seen.Evidence[i]); strength != "" {
			weights[strength] = append(weights[strength], seen.Evidence[i])
		}
	}
	for _, strength := range []catalog.Strength{catalog.Proof, catalog.Strong, catalog.Hint} {
		s.Seen = append(s.Seen, weights[strength]...)
	}
	if !l.partly {
		s.Areas = l.areas(seen.Probes)
	}
	l.failed = slices.ContainsFunc(s.Areas, func(a store.Area) bool { return a.Outcome == string(detectors.Failed) })
	return s
}

// areas says how every area ended, those of which the probes do not speak included.
func (l *look) areas(probes []detectors.ProbeResult) []store.Area {
	var areas []store.Area
	spoken := map[[2]string]bool{}
	// A probe that was cut off before it could say what it covers has covered nothing.
	cut := map[string]*api.Error{}
	for _, name := range l.hanging {
		cut[name] = &api.Error{Code: detectors.CodeError, Args: map[string]string{}, Text: errHangs.Error()}
	}
	for i := range probes {
		p := &probes[i]
		for _, area := range p.Areas {
			spoken[[2]string{p.Name, area.Area}] = true
			areas = append(areas, store.Area{
				Probe: p.Name, Area: area.Area, Outcome: string(area.Outcome), Examined: area.Examined, Problem: l.problem(&area),
			})
		}
		if p.Problem != nil {
			cut[p.Name] = problem(p.Problem)
		}
		if p.Problem != nil && len(p.Areas) == 0 && !l.knows(p.Name) {
			areas = append(areas, store.Area{Probe: p.Name, Area: catalog.MachineOwner, Outcome: string(detectors.Failed), Problem: cut[p.Name]})
		}
	}
	for i := range l.known {
		c := &l.known[i]
		switch why := cut[c.Probe]; {
		case spoken[[2]string{c.Probe, c.Area}]:
		case why != nil:
			areas = append(areas, store.Area{Probe: c.Probe, Area: c.Area, Outcome: string(detectors.Failed), Problem: why})
		default:
			areas = append(areas, l.missing(c)...)
		}
	}
	return areas
}

// only makes the look one at a single area.
func (l *look) only(area string) {
	l.known, l.about = nil, nil
	for i := range l.probes {
		l.known = append(l.known, api.Coverage{Probe: l.probes[i].Name, Area: area})
		l.about = append(l.about, area)
	}
}

// knows reports whether any area of a probe is known.
func (l *look) knows(probe string) bool {
	return slices.ContainsFunc(l.known, func(c api.Coverage) bool { return c.Probe == probe })
}

// problem is what is kept of why an area did not end well. Areas that are not one user's are
// shown to everybody, so that nothing in them may name what lies in somebody's home.
func (l *look) problem(area *detectors.AreaResult) *api.Error {
	out := problem(area.Problem)
	if out == nil || strings.HasPrefix(area.Area, areaUser) {
		return out
	}
	if first := out.Args["first"]; l.host.OwnerOf(first) != catalog.MachineOwner {
		out.Args = maps.Clone(out.Args)
		delete(out.Args, "first")
		// What the system said comes last, after the path.
		if out.Text = strings.TrimSpace(out.Text[strings.LastIndex(out.Text, ": ")+1:]); strings.ContainsAny(out.Text, `/\`) {
			out.Text = ""
		}
	}
	return out
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
// more: a user who was removed is absent, a drive that is elsewhere is unreachable. Whatever was
// wrong with others is over with them; more is not known of them, and so nothing is said.
func (l *look) missing(c *api.Coverage) []store.Area {
	area := store.Area{Probe: c.Probe, Area: c.Area}
	user, profile := strings.CutPrefix(c.Area, areaUser)
	mount, drive := strings.CutPrefix(c.Area, areaDrive)
	away := drive && l.removable && c.Status != string(detectors.Skipped) &&
		!slices.ContainsFunc(l.host.Mounts, func(m detectors.Mount) bool { return l.host.HostPath(m.Path) == mount })
	switch {
	case profile && l.host.UsersErr == nil && !slices.ContainsFunc(l.host.Users, func(u detectors.User) bool { return u.Name == user }):
		area.Outcome = string(detectors.Skipped)
		area.Problem = &api.Error{Code: detectors.CodeAbsent, Args: map[string]string{"what": "the profile"}}
	case away:
		area.Outcome = string(detectors.Unreachable)
		area.Problem = &api.Error{Code: detectors.CodeAbsent, Args: map[string]string{"what": mount}}
	case detectors.Outcome(c.Status).Incomplete() && !(profile && l.host.UsersErr != nil):
		area.Outcome = string(detectors.Skipped)
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
