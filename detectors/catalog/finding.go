package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Finding is one app for one owner on one host.
type Finding struct {
	ID    string
	App   *App
	Owner string
	// Presence lists every way in which the copies are there, the most alarming first.
	Presence   []Presence
	Confidence Confidence
	// ImpliedBy is the id of the carrier, "" if the app was found itself.
	ImpliedBy string
	Instances []Instance
}

// Instance is one copy of an app.
type Instance struct {
	// Root is the folder of the copy, "" if no evidence tells.
	Root       string
	Edition    string
	Version    string
	Presence   []Presence
	Confidence Confidence
	Evidence   []Matched
}

// RecordID is the identity that a finding keeps for ever: the same app and owner on the
// same host always have the same id.
func RecordID(app, owner string) string {
	sum := sha256.Sum256([]byte(app + "\x00" + owner))
	return hex.EncodeToString(sum[:8])
}

func newFinding(app *App, owner string, copies []Instance) Finding {
	f := Finding{ID: RecordID(app.ID, owner), App: app, Owner: owner, Instances: copies}
	f.sum()
	return f
}

// sum derives presence and confidence from the copies. A copy that can be used decides
// about confidence before one that is mere residue: certain leftovers must not lend their
// certainty to a doubtful portable copy.
func (f *Finding) sum() {
	var all []Presence
	live := slices.ContainsFunc(f.Instances, func(in Instance) bool { return in.Live() })
	for i := range f.Instances {
		all = append(all, f.Instances[i].Presence...)
		if live && !f.Instances[i].Live() {
			continue
		}
		if f.Instances[i].Confidence.rank() > f.Confidence.rank() {
			f.Confidence = f.Instances[i].Confidence
		}
	}
	f.Presence = orderPresence(all)
}

// Live reports whether the app can be used: there is more than an installer or leftovers.
func (f *Finding) Live() bool { return anyLive(f.Presence) }

// Live reports whether this copy can be used.
func (in *Instance) Live() bool { return anyLive(in.Presence) }

func anyLive(list []Presence) bool { return slices.ContainsFunc(list, Presence.Live) }

// imply makes the finding of an app that is carried inside another.
func imply(app *App, carrier *Finding, carrierID string) Finding {
	f := newFinding(app, carrier.Owner, slices.Clone(carrier.Instances))
	f.ImpliedBy = carrierID
	return f
}

// mergeImplied folds a carried app that was found in its own right as well, or through two
// carriers, into one finding.
func mergeImplied(sorted []Finding) []Finding {
	var merged []Finding
	for _, f := range sorted {
		last := len(merged) - 1
		if last >= 0 && merged[last].ID == f.ID {
			merged[last].Instances = append(merged[last].Instances, f.Instances...)
			merged[last].sum()
			continue
		}
		merged = append(merged, f)
	}
	return merged
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.App.ID, b.App.ID),
		compareOwners(a.Owner, b.Owner),
		cmp.Compare(a.ImpliedBy, b.ImpliedBy))
}

func compareOwners(a, b string) int {
	if (a == MachineOwner) != (b == MachineOwner) {
		if a == MachineOwner {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

func orderPresence(list []Presence) []Presence {
	var ordered []Presence
	for _, p := range Presences() {
		if slices.Contains(list, p) {
			ordered = append(ordered, p)
		}
	}
	return ordered
}
