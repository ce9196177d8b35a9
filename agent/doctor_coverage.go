package agent

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"beagle/agent/api"
	"beagle/detectors"
)

// maxAreaChecks bounds the list: a machine may have thousands of profiles.
const maxAreaChecks = 20

// checkCoverage says what could not be looked at: the rights that are missing, and areas
// that failed for other reasons.
func checkCoverage(e *examined) []api.Check {
	if len(e.coverage) == 0 {
		return []api.Check{check(api.CheckCoverage, api.CheckUnknown, "problem", "none")}
	}
	var missed []api.Coverage
	for _, c := range e.coverage {
		if detectors.Outcome(c.Status).Incomplete() {
			missed = append(missed, c)
		}
	}
	sum := check(api.CheckCoverage, api.CheckOK, "areas", strconv.Itoa(len(e.coverage)), "count", strconv.Itoa(len(missed)))
	if len(missed) > 0 {
		sum.Status, sum.Args["problem"] = api.CheckWarning, api.ConditionIncomplete
	}
	access, others := accessChecks(e, missed)
	checks := append([]api.Check{sum}, access...)
	for i := range others {
		checks = append(checks, areaCheck(&others[i]))
	}
	return checks[:min(len(checks), 1+maxAreaChecks)]
}

// accessChecks gathers the areas that were refused by the right that would open them, those
// of each user apart, and returns the other areas.
func accessChecks(e *examined, missed []api.Coverage) (checks []api.Check, others []api.Coverage) {
	type lack struct{ right, user string }
	refused := map[lack][]api.Coverage{}
	var order []lack
	for _, c := range missed {
		right := missingRight(e, &c)
		if right == "" {
			others = append(others, c)
			continue
		}
		user, _ := userOf(c.Area)
		key := lack{right, user}
		if refused[key] == nil {
			order = append(order, key)
		}
		refused[key] = append(refused[key], c)
	}
	slices.SortStableFunc(order, func(a, b lack) int { return cmp.Compare(a.user, b.user) })
	for _, key := range order {
		areas := refused[key]
		first := &areas[0]
		c := check(api.CheckAccess, api.CheckWarning, "right", key.right, "count", strconv.Itoa(len(areas)),
			"probe", first.Probe, "area", first.Area, "first", first.Error.Args["first"], "user", key.user)
		c.Text = first.Error.Text
		checks = append(checks, c)
	}
	return checks, others
}

// missingRight names the right without which an area could not be read, "" if that was not
// the reason.
func missingRight(e *examined, c *api.Coverage) string {
	if c.Error == nil || !refusedBySystem(c.Error.Text) {
		return ""
	}
	switch {
	case !e.snapshot.Privileged:
		return api.RightSystem
	case e.system == "darwin":
		// Root may read everything but what macOS guards with a consent of its own.
		return api.RightFullDisk
	case e.system == "windows":
		return api.RightAdministrator
	case c.Probe == probeProcesses:
		return e.unless(api.RightSeeProcesses)
	}
	return e.unless(api.RightReadAll)
}

// unless names a right that the agent lacks. One that it has cannot be what is missing: a
// container or a security module can refuse even root.
func (e *examined) unless(right string) string {
	if slices.Contains(e.held, right) {
		return api.RightRefused
	}
	return right
}

// probeProcesses is the name of the probe of running programs.
const probeProcesses = "processes"

// refusedBySystem recognises refusals by the system's own words, since that is what is kept
// of an error: EACCES, EPERM and ERROR_ACCESS_DENIED.
func refusedBySystem(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"permission denied", "operation not permitted", "access is denied"},
		func(words string) bool { return strings.Contains(text, words) })
}

// userOf returns the user whose profile an area is.
func userOf(area string) (name string, ok bool) {
	if !strings.HasPrefix(area, areaUser) {
		return "", false
	}
	return strings.TrimPrefix(area, areaUser), true
}

func areaCheck(c *api.Coverage) api.Check {
	user, _ := userOf(c.Area)
	out := check(api.CheckArea, api.CheckWarning, "probe", c.Probe, "area", c.Area, "status", c.Status, "user", user)
	if c.Error != nil {
		for name, value := range c.Error.Args {
			out.Args[name] = value
		}
		out.Args["problem"], out.Text = c.Error.Code, c.Error.Text
	}
	return out
}
