//go:build !windows

package agent

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// spaceIn asks for the room on the disk of a folder that the agent may use.
func spaceIn(folder string) (diskSpace, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return diskSpace{}, fmt.Errorf("ask for the room in %q: %w", folder, err)
	}
	size := uint64(s.Bsize)
	return diskSpace{free: s.Bavail * size, total: s.Blocks * size}, nil
}
