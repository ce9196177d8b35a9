//go:build !windows

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// folderLock keeps other agents out of a folder. It is on the folder itself, so that no file
// of its own can be left behind or removed; the kernel lets go of it when the process ends.
type folderLock struct{ dir *os.File }

// lockFolder takes the lock, or fails at once with [ErrLocked].
func lockFolder(dir string) (*folderLock, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, errors.Join(fmt.Errorf("lock %q: %w", dir, err), f.Close())
	}
	return &folderLock{f}, nil
}

// holds reports whether the lock is on the folder that has this path now.
func (l *folderLock) holds(dir string) bool {
	there, err := os.Stat(dir)
	if err != nil {
		return false
	}
	here, err := l.dir.Stat()
	return err == nil && os.SameFile(here, there)
}

func (l *folderLock) release() {
	if l != nil {
		_ = l.dir.Close() // nothing was written through it
	}
}

// private makes the folder its owner's alone.
func private(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() == 0o700 {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// syncFolder makes names in the folder durable.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
