package walk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// fileDir is a directory read through package os, for systems without getdents64. Its
// handle is not needed for its sub-directories, which are opened by path, and is closed
// at the end of reading.
type fileDir struct {
	file *os.File // nil while closed
	seen int      // entries read so far
	last bool     // read to its end
}

// openPortable opens the root. A link to a directory is looked for here because opening
// one without following it works on some systems and gives an empty directory.
func openPortable(path string) (folder, error) {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Type() != fs.ModeDir {
		err = syscall.ENOTDIR
	}
	var file *os.File
	if err == nil {
		file, err = os.OpenFile(path, os.O_RDONLY|openDirectory, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("open directory %q: %w", path, cause(err))
	}
	return &fileDir{file: file}, nil
}

func (d *fileDir) open(_, path []byte) (folder, error) {
	file, err := os.OpenFile(string(path), os.O_RDONLY|openDirectory, 0)
	if err != nil {
		return nil, cause(err)
	}
	return &fileDir{file: file}, nil
}

func (d *fileDir) read(w *worker, size int) (bool, error) {
	const usual = 32 // bytes of an entry with its name
	entries, err := d.file.ReadDir(max(1, size/usual))
	d.seen += len(entries)
	for _, entry := range entries {
		w.buf = append(w.buf[:0], entry.Name()...)
		w.entry(w.buf, entry.Type())
	}
	if err == nil {
		return false, nil
	}
	d.last = true
	d.close()
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return true, cause(err)
}

func (d *fileDir) close() {
	if d.file != nil {
		d.file.Close()
		d.file = nil
	}
}

// resume reads again what was read before, as there is no portable way to go back to a
// place in a directory.
func (d *fileDir) resume(_ folder, _, path []byte) error {
	if d.last {
		return nil
	}
	file, err := os.OpenFile(string(path), os.O_RDONLY|openDirectory, 0)
	if err != nil {
		return cause(err)
	}
	d.file = file
	const batch = 1024
	for left := d.seen; left > 0; {
		entries, err := file.ReadDir(min(left, batch))
		if err != nil && !errors.Is(err, io.EOF) {
			return cause(err)
		}
		if err != nil {
			return nil // it has fewer entries now, and read will find its end
		}
		left -= len(entries)
	}
	return nil
}

// cause drops the path that os puts before an error: the caller names it in its own way.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
