package agent

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
)

// examined is everything that the doctor's answers depend on.
type examined struct {
	system       string // as in runtime.GOOS
	snapshot     api.Snapshot
	coverage     []api.Coverage
	settings     []setting
	interval     time.Duration // between two looks, by the settings
	policiesDate policy.Date   // of the newest source that the policies rest on; "" if none says
	folder       string        // of the agent's memory
	disk         diskSpace
	diskErr      error    // why the room on the disk is not known
	endpoint     string   // where the organisation hears of findings; "" if nowhere
	held         []string // the rights that Linux gives one by one and that the agent has
}

// setting is one key with the value in force and where that comes from.
type setting struct{ key, value, layer, place string }

// diskSpace is the room on the disk of a folder, in bytes.
type diskSpace struct{ free, total uint64 }

// Limits of what is in order.
const (
	oldCatalog = 90 * 24 * time.Hour
	// lowDisk is more than the memory and what waits to be sent grow to; on fullDisk a single
	// sweep may not fit.
	lowDisk  = 200 << 20
	fullDisk = 4 << 20
	// firstSweep is how long a machine may take for the first sweep, with pauses.
	firstSweep = time.Hour
)

// diagnose examines an agent. It is pure, so that every case can be tested.
func diagnose(e *examined) []api.Check {
	var checks []api.Check
	for _, part := range []func(*examined) []api.Check{
		checkRights, checkSettings, checkCatalog, checkPolicies, checkState, checkDisk, checkClock,
		checkSweeps, checkCoverage, checkWatching, checkEndpoint, checkConditions,
	} {
		checks = append(checks, part(e)...)
	}
	return checks
}

// check makes one check; args come in pairs, and pairs without a value are left out.
func check(code, status string, args ...string) api.Check {
	c := api.Check{Code: code, Status: status, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i+1] != "" {
			c.Args[args[i]] = args[i+1]
		}
	}
	return c
}

// condition returns the one that holds with this code, or nil.
func (e *examined) condition(code string) *api.Condition {
	i := slices.IndexFunc(e.snapshot.Conditions, func(c api.Condition) bool { return c.Code == code })
	if i < 0 {
		return nil
	}
	return &e.snapshot.Conditions[i]
}

// fromCondition is a check that a condition decides, with the condition's arguments.
func fromCondition(code, status, problem string, c *api.Condition) api.Check {
	out := check(code, status)
	maps.Copy(out.Args, c.Args)
	out.Args["problem"] = problem
	out.Text = c.Args["text"]
	delete(out.Args, "text")
	return out
}

func checkRights(e *examined) []api.Check {
	if e.snapshot.Privileged {
		return []api.Check{check(api.CheckRights, api.CheckOK)}
	}
	return []api.Check{check(api.CheckRights, api.CheckWarning, "problem", api.ConditionNotPrivileged)}
}

func checkSettings(e *examined) []api.Check {
	var own []api.Check
	for _, s := range e.settings {
		if s.layer != layerDefault {
			own = append(own, check(api.CheckSetting, api.CheckOK, "key", s.key, "value", s.value, "layer", s.layer, "place", s.place))
		}
	}
	whole := check(api.CheckSettings, api.CheckOK, "count", strconv.Itoa(len(own)))
	if c := e.condition(api.ConditionSettingsBroken); c != nil {
		whole = fromCondition(api.CheckSettings, api.CheckError, "broken", c)
	}
	return append([]api.Check{whole}, own...)
}

// layerDefault is the layer of values that nobody set.
const layerDefault = "default"

func checkCatalog(e *examined) []api.Check {
	return []api.Check{dated(api.CheckCatalog, e.snapshot.CatalogVersion, policy.Date(e.snapshot.CatalogDate), e.snapshot.At, oldCatalog)}
}

// checkPolicies knows no age that would be too old: a law may rest for years.
func checkPolicies(e *examined) []api.Check {
	return []api.Check{dated(api.CheckPolicies, "", e.policiesDate, e.snapshot.At, 0)}
}

// dated says how old something is; a limit of 0 is none.
func dated(code, version string, day policy.Date, now time.Time, limit time.Duration) api.Check {
	made, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return check(code, api.CheckUnknown, "version", version, "problem", "no_date")
	}
	age := now.Sub(made)
	c := check(code, api.CheckOK, "version", version, "date", string(day), "days", strconv.Itoa(max(0, int(age.Hours()/24))))
	if limit > 0 && age > limit {
		c.Status, c.Args["problem"] = api.CheckWarning, "old"
	}
	return c
}

func checkState(e *examined) []api.Check {
	c := check(api.CheckState, api.CheckOK)
	for _, found := range []struct{ condition, status, problem string }{
		{api.ConditionStoreUnwritable, api.CheckError, "unwritable"},
		{api.ConditionStoreSetAside, api.CheckWarning, "set_aside"},
		{api.ConditionStoreRestored, api.CheckWarning, "restored"},
	} {
		holds := e.condition(found.condition)
		if holds == nil {
			continue
		}
		c = fromCondition(api.CheckState, found.status, found.problem, holds)
		if why := holds.Args["problem"]; why != "" {
			c.Args["why"] = why
		}
		break
	}
	c.Args["folder"] = e.folder
	return []api.Check{c}
}

func checkDisk(e *examined) []api.Check {
	if e.diskErr != nil {
		c := check(api.CheckDisk, api.CheckUnknown, "folder", e.folder)
		c.Text = e.diskErr.Error()
		return []api.Check{c}
	}
	c := check(api.CheckDisk, api.CheckOK, "folder", e.folder,
		"free", strconv.FormatUint(e.disk.free, 10), "total", strconv.FormatUint(e.disk.total, 10))
	switch {
	case e.disk.free < fullDisk:
		c.Status, c.Args["problem"] = api.CheckError, "full"
	case e.disk.free < lowDisk:
		c.Status, c.Args["problem"] = api.CheckWarning, "low"
	}
	return []api.Check{c}
}

// checkClock compares the clock with what must be past: the day on which the newest of the
// rules was written.
func checkClock(e *examined) []api.Check {
	newest := max(policy.Date(e.snapshot.CatalogDate), e.policiesDate)
	today := policy.DateOf(e.snapshot.At.AddDate(0, 0, 1)) // a day for time zones
	switch behind, set := e.condition(api.ConditionClockBehind), e.condition(api.ConditionClockChanged); {
	case behind != nil:
		return []api.Check{fromCondition(api.CheckClock, api.CheckError, "behind", behind)}
	case newest > today:
		return []api.Check{check(api.CheckClock, api.CheckError, "problem", "behind", "now", string(policy.DateOf(e.snapshot.At)), "made", string(newest))}
	case set != nil:
		return []api.Check{fromCondition(api.CheckClock, api.CheckWarning, "changed", set)}
	}
	return []api.Check{check(api.CheckClock, api.CheckOK, "now", e.snapshot.At.UTC().Format(time.RFC3339))}
}

func checkSweeps(e *examined) []api.Check {
	s := &e.snapshot
	c := check(api.CheckSweeps, api.CheckOK, "last", when(s.LastSweep), "next", when(s.NextSweep))
	running := s.At.Sub(s.Started)
	switch {
	case s.LastSweep == nil && running < firstSweep:
		c.Status, c.Args["problem"] = api.CheckUnknown, "first"
	case s.LastSweep == nil:
		c.Status, c.Args["problem"] = api.CheckError, "never"
	case e.interval > 0 && s.At.Sub(*s.LastSweep) > 2*e.interval+firstSweep && running > firstSweep:
		c.Status, c.Args["problem"] = api.CheckWarning, "late"
	}
	if paused := e.condition(api.ConditionPaused); paused != nil && c.Status != api.CheckOK {
		c.Args["reason"] = paused.Args["reason"]
	}
	return []api.Check{c}
}

// when is a time as an argument, "" for none.
func when(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// checkWatching says how starts and new files are noticed. Of a way that is not the best the
// watcher says why; without a reason it is what the system offers, or what the settings ask for.
func checkWatching(e *examined) []api.Check {
	degraded := e.condition(api.ConditionWatchDegraded)
	one := func(code, subject, mode, best string) api.Check {
		c := check(code, api.CheckOK, "mode", mode)
		if degraded == nil || mode == best {
			return c
		}
		if about := degraded.Args["what"]; about == "" || about == subject {
			c.Status, c.Args["problem"], c.Text = api.CheckWarning, degraded.Args["problem"], degraded.Args["text"]
		}
		return c
	}
	return []api.Check{
		one(api.CheckWatchProcesses, "processes", e.snapshot.Watching, "fanotify"),
		one(api.CheckWatchFiles, "files", e.snapshot.WatchingFiles, "inotify"),
	}
}

func checkEndpoint(e *examined) []api.Check {
	if e.endpoint == "" {
		return []api.Check{check(api.CheckEndpoint, api.CheckOK, "problem", "none")}
	}
	return []api.Check{check(api.CheckEndpoint, api.CheckOK, "endpoint", e.endpoint)}
}

// checkConditions passes on what no other check says.
func checkConditions(e *examined) []api.Check {
	covered := []string{
		api.ConditionStoreUnwritable, api.ConditionStoreSetAside, api.ConditionStoreRestored,
		api.ConditionSettingsBroken, api.ConditionNotPrivileged, api.ConditionIncomplete,
		api.ConditionWatchDegraded, api.ConditionClockBehind, api.ConditionClockChanged,
	}
	var checks []api.Check
	for i := range e.snapshot.Conditions {
		held := &e.snapshot.Conditions[i]
		if slices.Contains(covered, held.Code) {
			continue
		}
		status := api.CheckOK
		switch held.Severity {
		case api.SeverityError:
			status = api.CheckError
		case api.SeverityWarning:
			status = api.CheckWarning
		}
		c := check(api.CheckCondition, status)
		maps.Copy(c.Args, held.Args)
		c.Args["condition"], c.Args["severity"], c.Args["since"] = held.Code, held.Severity, when(&held.Since)
		checks = append(checks, c)
	}
	return checks
}
