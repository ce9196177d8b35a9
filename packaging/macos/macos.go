// Package macos holds what Beagle's package and `beagle service install` put on a Mac, so
// that both put there the same.
package macos

import _ "embed" // for Daemon

const (
	// Label is the name of the launch daemon; its file is Label.plist.
	Label = "beagle.agent"
	// Program is where the definition says that the program lies.
	Program = "/usr/local/bin/beagle"
	// LogFolder is where the definition says that the log lies. launchd makes no folders.
	LogFolder = "/Library/Logs/Beagle"
)

// Daemon is the definition for launchd.
//
//go:embed beagle.agent.plist
var Daemon string
