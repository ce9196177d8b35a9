//go:build unix

package detectors

import (
	"io/fs"
	"strconv"
	"syscall"
)

// ownerID returns the uid that owns a file, as passwd writes it.
func ownerID(info fs.FileInfo) (string, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return strconv.FormatUint(uint64(st.Uid), 10), true
}
