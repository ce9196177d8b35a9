package dpkg

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

const (
	// maxInput bounds the bytes read. A status file has about 1 KiB a package.
	maxInput = 512 << 20
	// maxLine bounds a line. The longest lines seen are Depends and Provides fields of
	// some 10 KiB.
	maxLine = 64 << 10
)

// lines hands out one line after the other from one fixed buffer.
type lines struct {
	br    *bufio.Reader
	left  int64 // bytes that may still be read
	limit int64
	no    int // number of the line last returned, from 1
}

func newLines(r io.Reader, limit int64) *lines {
	return &lines{br: bufio.NewReaderSize(r, maxLine), left: limit, limit: limit}
}

// next returns the next line without its line feed; it is valid until the next call.
// Of a line longer than the buffer it returns the beginning and whole = false.
// The error is io.EOF at the end, else final.
func (l *lines) next() (line []byte, whole bool, err error) {
	line, err = l.br.ReadSlice('\n')
	l.left -= int64(len(line))
	if errors.Is(err, bufio.ErrBufferFull) {
		l.no++
		return line, false, l.check(nil)
	}
	if len(line) == 0 {
		return nil, true, l.check(err)
	}
	l.no++
	if line[len(line)-1] == '\n' {
		line = line[:len(line)-1]
	}
	// A last line without a line feed comes with io.EOF, which the next call repeats.
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return line, true, l.check(err)
}

// drop reads up to the end of a line of which next returned only the beginning. It
// overwrites what next returned.
func (l *lines) drop() error {
	for {
		part, err := l.br.ReadSlice('\n')
		l.left -= int64(len(part))
		if errors.Is(err, bufio.ErrBufferFull) {
			err = nil
		} else if err == nil || errors.Is(err, io.EOF) {
			return l.check(nil)
		}
		if err = l.check(err); err != nil {
			return err
		}
	}
}

func (l *lines) check(err error) error {
	switch {
	case l.left < 0:
		return fmt.Errorf("reading dpkg text: larger than %d bytes", l.limit)
	case err == nil, errors.Is(err, io.EOF):
		return err
	}
	return fmt.Errorf("reading dpkg text after line %d: %w", l.no, err)
}
