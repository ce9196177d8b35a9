package main

import (
	"strings"

	"beagle/agent/api"
	"beagle/agent/policy"
)

// doctorPage prints one line for each check, and what to do where something is wrong.
type doctorPage struct {
	page
	clock clockwork
}

func (p *doctorPage) print(e *examination) error {
	p.line("%s, %s", p.style.bold("Beagle doctor"), p.clock.stamp(e.At))
	p.blank()
	var settings []api.Check
	for i := range e.Checks {
		c := &e.Checks[i]
		if c.Code == api.CheckSetting {
			settings = append(settings, *c)
			continue
		}
		p.check(c)
	}
	p.settings(settings)
	p.blank()
	switch wrong := toLookAt(e.Checks); {
	case !e.Answers:
		p.line("%s", p.style.ruling(policy.Prohibited, "No agent answers: this is what can be seen without it."))
	case wrong > 0:
		p.line("%s", p.style.ruling(policy.Pending, plural(wrong, "thing", "things")+" to look at."))
	default:
		p.line("%s", p.style.ruling(policy.Allowed, "All is well."))
	}
	return p.err
}

// toLookAt counts the checks that found something. The sum of all areas counts only where no
// other check tells of one of them.
func toLookAt(checks []api.Check) int {
	wrong, areas, sum := 0, 0, 0
	for i := range checks {
		switch c := &checks[i]; {
		case c.Status != api.CheckError && c.Status != api.CheckWarning:
		case c.Code == api.CheckCoverage:
			sum++
		case c.Code == api.CheckAccess, c.Code == api.CheckArea:
			areas++
		default:
			wrong++
		}
	}
	return wrong + max(areas, sum)
}

func (p *doctorPage) check(c *api.Check) {
	text := checkText(c, p.clock)
	line := clean(text.what)
	if topic, rest, ok := strings.Cut(line, ": "); ok {
		line = p.style.bold(topic) + ": " + rest
	}
	var problems []string
	if c.Args["problem"] == "broken" {
		problems = particulars(api.ConditionSettingsBroken, c.Text)
	}
	p.advice("  "+p.status(c.Status)+" ", line, problems, text.todo)
}

// status is the word that a reader looks for.
func (p *doctorPage) status(status string) string {
	switch status {
	case api.CheckOK:
		return p.style.ruling(policy.Allowed, padded("ok", 8))
	case api.CheckWarning:
		return p.style.ruling(policy.Pending, padded("warn", 8))
	case api.CheckError:
		return p.style.ruling(policy.Prohibited, padded("FAIL", 8))
	}
	return p.style.dim(padded("unknown", 8))
}

// settings lists what differs from the default, and who says so.
func (p *doctorPage) settings(list []api.Check) {
	if len(list) == 0 {
		return
	}
	p.blank()
	p.line("%s", p.style.bold("Settings that differ from the default"))
	key, value := 0, 0
	for i := range list {
		key = max(key, width(list[i].Args["key"]))
		value = max(value, min(width(list[i].Args["value"]), 24))
	}
	for i := range list {
		a := list[i].Args
		p.line("  %s  %s  %s", padded(clean(a["key"]), key), padded(clean(a["value"]), value), p.style.dim(clean(layerText(a["layer"], a["place"]))))
	}
}

// layerText says where a value comes from.
func layerText(layer, place string) string {
	switch layer {
	case "file":
		return place
	case "environment":
		return "environment, " + place
	case "managed":
		return "managed by the organisation, " + place
	}
	return strings.TrimSpace(layer + " " + place)
}
