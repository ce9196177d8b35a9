// Package linux holds what Beagle's packages and `beagle service install` put on a Linux
// system, so that both put there the same.
package linux

import _ "embed" // for Unit

// Program is where the unit says that the program lies.
const Program = "/usr/bin/beagle"

// Unit is the service for systemd.
//
//go:embed beagle.service
var Unit string
