package agent

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// spaceIn asks for the room on the disk of a folder that the agent may use.
func spaceIn(folder string) (diskSpace, error) {
	var s diskSpace
	name, err := windows.UTF16PtrFromString(folder)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(name, &s.free, &s.total, nil)
	}
	if err != nil {
		return diskSpace{}, fmt.Errorf("ask for the room in %q: %w", folder, err)
	}
	return s, nil
}
