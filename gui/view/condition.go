package view

import (
	"strconv"

	"beagle/agent/api"
)

// conditionText says what a condition means.
func (p *Printer) conditionText(n *Now, c *api.Condition) string {
	a, now := c.Args, n.now()
	switch c.Code {
	case api.ConditionIncomplete:
		return p.count("condition.incomplete", atLeastOne(a["count"]), "probe", said(p.probeText(a["probe"])), "area", said(p.areaText(n, a["area"])))
	case api.ConditionClockChanged, api.ConditionStalled:
		return p.say("condition."+c.Code, "from", said(p.given(a["from"], now)), "to", said(p.given(a["to"], now)))
	case api.ConditionClockBehind:
		return p.say("condition.clock_behind", "now", said(p.given(a["now"], now)), "made", said(p.given(a["made"], now)))
	case api.ConditionPaused:
		return p.pauseReason(a["reason"])
	case api.ConditionWatchDegraded:
		return p.watchText(a)
	case api.ConditionStoreSetAside:
		problem, ok := p.coded("store", a["problem"])
		if !ok {
			problem = p.say("store.unusable")
		}
		return p.say("condition.store_set_aside", "problem", said(problem), "file", a["file"])
	}
	if text, ok := p.coded("condition", c.Code, arguments(a)...); ok {
		return text
	}
	return p.unknown(c.Code, a)
}

// conditionTodo says what helps, "" if nothing needs to be done.
func (p *Printer) conditionTodo(c *api.Condition) string {
	text, _ := p.coded("condition", c.Code+".todo")
	return text
}

// pauseReason says why looking waits.
func (p *Printer) pauseReason(reason string) string {
	if text, ok := p.coded("paused", reason); ok {
		return text
	}
	return p.say("paused.other", "reason", reason)
}

// pauseText says why looking waits, by the conditions of a snapshot.
func (p *Printer) pauseText(s *api.Snapshot) string {
	for i := range s.Conditions {
		if c := &s.Conditions[i]; c.Code == api.ConditionPaused {
			return p.pauseReason(c.Args["reason"])
		}
	}
	return p.say("paused.unknown")
}

// watchText says what is not noticed at once, of what a condition names.
func (p *Printer) watchText(a map[string]string) string {
	switch {
	case a["processes"] != "" && a["files"] == "":
		return p.say("condition.watch_degraded.processes", "how", said(p.watchMode(a["processes"])))
	case a["files"] != "" && a["processes"] == "":
		return p.say("condition.watch_degraded.files", "how", said(p.watchMode(a["files"])))
	}
	return p.say("condition.watch_degraded")
}

// watchMode says how something is noticed that happens between two looks.
func (p *Printer) watchMode(mode string) string {
	if mode == "" {
		mode = "none"
	}
	if text, ok := p.coded("watch", mode); ok {
		return text
	}
	return p.say("watch.unknown", "mode", mode)
}

// atLeastOne reads a count that is there because there is something to count.
func atLeastOne(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 1
	}
	return n
}
