package main

import (
	"strconv"

	"beagle/agent/api"
)

// checkText says what a check found and what to do about it. One that this program does not
// know, since the agent is newer, is shown as it came.
func checkText(c *api.Check, clock clockwork) advice {
	a := c.Args
	switch c.Code {
	case api.CheckAgent:
		return agentText(c)
	case api.CheckService:
		return serviceText(c)
	case api.CheckSocket:
		return socketText(c)
	case api.CheckRights:
		if c.Status == api.CheckOK {
			return advice{"rights: the agent sees the files and programs of all users", ""}
		}
		return advice{"rights: the agent is one user's and sees nothing of others", "install it for the whole machine: " + howToBeAdmin("beagle service install")}
	case api.CheckSettings:
		return settingsText(c)
	case api.CheckCatalog, api.CheckPolicies:
		return datedText(c)
	case api.CheckState, api.CheckDisk:
		return stateText(c)
	case api.CheckClock:
		return clockText(a, clock)
	case api.CheckSweeps:
		return sweepsText(a, clock)
	case api.CheckCoverage, api.CheckAccess, api.CheckArea:
		return coverageText(c)
	case api.CheckWatchProcesses:
		return modeText("programs that start", c)
	case api.CheckWatchFiles:
		return modeText("new files and packages", c)
	case api.CheckEndpoint:
		if a["problem"] == "none" {
			return advice{"endpoint: none is configured, so findings stay on this machine", ""}
		}
		return advice{"endpoint: findings are sent to " + a["endpoint"], ""}
	case api.CheckCondition:
		text := conditionText(&api.Condition{Code: a["condition"], Args: a}, clock)
		return advice{"condition: " + text.what + optional(" (since %s)", clock.given(a["since"])), text.todo}
	}
	return advice{unknownText(c.Code, a) + optional(": %s", c.Text), ""}
}

func agentText(c *api.Check) advice {
	a := c.Args
	switch a["problem"] {
	case "":
		return advice{"agent: it answers at " + a["socket"] + ", version " + a["version"], ""}
	case "own":
		return advice{"agent: " + ownAgent + " (" + a["socket"] + ", version " + a["version"] + ")", howToBeAdmin("beagle service install")}
	case "version":
		return advice{
			"agent: it is of version " + a["version"] + ", this program of " + a["client"],
			"start it anew after an update: " + howToBeAdmin("beagle service restart"),
		}
	case "no_doctor":
		return advice{"agent: it does not examine itself: " + c.Text, "its log says why"}
	}
	return advice{"agent: " + c.Text, reachAdvice(a["problem"], a["socket"])}
}

func serviceText(c *api.Check) advice {
	switch {
	case c.Args["problem"] == "not_installed":
		return advice{"service: it is not installed", howToBeAdmin("beagle service install")}
	case c.Args["problem"] == "stopped":
		return advice{"service: it does not run" + optional(" (%s)", c.Text), howToBeAdmin("beagle service start")}
	case c.Status == api.CheckUnknown:
		return advice{"service: the system does not tell whether it runs" + optional(": %s", c.Text), ""}
	}
	return advice{"service: it is installed and " + c.Args["state"], ""}
}

func socketText(c *api.Check) advice {
	a := c.Args
	restart := howToBeAdmin("beagle service restart")
	switch a["problem"] {
	case "no_socket":
		return advice{"socket: " + a["socket"] + " is no socket", "remove it, then " + restart}
	case "owner":
		return advice{"socket: " + a["socket"] + " belongs to " + a["owner"] + ", not to the system", "do not trust what answers there; remove it, then " + restart}
	case "folder_owner":
		return advice{"socket: the folder of " + a["socket"] + " does not belong to the system", "remove the folder, then " + restart}
	case "folder_open":
		return advice{"socket: others may write to the folder of " + a["socket"] + ", and so put another agent in its place", "make it writable for its owner alone, then " + restart}
	case "closed":
		return advice{"socket: only administrators may use " + a["socket"] + " (mode " + a["mode"] + "), so that employees see nothing", restart}
	}
	if c.Status == api.CheckUnknown {
		return advice{"socket: " + a["socket"] + " could not be examined" + optional(": %s", c.Text), ""}
	}
	return advice{"socket: it belongs to " + a["owner"] + ", mode " + a["mode"], ""}
}

func settingsText(c *api.Check) advice {
	switch {
	case c.Args["problem"] == "broken":
		return advice{"settings: they cannot be used, so the last good ones stay in force", "correct them; no restart is needed"}
	case c.Status == api.CheckUnknown:
		return advice{"settings: they could not be read" + optional(": %s", c.Text), "ask again as administrator"}
	case c.Args["count"] == "0":
		return advice{"settings: all are the default", ""}
	case c.Args["count"] == "1":
		return advice{"settings: 1 differs from the default, see below", ""}
	}
	return advice{"settings: " + c.Args["count"] + " differ from the default, see below", ""}
}

func datedText(c *api.Check) advice {
	a := c.Args
	what := c.Code + ":" + optional(" version %s", a["version"])
	if a["date"] == "" {
		return advice{what + " of an unknown day", ""}
	}
	age := "new"
	if days, err := strconv.Atoi(a["days"]); err == nil && days > 0 {
		age = plural(days, "day", "days") + " old"
	}
	word := " of "
	if c.Code == api.CheckPolicies {
		word = " their newest source is of "
	}
	what += word + a["date"] + ", " + age
	if a["problem"] == "old" {
		return advice{what + ": what is known of apps may have changed", "update Beagle"}
	}
	return advice{what, ""}
}
