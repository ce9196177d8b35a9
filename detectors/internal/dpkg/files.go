package dpkg

import (
	"bytes"
	"errors"
	"io"
)

// Files calls each for every path of an info/*.list file, in the order of the file, on
// the calling goroutine. An error of each stops the reading and is returned as it is.
//
// Paths come as written: the first is mostly "/.", directories are among them. Lines
// that are not one absolute path, or are longer than 64 KiB, are left out; if there
// were any the error is a [*Malformed]. Any other error means that the rest was not read.
func Files(r io.Reader, each func(path string) error) error {
	return files(r, maxInput, each)
}

func files(r io.Reader, limit int64, each func(path string) error) error {
	in := newLines(r, limit)
	var bad Malformed
	for {
		line, whole, err := in.next()
		if errors.Is(err, io.EOF) {
			return bad.err()
		}
		if err != nil {
			return err
		}
		if !whole {
			bad.note(in.no)
			if err := in.drop(); err != nil {
				return err
			}
			continue
		}
		if !isPath(line) {
			bad.note(in.no)
			continue
		}
		if err := each(string(line)); err != nil {
			return err
		}
	}
}

func isPath(line []byte) bool {
	return len(line) > 0 && line[0] == '/' && bytes.IndexByte(line, 0) < 0
}
