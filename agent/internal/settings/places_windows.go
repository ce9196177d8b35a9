package settings

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// systemFolder asks the system: the variable %ProgramData% is what a user makes of it.
func systemFolder() (string, error) {
	folder, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	return filepath.Join(folder, "Beagle"), err
}
