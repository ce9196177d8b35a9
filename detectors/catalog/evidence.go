package catalog

import (
	"strings"
	"time"
)

// OS names the rules that evidence follows (path syntax, letter case). It is not always
// the system of the host: an Uninstall key in a Wine prefix is Windows evidence.
type OS string

// The systems Beagle knows.
const (
	Linux   OS = "linux"
	MacOS   OS = "macos"
	Windows OS = "windows"
)

// Systems lists every OS in the order of the catalog files.
func Systems() []OS { return []OS{Linux, MacOS, Windows} }

// Kind says what sort of fact an evidence is.
type Kind string

// The kinds of evidence. What Value and Path hold is said per kind.
const (
	KindDpkg      Kind = "dpkg"      // Value: package name; Path: the status database
	KindDesktop   Kind = "desktop"   // Value: file name of the entry; Path: the entry
	KindFile      Kind = "file"      // Value: file name; Path: the file
	KindProcess   Kind = "process"   // Value: file name of the running program; Path: the program, "" if unknown
	KindBundle    Kind = "bundle"    // Value: bundle identifier; Path: the .app folder
	KindUninstall Kind = "uninstall" // Value: name of the Uninstall subkey; Path: the whole key
)

// Kinds lists every kind of evidence.
func Kinds() []Kind {
	return []Kind{KindDpkg, KindDesktop, KindFile, KindProcess, KindBundle, KindUninstall}
}

// Attributes that the matcher itself understands. Probes may add any others; an
// indicator can demand every one of them.
const (
	// AttrRoot is the folder in which this copy of the app lies, as far as the probe can tell.
	AttrRoot = "root"
	// AttrGone holds a code when the evidence is only what a removed app left behind:
	// one of "target_missing", "config_files", "trash". It turns any presence into residue.
	AttrGone = "gone"
	// AttrLoose is "true" for a copy outside the places where installed programs go, such as
	// an app in Downloads. It turns installed into portable.
	AttrLoose = "loose"
	// AttrVersion is the version this evidence states.
	AttrVersion = "version"
	// AttrBeside lists, joined by "/", those names in the same folder that some catalog
	// entry asks for in "beside".
	AttrBeside = "beside"
)

// MachineOwner is the owner of everything that does not belong to one user.
const MachineOwner = "machine"

// Evidence is one fact seen on a host. A probe makes it and judges nothing.
type Evidence struct {
	Kind  Kind
	OS    OS
	Value string
	// Path is in the notation of OS: backslashes for Windows.
	Path  string
	Owner string
	// Probe and Area say who saw it, and in which piece of the host. The same fact seen by
	// two probes is two pieces of evidence: each is withdrawn only by the one that saw it.
	Probe string
	Area  string
	Seen  time.Time
	// Attributes hold whatever else the probe read at the same place.
	Attributes map[string]string
}

// Presence says in which way an app is there.
type Presence string

// The presences, the most alarming first.
const (
	Running   Presence = "running"
	Installed Presence = "installed"
	Portable  Presence = "portable"
	WebApp    Presence = "webapp"
	Emulated  Presence = "emulated"
	Installer Presence = "installer"
	Residue   Presence = "residue"
)

// Presences lists every presence, the most alarming first.
func Presences() []Presence {
	return []Presence{Running, Installed, Portable, WebApp, Emulated, Installer, Residue}
}

// Live reports whether the app can be used as it is: an installer and what a removed
// app left behind cannot.
func (p Presence) Live() bool { return p != Installer && p != Residue }

// Strength is how much one evidence is worth.
type Strength string

// The strengths.
const (
	Proof  Strength = "proof"
	Strong Strength = "strong"
	Hint   Strength = "hint"
)

func (s Strength) rank() int {
	switch s {
	case Proof:
		return 3
	case Strong:
		return 2
	case Hint:
		return 1
	}
	return 0
}

// Confidence is how sure a finding is.
type Confidence string

// The confidences.
const (
	Certain  Confidence = "certain"
	Likely   Confidence = "likely"
	Possible Confidence = "possible"
)

func (c Confidence) rank() int {
	switch c {
	case Certain:
		return 3
	case Likely:
		return 2
	case Possible:
		return 1
	}
	return 0
}

// foldsCase reports whether names of this kind are compared without regard to case.
// Windows and macOS look files up that way; Linux does not, nor do package names.
func foldsCase(kind Kind, os OS) bool {
	switch kind {
	case KindDpkg, KindDesktop:
		return false
	case KindBundle, KindUninstall:
		return true
	}
	return os != Linux
}

// lastSegment returns the part of path after the last separator of either notation.
func lastSegment(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		return path[i+1:]
	}
	return path
}

// parentSegment returns the last part but one of path, "" where there is none.
func parentSegment(path string) string {
	i := strings.LastIndexAny(path, `/\`)
	if i < 0 {
		return ""
	}
	return lastSegment(path[:i])
}

// ancestor returns the folder the given number of levels above path, "" where that
// would be a file system's root or above it: no copy of an app is a whole disk.
func ancestor(path string, levels int) string {
	for range levels {
		i := strings.LastIndexAny(path, `/\`)
		if i < 0 {
			return ""
		}
		path = path[:i]
	}
	if path == "" || (len(path) == 2 && path[1] == ':') {
		return ""
	}
	return path
}
