//go:build unix

package detectors

import (
	"io/fs"
	"syscall"
)

// ownerID returns the uid that owns a file.
func ownerID(info fs.FileInfo) (int32, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int32(st.Uid), true
}
