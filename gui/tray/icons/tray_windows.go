package icons

import (
	"embed"
	"fmt"
)

//go:embed *.ico
var icos embed.FS

// Tray returns the picture of a state for the tray. It fails for an unknown state.
func Tray(state string) ([]byte, error) {
	data, err := icos.ReadFile(state + ".ico")
	if err != nil {
		return nil, fmt.Errorf("icon of state %q: %w", state, err)
	}
	return data, nil
}
