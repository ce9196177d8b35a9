package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// instances sorts the evidence of one app and owner into copies. Evidence belongs
// together when it lies in the same folder or in one inside the other. Evidence that
// names no folder joins the only copy there is, as an addition that does not raise its
// confidence; otherwise it stands for a copy of its own.
func instances(matched []Matched) []Instance {
	slices.SortStableFunc(matched, compareMatched)
	matched = slices.CompactFunc(matched, sameFact)
	roots := outerRoots(matched)
	copies := make([]Instance, len(roots))
	for i, root := range roots {
		copies[i].Root = root
	}
	var rootless []Matched
	for _, m := range matched {
		root := m.root()
		if root == "" {
			rootless = append(rootless, m)
			continue
		}
		i := slices.IndexFunc(roots, func(outer string) bool { return inside(root, outer, m.Evidence.OS) })
		copies[i].Evidence = append(copies[i].Evidence, m)
	}
	for i := range copies {
		copies[i].Confidence = combined(copies[i].Evidence)
	}
	if len(rootless) > 0 {
		if len(copies) == 1 {
			copies[0].Evidence = append(copies[0].Evidence, rootless...)
			copies[0].Confidence = strongest(copies[0].Confidence, single(rootless))
		} else {
			copies = append(copies, Instance{Evidence: rootless, Confidence: single(rootless)})
		}
	}
	for i := range copies {
		copies[i].describe()
	}
	return copies
}

// outerRoots returns the folders of the copies: every root that lies in no other.
func outerRoots(matched []Matched) []string {
	type place struct {
		root string
		os   OS
	}
	var places []place
	for i := range matched {
		if root := matched[i].root(); root != "" {
			places = append(places, place{root, matched[i].Evidence.OS})
		}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(len(a.root), len(b.root)), cmp.Compare(a.root, b.root))
	})
	var outer []string
	for _, p := range places {
		if !slices.ContainsFunc(outer, func(o string) bool { return inside(p.root, o, p.os) }) {
			outer = append(outer, p.root)
		}
	}
	slices.Sort(outer)
	return outer
}

// inside reports whether path is folder or lies in it.
func inside(path, folder string, os OS) bool {
	if len(path) < len(folder) {
		return false
	}
	start := path[:len(folder)]
	if os == Linux && start != folder || os != Linux && !strings.EqualFold(start, folder) {
		return false
	}
	return len(path) == len(folder) || path[len(folder)] == '/' || path[len(folder)] == '\\'
}

// combined is the confidence of evidence that lies in one folder: certain with one proof
// or two strong ones of different kinds, likely with one strong, else possible.
func combined(matched []Matched) Confidence {
	best := single(matched)
	if best != Likely {
		return best
	}
	var first Kind
	for i := range matched {
		if matched[i].Strength() != Strong {
			continue
		}
		if first == "" {
			first = matched[i].Evidence.Kind
		} else if matched[i].Evidence.Kind != first {
			return Certain
		}
	}
	return best
}

// single is the confidence that the best evidence gives on its own.
func single(matched []Matched) Confidence {
	best := Possible
	for i := range matched {
		switch matched[i].Strength() {
		case Proof:
			return Certain
		case Strong:
			best = Likely
		}
	}
	return best
}

func strongest(a, b Confidence) Confidence {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// describe fills in what the evidence says about the copy; the strongest speaks first.
func (in *Instance) describe() {
	var all []Presence
	for i := range in.Evidence {
		m := &in.Evidence[i]
		all = append(all, m.Presence())
		in.Edition = cmp.Or(in.Edition, m.Indicator.Edition)
		in.Version = cmp.Or(in.Version, m.Evidence.Attributes[AttrVersion])
	}
	in.Presence = orderPresence(all)
	// A dangling shortcut to a copy that is there says nothing worth a word, nor do the
	// files of an installed copy make it portable too.
	live, installed := in.Live(), slices.Contains(in.Presence, Installed)
	in.Presence = slices.DeleteFunc(in.Presence, func(p Presence) bool {
		return live && p == Residue || installed && p == Portable
	})
}

// sameFact reports whether two probes saw the very same thing, as a look into /opt and a
// walk through it do. Two processes of one program are two facts.
func sameFact(a, b Matched) bool {
	return a.Evidence.Kind == b.Evidence.Kind && a.Evidence.Path == b.Evidence.Path &&
		a.Evidence.Value == b.Evidence.Value && a.Evidence.Attributes["pid"] == b.Evidence.Attributes["pid"] &&
		a.Evidence.Attributes[AttrRoot] == b.Evidence.Attributes[AttrRoot]
}

func compareMatched(a, b Matched) int {
	return cmp.Or(
		cmp.Compare(b.Strength().rank(), a.Strength().rank()),
		cmp.Compare(a.Evidence.Kind, b.Evidence.Kind),
		cmp.Compare(a.Evidence.Path, b.Evidence.Path),
		cmp.Compare(a.Evidence.Value, b.Evidence.Value),
		cmp.Compare(a.Evidence.Attributes["pid"], b.Evidence.Attributes["pid"]))
}
