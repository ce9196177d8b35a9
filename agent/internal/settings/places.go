package settings

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// BundleID is the domain of the managed preferences on macOS.
const BundleID = "beagle.agent"

// Places are where settings are looked for. "" and nil leave a layer out.
type Places struct {
	// File is the settings file. It need not exist, unless a person named it.
	File  string
	Named bool
	// Environ are variables in the form of os.Environ.
	Environ []string
	// Preferences is a property list with managed preferences. It need not exist.
	Preferences string
	// Policy is a registry key with policies, as in HKLM\Software\Policies\Beagle. It need
	// not exist.
	Policy string
}

// DefaultPlaces are those of this system: for the service, which is privileged, or for an
// agent that an ordinary user runs and that has a settings file of its own. What is managed
// centrally holds for both.
func DefaultPlaces(privileged bool) Places {
	p := Places{Environ: os.Environ()}
	switch runtime.GOOS {
	case "windows":
		p.Policy = `HKLM\Software\Policies\Beagle`
	case "darwin":
		p.Preferences = "/Library/Managed Preferences/" + BundleID + ".plist"
	}
	folder, err := systemFolder()
	if !privileged {
		folder, err = userFolder()
	}
	if err == nil {
		p.File = filepath.Join(folder, "settings.yaml")
	}
	return p
}

// userFolder fails for a user without a home, who then has no settings file.
func userFolder() (string, error) {
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "linux" {
		return filepath.Join(folder, "beagle"), nil
	}
	return filepath.Join(folder, "Beagle"), nil
}

// Fingerprint changes when one of the places does, and costs a few system calls. Take it
// before [Resolve], so that a change in between is noticed the next time. The environment of
// a process does not change.
func (p *Places) Fingerprint() string {
	var stamps []string
	for _, path := range []string{p.File, p.Preferences} {
		if path != "" {
			stamps = append(stamps, fileStamp(path))
		}
	}
	if p.Policy != "" {
		stamps = append(stamps, registryStamp(p.Policy))
	}
	return strings.Join(stamps, "\n")
}
