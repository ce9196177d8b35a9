package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"beagle/detectors/catalog/yamldoc"
)

// file is what was read of a file, and who else can get at it.
type file struct {
	path string
	data []byte
	open exposure
}

// exposure says in words, with what to do about it, who can do what to a file; "" is nobody.
type exposure struct {
	owner    string // somebody owns it who has no business to
	writable string // others can change it
	readable string // others can read it
}

// readFile reads a regular file; nil where none exists. What it is and who can get at it is
// asked of the open file, so that nobody can exchange it in between.
func readFile(path string) (*file, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && !info.Mode().IsRegular(): // to open a pipe would wait for its other end
		return nil, fmt.Errorf("settings %q: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("settings %q: %w", path, bare(err))
	}
	defer f.Close()
	open, err := exposureOf(f)
	if err != nil {
		return nil, fmt.Errorf("settings %q: ask who can get at it: %w", path, bare(err))
	}
	data, err := io.ReadAll(io.LimitReader(f, yamldoc.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("settings %q: %w", path, bare(err))
	}
	if len(data) > yamldoc.MaxSize {
		return nil, fmt.Errorf("settings %q: larger than %d bytes", path, yamldoc.MaxSize)
	}
	return &file{path, data, open}, nil
}

// bare is an error without the path, which the caller says.
func bare(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// trusted refuses a file that somebody wrote, or can write, who may not tell the agent what
// to do.
func (f *file) trusted() error {
	for _, text := range []string{f.open.owner, f.open.writable} {
		if text != "" {
			return &Problem{Place: f.path, Text: text}
		}
	}
	return nil
}

// values reads the file as settings.
func (f *file) values(keys []key) (given, []error) {
	data := bytes.TrimPrefix(f.data, []byte("\xef\xbb\xbf")) // Windows editors put it there
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, []error{&Problem{Place: f.path, Text: "is in UTF-16: save it as UTF-8"}}
	}
	root, err := parseYAML(f.path, data, inFile(f.path))
	if err != nil {
		return nil, []error{err}
	}
	found, errs := sort(root, keys)
	return found, append(errs, f.secrets(found, keys)...)
}

// secrets finds those that others can read, or could have written.
func (f *file) secrets(found given, keys []key) []error {
	var errs []error
	for i := range keys {
		n := found[keys[i].name]
		if n == nil || !keys[i].secret {
			continue
		}
		for _, text := range []string{f.open.owner, f.open.readable} {
			if text != "" {
				errs = append(errs, n.wrong(keys[i].name, "is secret, but %s", text))
				break
			}
		}
	}
	return errs
}
