package local

import (
	"maps"
	"runtime"
	"slices"
	"strings"

	"beagle/agent/api"
)

// Viewer is who asks, as the system tells. The zero value is a stranger, who sees what
// everybody sees.
type Viewer struct {
	// ID is what tells users apart: a number on Linux and macOS, a SID on Windows.
	ID string
	// Owner is the name under which records belong to them; "" if none can.
	Owner string
	// Account is the name under which their processes run; "" if it has none.
	Account string
	// Admin says that they could read everything anyway: root, or an administrator with the
	// rights of one.
	Admin bool
}

// attrUser is the attribute of process evidence that names whose process it is; argUser is the
// argument of conditions and checks that names whom they are about.
const (
	attrUser = "user"
	argUser  = "user"
	areaUser = "user:"
)

// visible returns what who may see of a snapshot, and leaves the snapshot as it is: records
// of the machine, without naming whose processes run, and their own.
func visible(s api.Snapshot, who Viewer) api.Snapshot {
	if who.Admin {
		return s
	}
	records := make([]api.Stored, 0, len(s.Records))
	for _, r := range s.Records {
		if who.sees(r.Owner) {
			records = append(records, visibleRecord(r, who))
		}
	}
	s.Records = records
	s.Summary = api.Count(records, s.Summary.Complete)
	s.Conditions = keep(s.Conditions, func(c api.Condition) bool { return who.concerns(c.Args) })
	return s
}

// visibleEvent returns what who may see of an event, and whether that is anything.
func visibleEvent(e api.Event, who Viewer) (api.Event, bool) {
	if who.Admin {
		return e, true
	}
	switch e.Kind {
	case api.EventSnapshot:
		if e.Snapshot == nil {
			return e, false
		}
		s := visible(*e.Snapshot, who)
		return api.Event{Kind: e.Kind, Snapshot: &s}, true
	case api.EventRecord:
		if e.Record == nil || !who.sees(e.Record.Owner) {
			return e, false
		}
		r := visibleRecord(*e.Record, who)
		return api.Event{Kind: e.Kind, Record: &r}, true
	case api.EventConditions:
		conditions := keep(e.Conditions, func(c api.Condition) bool { return who.concerns(c.Args) })
		return api.Event{Kind: e.Kind, Conditions: conditions}, true
	case api.EventProgress, api.EventActivity:
		return api.Event{Kind: e.Kind, Activity: e.Activity, Progress: e.Progress}, true
	}
	return e, false // an event that this does not know could hold anything
}

// visibleRecord takes out of a record that who sees what was seen in the profiles of others,
// of a record of the machine who else runs it, and what others asked about it.
func visibleRecord(r api.Stored, who Viewer) api.Stored {
	if who.Admin {
		return r
	}
	instances := slices.Clone(r.Instances)
	for i := range instances {
		evidence := make([]api.Evidence, 0, len(instances[i].Evidence))
		for _, ev := range instances[i].Evidence {
			if !who.seesArea(ev.Area) {
				continue
			}
			user, named := ev.Attributes[attrUser]
			if r.Owner == api.MachineOwner && named && !sameName(user, who.Account) {
				ev.Attributes = maps.Clone(ev.Attributes)
				delete(ev.Attributes, attrUser)
			}
			evidence = append(evidence, ev)
		}
		instances[i].Evidence = evidence
	}
	r.Instances = instances
	r.Requests = slices.DeleteFunc(slices.Clone(r.Requests), func(q api.Request) bool { return q.User != who.ID })
	return r
}

// sees reports whether who may see a record of owner.
func (v Viewer) sees(owner string) bool {
	return v.Admin || owner == api.MachineOwner || sameName(owner, v.Owner)
}

// seesArea reports whether who may know how looking at an area went.
func (v Viewer) seesArea(area string) bool {
	user, one := strings.CutPrefix(area, areaUser)
	return v.Admin || !one || sameName(user, v.Owner)
}

// concerns reports whether who may know something about the agent with these arguments.
func (v Viewer) concerns(args map[string]string) bool {
	user, one := args[argUser]
	return v.Admin || !one || sameName(user, v.Owner) || sameName(user, v.Account)
}

// sameName compares the names of users as the system does. Nobody has an empty one.
func sameName(a, b string) bool {
	if a == "" {
		return false
	}
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}

// keep returns those that pass, never nil, and leaves the list as it is.
func keep[T any](list []T, pass func(T) bool) []T {
	kept := make([]T, 0, len(list))
	for _, v := range list {
		if pass(v) {
			kept = append(kept, v)
		}
	}
	return kept
}
