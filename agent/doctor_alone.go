package agent

import (
	"errors"
	"io/fs"
	"runtime"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/settings"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// Examine is what a doctor can tell where no agent answers: settings, the rules of this
// program, the disk of the agent's memory, and the clock. The folder is the agent's, ""
// where none is known; privileged asks for the settings of the system's agent.
func Examine(folder string, privileged bool, now time.Time) []api.Check {
	e := examined{
		system: runtime.GOOS, snapshot: api.Snapshot{At: now.UTC(), Privileged: privileged}, folder: folder,
		policiesDate: latestSource(policy.Embedded()),
	}
	if index, err := catalog.Embedded(); err == nil {
		e.snapshot.CatalogVersion, e.snapshot.CatalogDate = index.Version(), index.Date()
	}
	checks := settingsAlone(&e, settings.DefaultPlaces(privileged))
	checks = append(checks, checkCatalog(&e)...)
	checks = append(checks, checkPolicies(&e)...)
	e.disk, e.diskErr = spaceIn(folder)
	if !errors.Is(e.diskErr, fs.ErrNotExist) { // an agent that never ran has none
		checks = append(checks, checkDisk(&e)...)
	}
	return append(checks, checkClock(&e)...)
}

// settingsAlone reads the settings as an agent would. Who asks may not be allowed to.
func settingsAlone(e *examined, places settings.Places) []api.Check {
	resolved, err := settings.Resolve(places)
	if errors.Is(err, fs.ErrPermission) {
		c := check(api.CheckSettings, api.CheckUnknown)
		c.Text = err.Error()
		return []api.Check{c}
	}
	if err != nil {
		e.snapshot.Conditions = []api.Condition{{Code: api.ConditionSettingsBroken, Args: map[string]string{"text": err.Error()}}}
		return checkSettings(e)
	}
	e.settings = settingsOf(resolved)
	return checkSettings(e)
}

// settingsOf lists the settings in force and where each comes from.
func settingsOf(resolved *settings.Resolved) []setting {
	var list []setting
	for _, v := range resolved.Values() {
		list = append(list, setting{key: v.Key, value: v.Text, layer: string(v.Origin.Layer), place: v.Origin.Place})
	}
	return list
}

// latestSource is the day of the newest source that the policies rest on.
func latestSource(set *policy.Set) (newest policy.Date) {
	for i := range set.Policies {
		newest = max(newest, policy.Date(set.Policies[i].LatestSource))
	}
	return newest
}
