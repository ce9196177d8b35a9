package detectors

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// liveFiles reads the machine itself, where the system resolves names.
type liveFiles struct{}

func (liveFiles) Open(name string) (File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	return openRegular(name, info, os.OpenFile)
}

func (liveFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "list", Path: name, Err: syscall.ENOTDIR}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return readDir(f)
}

func (liveFiles) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

func (liveFiles) Resolve(name string) (string, error) { return filepath.EvalSymlinks(name) }

// openRegular opens what was just seen to be a regular file. Should it have been swapped
// for a FIFO since, O_NONBLOCK keeps the open from hanging and the second look refuses it.
func openRegular(name string, seen fs.FileInfo, open func(string, int, fs.FileMode) (*os.File, error)) (File, error) {
	if !seen.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: ErrNotRegular}
	}
	f, err := open(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: ErrNotRegular}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// readDir lists and closes a folder.
func readDir(f *os.File) ([]fs.DirEntry, error) {
	defer f.Close()
	entries, err := f.ReadDir(MaxDirEntries + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(entries) > MaxDirEntries {
		return nil, &fs.PathError{Op: "list", Path: f.Name(), Err: ErrTooMany}
	}
	return entries, nil
}
