package agent

import "beagle/agent/internal/settings"

// Settings are what the organisation decides.
type Settings = settings.Settings

// SettingsPlaces are where settings are looked for.
type SettingsPlaces = settings.Places

// ResolvedSettings are the settings in force and where each comes from.
type ResolvedSettings = settings.Resolved

// LoadSettings reads one settings file over the defaults. The error has a line for each
// problem, with file, line, key, value and what is allowed.
func LoadSettings(path string) (*ResolvedSettings, error) { return settings.Load(path) }

// FindSettings returns the places of this system: those of the service, which is privileged,
// or those of an agent that an ordinary user runs. A file that is named replaces the usual
// one and must exist.
func FindSettings(file string, privileged bool) SettingsPlaces {
	places := settings.DefaultPlaces(privileged)
	if file != "" {
		places.File, places.Named = file, true
	}
	return places
}

// ResolveSettings reads all places. The error has a line for each problem; whoever has
// settings already keeps them then.
func ResolveSettings(places SettingsPlaces) (*ResolvedSettings, error) {
	return settings.Resolve(places)
}
