package store

import (
	"encoding/json"
	"reflect"
	"slices"

	"beagle/agent/api"
)

// differs compares the content of two records: anything but times and process numbers. It
// returns the code of the weightiest difference, "" if there is none.
//
// Attributes of evidence are left out, since they hold what changes with every start of a
// program (its number, its time); what matters in them shows in presence, version or strength.
// So is the date of a policy's newest source: it moves without the law having changed, and
// every record of every device would change with it. The order of things means nothing.
func differs(a, b *api.Record) string {
	switch {
	case a.Verdict != b.Verdict:
		return api.ChangedVerdict
	case !sameSet(a.Presence, b.Presence, same):
		return api.ChangedPresence
	case a.Confidence != b.Confidence:
		return api.ChangedConfidence
	case !sameSet(a.Instances, b.Instances, instanceContent):
		return api.ChangedCopies
	case !sameSet(a.Verdicts, b.Verdicts, verdictContent):
		return api.ChangedPolicies
	case a.App != b.App, a.Owner != b.Owner, !reflect.DeepEqual(a.ImpliedBy, b.ImpliedBy):
		return api.ChangedDetails
	}
	return ""
}

func instanceContent(in api.Instance) any {
	return []any{in.Root, in.Edition, in.Version, set(in.Presence, same), set(in.Evidence, func(ev api.Evidence) any {
		return []any{ev.Kind, ev.Value, ev.Path, ev.Area, ev.Strength}
	})}
}

func verdictContent(v api.Verdict) any {
	args := v.Reason.Args
	if len(args) == 0 {
		args = nil
	}
	return []any{v.Policy, v.Verdict, v.Since, v.Citation, v.Reason.Code, args}
}

func same(s string) any { return s }

func sameSet[T any](a, b []T, content func(T) any) bool {
	return slices.Equal(set(a, content), set(b, content))
}

// set lists the content of things as text, sorted and each once.
func set[T any](list []T, content func(T) any) []string {
	all := make([]string, 0, len(list))
	for _, v := range list {
		all = append(all, text(content(v)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// text is a value as JSON, the form in which the stored record was kept.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return "?" // not with strings, of which all content is made
	}
	return string(data)
}
