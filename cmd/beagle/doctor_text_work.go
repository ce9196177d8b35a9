package main

import (
	"fmt"
	"strconv"

	"beagle/agent/api"
)

// This file words what the doctor found out about the agent at work.

func stateText(c *api.Check) advice {
	a := c.Args
	folder := optional(" in %s", a["folder"])
	if c.Code == api.CheckDisk {
		return diskText(c, folder)
	}
	switch a["problem"] {
	case "unwritable":
		return advice{"memory: nothing can be kept" + folder + optional(": %s", c.Text), "make room on the disk or make the folder writable"}
	case "set_aside":
		return advice{"memory: the former one " + storeProblem(a["why"]) + ", so it began anew" + folder + optional("; kept as %s", a["file"]), "if it happens again, have the disk examined"}
	case "restored":
		return advice{"memory: somebody removed it" + folder + " while the agent ran; it was written anew", "find out which program deletes files there"}
	}
	return advice{"memory: kept" + folder, ""}
}

func diskText(c *api.Check, folder string) advice {
	free, err := strconv.ParseUint(c.Args["free"], 10, 64)
	if err != nil {
		return advice{"disk: the room is not known" + optional(": %s", c.Text), ""}
	}
	total, err := strconv.ParseUint(c.Args["total"], 10, 64)
	what := "disk: " + bytesText(free) + " free"
	if err == nil {
		what += " of " + bytesText(total)
	}
	switch c.Args["problem"] {
	case "full":
		return advice{what + folder + ": findings cannot be kept", "make room"}
	case "low":
		return advice{what + folder + ", which is little", "make room"}
	}
	return advice{what, ""}
}

func clockText(a map[string]string, clock clockwork) advice {
	switch a["problem"] {
	case "behind":
		return advice{"clock: it shows " + a["now"] + ", and the rules of this program are of " + a["made"] + ": what depends on dates is judged wrongly", "set the clock"}
	case "changed":
		return advice{"clock: it was set from " + clock.given(a["from"]) + " to " + clock.given(a["to"]), "if nobody meant to, find out what sets it"}
	}
	return advice{"clock: plausible", ""}
}

func sweepsText(a map[string]string, clock clockwork) advice {
	paused := optional(" (looking waits: %s)", pauseText(a["reason"]))
	switch a["problem"] {
	case "first":
		return advice{"looks: the first is not done yet" + paused, "wait; beagle status shows how far it is"}
	case "never":
		return advice{"looks: none was ever done" + paused, "have a look at the agent's log, or start one: beagle scan --via-agent"}
	case "late":
		return advice{"looks: the last was at " + clock.given(a["last"]) + ", long ago" + paused, "start one: beagle scan --via-agent"}
	}
	return advice{"looks: the last was at " + clock.given(a["last"]) + optional(", the next is due at %s", clock.given(a["next"])), ""}
}

func coverageText(c *api.Check) advice {
	a := c.Args
	switch c.Code {
	case api.CheckAccess:
		return advice{"access: " + areas(a["count"]) + " could not be read fully, the first: " + areaText(a["probe"], a["area"]) +
			optional(": %s", a["first"]) + optional(": %s", c.Text), rightTodo(a["right"])}
	case api.CheckArea:
		return advice{"area: " + areaText(a["probe"], a["area"]) + missedText(a["status"], &api.Error{Code: a["problem"], Args: a, Text: c.Text}), areaTodo(a["problem"])}
	}
	switch a["problem"] {
	case "none":
		return advice{"coverage: nothing was looked at yet", ""}
	case api.ConditionIncomplete:
		return advice{fmt.Sprintf("coverage: %s of %s could not be looked at fully", a["count"], areas(a["areas"])), "see below; of areas of other users only administrators are told"}
	}
	return advice{"coverage: " + areas(a["areas"]) + ", all looked at fully", ""}
}

// rightTodo says how to give the agent a right that it lacks.
func rightTodo(right string) string {
	switch right {
	case api.RightSystem:
		return "install it for the whole machine: " + howToBeAdmin("beagle service install")
	case api.RightFullDisk:
		return "give Beagle Full Disk Access: System Settings > Privacy & Security > Full Disk Access, or by a profile of your device management"
	case api.RightReadAll:
		return "it needs the capability CAP_DAC_READ_SEARCH, which the service has (" + howToBeAdmin("beagle service install") + ") unless the machine itself forbids it"
	case api.RightSeeProcesses:
		return "it needs the capability CAP_SYS_PTRACE, which the service has (" + howToBeAdmin("beagle service install") + ") unless the machine itself forbids it"
	case api.RightRefused:
		return "Beagle has the right to, so something else refuses: look at the container that it runs in, SELinux or AppArmor"
	case api.RightAdministrator:
		return "the service must run as LocalSystem: install it anew with " + howToBeAdmin("beagle service install")
	}
	return ""
}

// areaTodo says what helps where an area was not looked at fully.
func areaTodo(problem string) string {
	switch problem {
	case "timeout", "cancelled":
		return "the next look tries again"
	case "panic":
		return "report it; beagle doctor --bundle gathers what is needed"
	}
	return ""
}

func modeText(what string, c *api.Check) advice {
	return advice{what + ": noticed " + watchText(c.Args["mode"]) + optional(": %s", c.Text), watchTodo(c.Args["problem"])}
}
