package main

import (
	"fmt"
	"slices"
	"strings"

	"beagle/agent/api"
	"beagle/detectors"
)

// advice is what a person should know, and what to do about it, if anything.
type advice struct{ what, todo string }

// conditionText says what a condition means. One that this program does not know, since the
// agent is newer, is shown as it came.
func conditionText(c *api.Condition, clock clockwork) advice {
	a := c.Args
	switch c.Code {
	case api.ConditionStoreUnwritable:
		return advice{
			"what is found cannot be kept on the disk, and will be forgotten when the agent stops" + optional(": %s", a["text"]),
			"make room on the disk or make it writable; beagle doctor names the folder",
		}
	case api.ConditionStoreSetAside:
		return advice{
			"the agent's memory " + storeProblem(a["problem"]) + ", so it began anew; the former file is kept as " + a["file"],
			"nothing now; if it happens again, have the disk examined",
		}
	case api.ConditionStoreRestored:
		return advice{
			"the agent's memory was removed while it ran, and was written anew",
			"find out which program deletes files in the agent's folder",
		}
	case api.ConditionSettingsBroken:
		return advice{
			"the settings cannot be used, so the last good ones stay in force",
			"correct them; no restart is needed",
		}
	case api.ConditionNotPrivileged:
		return advice{
			"the agent runs as an ordinary user and sees no more than that user",
			"install it for the whole machine: " + howToBeAdmin("beagle service install"),
		}
	case api.ConditionIncomplete:
		return advice{
			fmt.Sprintf("%s could not be looked at fully, the first: %s", areas(a["count"]), areaText(a["probe"], a["area"])),
			whyNotSeen,
		}
	}
	return eventText(c, clock)
}

const whyNotSeen = "beagle doctor says why, and which rights are missing"

// particulars are the lines of a text that tells of several things, which only that of broken
// settings does.
func particulars(condition, text string) []string {
	if condition != api.ConditionSettingsBroken || text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "settings ")
	}
	return lines
}

// eventText is conditionText for what happened to the agent, or around it.
func eventText(c *api.Condition, clock clockwork) advice {
	a := c.Args
	switch c.Code {
	case api.ConditionWatchDegraded:
		return watchAdvice(a)
	case api.ConditionEventsLost:
		return advice{"more happened at once than could be followed, so everything is looked at again", ""}
	case api.ConditionClockChanged:
		return advice{
			"the clock was set from " + clock.given(a["from"]) + " to " + clock.given(a["to"]),
			"if nobody meant to, find out what sets it",
		}
	case api.ConditionClockBehind:
		return advice{
			"the clock shows " + a["now"] + ", a day before this agent was made (" + a["made"] + "), so rules that depend on dates may be judged wrongly",
			"set the clock",
		}
	case api.ConditionStalled:
		return advice{
			"the agent was kept from running from " + clock.given(a["from"]) + " to " + clock.given(a["to"]) + "; everything is looked at again",
			"if it happens again, find out what stops it",
		}
	case api.ConditionPaused:
		return advice{"looking waits: " + pauseText(a["reason"]), ""}
	case api.ConditionSocketLost:
		return advice{
			"somebody removed the socket, so the agent could not be asked; it was made anew",
			"find out which program deletes files in the socket's folder",
		}
	}
	return advice{unknownText(c.Code, a), ""}
}

// severityWord marks a condition in a list.
func severityWord(severity string) string {
	switch severity {
	case api.SeverityError:
		return "ERROR"
	case api.SeverityWarning:
		return "warning"
	}
	return severity
}

// watchAdvice says how what starts and appears is noticed, where that is not at once.
func watchAdvice(a map[string]string) advice {
	var how []string
	if a["processes"] != "" {
		how = append(how, "programs that start: "+watchText(a["processes"]))
	}
	if a["files"] != "" {
		how = append(how, "new files: "+watchText(a["files"]))
	}
	what := "not everything is noticed the moment it happens"
	if len(how) > 0 {
		what += " (" + strings.Join(how, "; ") + ")"
	}
	return advice{what + optional(": %s", a["text"]), watchTodo(a["problem"])}
}

// storeProblem says what was wrong with the file of the agent's memory.
func storeProblem(code string) string {
	switch code {
	case "store_damaged":
		return "was damaged"
	case "store_empty":
		return "was an empty file"
	case "store_foreign":
		return "was a file of some other program"
	case "store_newer":
		return "was written by a newer version"
	case "store_not_a_file":
		return "was no ordinary file"
	case "store_orphan":
		return "was only partly there"
	}
	return "could not be used"
}

// pauseText says why looking waits.
func pauseText(reason string) string {
	switch reason {
	case "over_cpu_budget":
		return "the agent used as much processor time as it may"
	case "over_memory_budget":
		return "the agent used as much memory as it may"
	case "on_battery":
		return "the machine runs on battery"
	case "machine_busy":
		return "the machine is busy"
	}
	return reason
}

// areas writes a number of areas that came as text.
func areas(count string) string {
	if count == "1" {
		return "1 area"
	}
	return count + " areas"
}

// areaText names an area of a probe for people.
func areaText(probe, area string) string {
	switch kind, name, named := strings.Cut(area, ":"); {
	case area == api.MachineOwner:
		area = "the whole machine"
	case named && kind == "user":
		area = "user " + name
	case named && kind == "drive":
		area = "drive " + name
	}
	return probe + ", " + area
}

// missedText says why an area was not looked at fully, "" if that is not known.
func missedText(status string, problem *api.Error) string {
	switch {
	case problem == nil:
		return ""
	case status == string(detectors.Unreachable) && problem.Code == detectors.CodeAbsent:
		return ": it is not connected"
	}
	return ": " + problemText(problem)
}

// unknownText shows a code of a newer agent with its arguments.
func unknownText(code string, args map[string]string) string {
	var parts []string
	for name, value := range args {
		parts = append(parts, name+" "+value)
	}
	slices.Sort(parts)
	return strings.Join(append([]string{strings.ReplaceAll(code, "_", " ")}, parts...), ", ")
}
