//go:build unix

package tray

import (
	"os"

	"beagle/gui/view"
)

// Languages are those of the session's environment, the preferred first.
func Languages() []string { return view.LanguagesOf(os.Getenv) }
