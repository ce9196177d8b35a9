//go:build !cgo

package tray

import (
	"errors"
	"log/slog"

	"beagle/gui/view"
)

var errNoCgo = errors.New("this program was built without cgo, which the tray of macOS needs")

// panel stands where there is no tray, so that everything else is built and checked for macOS
// on other systems, too.
type panel struct{}

func newPanel(*slog.Logger, func(view.Item)) (*panel, error) { return nil, errNoCgo }

func (*panel) run(func(), func()) {}
func (*panel) draw(view.Menu)     {}
