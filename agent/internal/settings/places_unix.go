//go:build !windows

package settings

import "runtime"

func systemFolder() (string, error) {
	if runtime.GOOS == "darwin" {
		return "/Library/Application Support/Beagle", nil
	}
	return "/etc/beagle", nil
}
