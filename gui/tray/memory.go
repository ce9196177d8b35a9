package tray

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"beagle/gui/view"
)

// maxMemory is how much of a file is read, in bytes; a memory is some kilobytes.
const maxMemory = 1 << 20

// memory is what the tray remembers between two sessions, so that nothing is told twice.
type memory struct {
	Notices view.Memory `json:"notices"`
	// Hinted says that the reader was told how to get an icon on a desktop without a tray.
	Hinted bool `json:"hinted"`
}

// shelf keeps a memory in a file. Without a path it keeps nothing.
type shelf struct {
	path string
	last []byte // as it is in the file
}

func newShelf(folder string) *shelf {
	if folder == "" {
		return &shelf{}
	}
	return &shelf{path: filepath.Join(folder, "tray.json")}
}

// load returns what was kept; a file that is not there, or cannot be understood, is an empty
// memory: then things are told once more.
func (s *shelf) load() (memory, error) {
	var m memory
	if s.path == "" {
		return m, nil
	}
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read what was told already: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxMemory))
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		return memory{}, fmt.Errorf("read what was told already in %q: %w", s.path, err)
	}
	s.last = data
	return m, nil
}

// save keeps a memory if it differs from the one kept.
func (s *shelf) save(m memory) error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write what was told: %w", err)
	}
	if s.path == "" || bytes.Equal(data, s.last) {
		return nil
	}
	if err := replace(s.path, data); err != nil {
		return fmt.Errorf("write what was told: %w", err)
	}
	s.last = data
	return nil
}

// replace writes a file of the user's own so that it is old or new, never half.
func replace(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tray-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
