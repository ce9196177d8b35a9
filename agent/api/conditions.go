package api

// The severities of a [Condition].
const (
	SeverityError   = "error"   // what the agent is for does not work fully
	SeverityWarning = "warning" // it works, but somebody should look
	SeverityInfo    = "info"    // worth knowing; it passes
)

// The codes of conditions. Wording and advice live with whoever shows them.
const (
	// The agent's memory.
	ConditionStoreUnwritable = "store_unwritable" // error: what is found is shown, but would be forgotten; text
	ConditionStoreSetAside   = "store_set_aside"  // warning: the former file could not be used: file, problem (a code), text
	ConditionStoreRestored   = "store_restored"   // info: the file was removed while in use and was written anew

	// What it is told to do.
	ConditionSettingsBroken = "settings_broken" // error: the last good settings stay in force: text

	// What it can see.
	ConditionNotPrivileged = "not_privileged" // warning: it runs as an ordinary user and sees no more than that user
	ConditionIncomplete    = "incomplete"     // warning: some areas could not be looked at fully: count, probe and area of the first, failed (how many areas of the machine were not seen at all), user
	ConditionWatchDegraded = "watch_degraded" // warning: what starts and appears is not noticed at once: processes, files, and why: problem (a code), what (processes or files), text
	ConditionEventsLost    = "events_lost"    // info: more happened than could be followed; everything is looked at again: problem (a code), text

	// Time.
	ConditionClockChanged = "clock_changed" // warning: the clock was set while the agent ran: from, to
	ConditionClockBehind  = "clock_behind"  // error: the clock shows a day before this agent was made: now, made
	ConditionStalled      = "stalled"       // warning: the agent was kept from running: from, to

	// Limits and surroundings.
	ConditionPaused     = "paused"      // info: sweeps wait: reason (over_cpu_budget, over_memory_budget, on_battery, machine_busy)
	ConditionSocketLost = "socket_lost" // warning: somebody removed the socket; it was made anew
)
