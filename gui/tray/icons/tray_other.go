//go:build !windows && !linux

package icons

// Tray returns the picture of a state for the tray. It fails for an unknown state.
func Tray(state string) ([]byte, error) { return PNG(state) }
