//go:build !windows

package detectors

// attachRegistry does nothing: only Windows has a live registry.
func attachRegistry(*Host) error { return nil }
