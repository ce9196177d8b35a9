// Package icons holds the tray's icons, one for each state, in the format that the system's
// tray takes: PNG of 48 pixels, which panels scale down, or ICO of several sizes on Windows.
// Those in panel are the same, made for the session bus.
// They are drawn by the program in internal; edit shapes there and run `make generate`.
package icons

import (
	"embed"
	"fmt"
)

//go:generate go run ./internal/gen . ../../../packaging/linux/icons

//go:embed *.png
var pngs embed.FS

// PNG returns the picture of a state, such as "clean". It fails for an unknown one.
func PNG(state string) ([]byte, error) {
	data, err := pngs.ReadFile(state + ".png")
	if err != nil {
		return nil, fmt.Errorf("icon of state %q: %w", state, err)
	}
	return data, nil
}
