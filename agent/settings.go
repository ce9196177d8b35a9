package agent

import "beagle/agent/internal/settings"

// Settings are what the organisation decides.
type Settings = settings.Settings

// LoadSettings reads a settings file; the error names file, line and key.
func LoadSettings(path string) (*Settings, error) { return settings.Load(path) }
