package view

import (
	"slices"
	"strings"

	"beagle/agent/api"
)

// removal says how to get rid of the app, by what this very record shows.
func (p *Printer) removal(n *Now, s *Subject) Removal {
	r := &s.Record
	if r.ClosedAt != nil {
		return Removal{Intro: p.say("removal.gone")}
	}
	var out Removal
	if s.App != nil {
		for i := range s.App.Removal {
			out.Steps = append(out.Steps, p.steps(n, &r.Record, s.App.Removal, i)...)
		}
	}
	switch {
	case r.Verdict == api.VerdictProhibited && len(out.Steps) > 0:
		out.Intro = p.say("removal.must")
	case len(out.Steps) > 0:
		out.Intro = p.say("removal.may")
	case !asksForAction(r.Verdict):
		out.Intro = p.say("removal.none")
	case s.App == nil:
		out.Intro = p.say("removal.unasked")
	default:
		out.Intro = p.say("removal.unknown")
	}
	out.Recheck = &Button{Text: p.say("removal.recheck"), Enabled: n.Connection.Line == LineLive}
	if !out.Recheck.Enabled {
		out.Recheck.Tip = p.say("look.lost")
	}
	return out
}

// steps words one step of the catalog: several where there are several copies, none where it
// does not fit the record.
func (p *Printer) steps(n *Now, r *api.Record, all []api.Step, i int) []Step {
	step := &all[i]
	if !fits(step, r) {
		return nil
	}
	a := step.Args
	switch step.Code {
	case "quit_app":
		if names := running(r); len(names) > 0 {
			return []Step{{Text: p.say("step.quit_app.running", "names", strings.Join(names, ", "))}}
		}
		return []Step{{Text: p.say("step.quit_app")}}
	case "remove_package":
		return p.packageStep(r, all, i)
	case "uninstall_settings":
		return []Step{{Text: p.say("step.uninstall_settings", "name", a["name"]), Action: p.settingsAction(n.os())}}
	case "move_to_trash":
		return p.trashSteps(n, r, step)
	case "delete_folder":
		return p.folderSteps(n, r, step)
	case "remove_android_app":
		return []Step{{Text: p.say("step.remove_android_app", "package", a["package"]), Action: p.commandAction("waydroid app remove", a["package"])}}
	case "remove_carrier":
		return []Step{{Text: p.say("step.remove_carrier", "app", n.appOf(a["carrier"]))}}
	}
	text, ok := p.coded("step", step.Code, arguments(a)...)
	if !ok {
		text = p.unknown(step.Code, a)
	}
	return []Step{{Text: text}}
}

func fits(s *api.Step, r *api.Record) bool { return len(s.When) == 0 || common(s.When, r.Presence) }

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}

// running names the programs of a record that run, since they need not have the app's name.
func running(r *api.Record) []string {
	var names []string
	for i := range r.Instances {
		for _, ev := range r.Instances[i].Evidence {
			if ev.Kind == "process" && ev.Attributes["pid"] != "" && ev.Value != "" && !slices.Contains(names, ev.Value) {
				names = append(names, ev.Value)
			}
		}
	}
	return names
}

// packageStep words the removal of a package. Several packages may bring the app: if one of
// them was seen, only that is named, and otherwise all are, in one step.
func (p *Printer) packageStep(r *api.Record, all []api.Step, i int) []Step {
	name := all[i].Args["package"]
	var alike []string
	for j := range all {
		if all[j].Code == all[i].Code && fits(&all[j], r) {
			alike = append(alike, all[j].Args["package"])
		}
	}
	one := []Step{{Text: p.say("step.remove_package", "package", name), Action: p.commandAction("sudo apt remove", name)}}
	switch {
	case seen(r, name):
		return one
	case slices.ContainsFunc(alike, func(other string) bool { return seen(r, other) }), alike[0] != name:
		return nil
	case len(alike) == 1:
		return one
	}
	return []Step{{Text: p.say("step.remove_package.any", "packages", strings.Join(alike, ", "))}}
}

// seen reports whether a package was seen under exactly this name.
func seen(r *api.Record, name string) bool {
	return name != "" && slices.ContainsFunc(r.Instances, func(in api.Instance) bool {
		return slices.ContainsFunc(in.Evidence, func(ev api.Evidence) bool { return ev.Value == name })
	})
}

// trashSteps words the removal of each bundle, which lies where it was seen.
func (p *Printer) trashSteps(n *Now, r *api.Record, step *api.Step) []Step {
	var steps []Step
	for _, root := range roots(r, step.When) {
		steps = append(steps, Step{Text: p.say("step.move_to_trash.at", "path", root), Action: p.folderAction(n.os(), root)})
	}
	if len(steps) == 0 {
		steps = []Step{{Text: p.say("step.move_to_trash", "name", step.Args["bundle"])}}
	}
	return steps
}

func (p *Printer) folderSteps(n *Now, r *api.Record, step *api.Step) []Step {
	paths := roots(r, step.When)
	if path := step.Args["path"]; path != "" {
		paths = []string{path}
	}
	var steps []Step
	for _, path := range paths {
		steps = append(steps, Step{Text: p.say("step.delete_folder.at", "path", path), Action: p.folderAction(n.os(), path)})
	}
	if len(steps) == 0 {
		steps = []Step{{Text: p.say("step.delete_folder")}}
	}
	return steps
}

// maxRoots bounds the folders of one step.
const maxRoots = 20

// roots are the folders of the copies that are there in one of these ways.
func roots(r *api.Record, when []string) []string {
	var list []string
	for i := range r.Instances {
		in := &r.Instances[i]
		matches := len(when) == 0 || common(when, in.Presence)
		if matches && strings.TrimSpace(in.Root) != "" && !slices.Contains(list, in.Root) && len(list) < maxRoots {
			list = append(list, in.Root)
		}
	}
	return list
}
