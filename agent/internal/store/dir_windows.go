package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// folderLock keeps other agents out of a folder. Windows cannot lock a folder, so it is on a
// file in it, which cannot be removed as long as it is open.
type folderLock struct{ file *os.File }

// lockFolder takes the lock, or fails at once with [ErrLocked].
func lockFolder(dir string) (*folderLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "state.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	const how = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, new(windows.Overlapped)); err != nil {
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
			err = ErrLocked
		}
		return nil, errors.Join(fmt.Errorf("lock %q: %w", dir, err), f.Close())
	}
	return &folderLock{f}, nil
}

// holds reports whether the lock is on the folder that has this path now: a folder with an
// open file in it can neither be removed nor renamed.
func (l *folderLock) holds(string) bool { return true }

func (l *folderLock) release() {
	if l != nil {
		_ = l.file.Close() // nothing was written through it
	}
}

// private does nothing: who may use the folder is inherited from its parent, which the
// installer protects.
func private(string) error { return nil }

// syncFolder does nothing: NTFS logs names by itself.
func syncFolder(string) error { return nil }
