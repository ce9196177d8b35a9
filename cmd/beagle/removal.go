package main

import (
	"slices"
	"strings"

	"beagle/agent/api"
	"beagle/detectors/catalog"
)

// stepsFor are the steps that remove this very record.
func stepsFor(r *api.Record, steps []api.Step) []string {
	var list []string
	for i := range steps {
		step := &steps[i]
		if len(step.When) > 0 && !common(step.When, r.Presence) {
			continue
		}
		switch {
		case step.Args["package"] != "":
			// Several packages bring the app; what is not seen is only said once.
			if others, first := packages(r, steps, step); first {
				text := stepText(step.Code, argument(step)) + optional(" (or %s, whichever is there)", strings.Join(others, ", "))
				if step.Code == "remove_package" && !fromPackage(r) {
					text += optional("; if no package brought it, delete the folder %s", strings.Join(rootsOf(r, step.When), " and "))
				}
				list = append(list, clean(text))
			}
		case step.Code == "delete_folder" && step.Args["path"] == "" && len(rootsOf(r, step.When)) > 0:
			for _, root := range rootsOf(r, step.When) {
				list = append(list, "delete the folder "+clean(root))
			}
		case step.Code == "quit_app" && runningOf(r) != "":
			list = append(list, "quit it: "+clean(runningOf(r)))
		default:
			list = append(list, clean(stepText(step.Code, argument(step))))
		}
	}
	return list
}

func argument(step *api.Step) func(string) string {
	return func(name string) string { return step.Args[name] }
}

// fromPackage reports whether the database of packages knows a record: one that was unpacked
// where packages put theirs looks alike and cannot be removed like them.
func fromPackage(r *api.Record) bool {
	return slices.ContainsFunc(r.Instances, func(in api.Instance) bool {
		return slices.ContainsFunc(in.Evidence, func(ev api.Evidence) bool { return ev.Kind == string(catalog.KindDpkg) })
	})
}

// packages says whether a step that removes a package is to be shown, and which other packages
// it may be instead: none if this one was seen.
func packages(r *api.Record, steps []api.Step, step *api.Step) (others []string, show bool) {
	seen := func(s *api.Step) bool {
		return slices.ContainsFunc(r.Instances, func(in api.Instance) bool {
			return slices.ContainsFunc(in.Evidence, func(ev api.Evidence) bool { return strings.Contains(ev.Value, s.Args["package"]) })
		})
	}
	var alike []*api.Step
	for i := range steps {
		if s := &steps[i]; s.Code == step.Code && s.Args["package"] != "" && (len(s.When) == 0 || common(s.When, r.Presence)) {
			alike = append(alike, s)
		}
	}
	if slices.ContainsFunc(alike, seen) {
		return nil, seen(step)
	}
	for _, s := range alike[1:] {
		others = append(others, s.Args["package"])
	}
	return others, alike[0] == step
}

// runningOf names the programs of a record that run, since they need not have the app's name.
func runningOf(r *api.Record) string {
	var names []string
	for i := range r.Instances {
		for _, ev := range r.Instances[i].Evidence {
			if pid := ev.Attributes["pid"]; ev.Kind == "process" && pid != "" {
				names = append(names, ev.Value+" (process "+pid+")")
			}
		}
	}
	return strings.Join(names, ", ")
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}

// rootsOf are the folders of the copies that are there in one of these ways.
func rootsOf(r *api.Record, when []string) []string {
	var roots []string
	for i := range r.Instances {
		in := &r.Instances[i]
		matches := len(when) == 0 || common(when, in.Presence)
		if matches && strings.TrimSpace(in.Root) != "" && !slices.Contains(roots, in.Root) {
			roots = append(roots, in.Root)
		}
	}
	return roots
}
