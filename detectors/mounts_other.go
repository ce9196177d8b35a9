//go:build !linux

package detectors

// readMounts knows no mount table here: volumes of Windows and macOS are reached by path only.
func readMounts() []Mount { return nil }
