package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// output is where the result goes. A file appears under its name only when it is whole.
type output struct {
	io.Writer
	file *os.File // nil for the terminal, and once committed
	path string   // what the file is to be called, "" if it needs no other name
}

// openOutput opens what the flag names, or the terminal where it names nothing.
func openOutput(flag, path string, terminal io.Writer) (*output, error) {
	if path == "" {
		return &output{Writer: terminal}, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // write to what a link leads to, not over the link
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("--%s %q: is a directory", flag, path)
	case err == nil && !info.Mode().IsRegular():
		// A device or a pipe is written to; renaming a file over it would destroy it.
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("--%s %q: %w", flag, path, describe(err))
		}
		return &output{Writer: file, file: file}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".beagle-*")
	if err != nil {
		return nil, fmt.Errorf("--%s %q: %w", flag, path, describe(err))
	}
	out := &output{Writer: file, file: file, path: path}
	if info != nil {
		// Whoever could read the last result can read this one.
		if err := file.Chmod(info.Mode().Perm()); err != nil {
			out.discard()
			return nil, fmt.Errorf("--%s %q: %w", flag, path, describe(err))
		}
	}
	return out, nil
}

func (o *output) commit() error {
	switch {
	case o.file == nil:
		return nil
	case o.path == "":
		err := o.file.Close()
		o.file = nil
		return err
	}
	temporary := o.file.Name()
	err := errors.Join(o.file.Sync(), o.file.Close())
	if err == nil {
		err = os.Rename(temporary, o.path)
	}
	if err == nil {
		o.file = nil
	}
	return err
}

// discard drops an unfinished file; after commit it does nothing.
func (o *output) discard() {
	if o.file == nil {
		return
	}
	_ = o.file.Close()
	if o.path != "" {
		_ = os.Remove(o.file.Name())
	}
	o.file = nil
}
