package hive

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// maxCell is the largest cell read. The largest one Windows writes is that of a
	// value in a version 1.3 hive, which has no big data records.
	maxCell = 1 << 20
	// minCell is the size field and the smallest content; sizes are multiples of it.
	minCell = 8
	// binHeader is the length of a hive bin's header, which precedes the first cell.
	binHeader = 32
	// sizeField is the length of the size that precedes the content of every cell.
	sizeField = 4
	// nowhere stands in an offset field for "there is none".
	nowhere = 0xffffffff
)

// cell reads the beginning of the cell at offset off into buf, whose first four bytes
// are used for the size field. It returns the part of the content that fits, a slice of
// buf, and the size of the whole content.
func (h *Hive) cell(off uint32, buf []byte) (content []byte, size int, err error) {
	if off == nowhere || off < binHeader || off%minCell != 0 {
		return nil, 0, cellError(off, errors.New("no cell starts at this offset"))
	}
	at := baseSize + int64(off)
	left := h.size - at
	if left < minCell {
		return nil, 0, cellError(off, errors.New("cell lies beyond the end of the file"))
	}
	buf = buf[:min(int64(len(buf)), left)]
	if n, err := h.r.ReadAt(buf, at); n < len(buf) {
		return nil, 0, cellError(off, noEOF(err))
	}
	// Sizes of cells in use are negative, hence the sum runs below zero.
	whole := -int64(int32(binary.LittleEndian.Uint32(buf)))
	switch {
	case whole <= 0:
		return nil, 0, cellError(off, errors.New("cell is not in use"))
	case whole < minCell:
		return nil, 0, cellError(off, fmt.Errorf("size %d is too small", whole))
	case whole > maxCell:
		return nil, 0, cellError(off, fmt.Errorf("size %d is over %d", whole, maxCell))
	case whole > left:
		return nil, 0, cellError(off, fmt.Errorf("size %d reaches beyond the end of the file", whole))
	}
	return buf[sizeField:min(int64(len(buf)), whole)], int(whole) - sizeField, nil
}

// content reads exactly n bytes from the start of the cell at off.
func (h *Hive) content(off uint32, n int) ([]byte, error) {
	if n > maxCell-sizeField {
		return nil, cellError(off, fmt.Errorf("%d bytes do not fit a cell", n))
	}
	if int64(n) > h.size-baseSize-int64(off) {
		// Checked before allocating: a small file may claim large contents.
		return nil, cellError(off, fmt.Errorf("%d bytes reach beyond the end of the file", n))
	}
	content, size, err := h.cell(off, make([]byte, sizeField+n))
	if err != nil {
		return nil, err
	}
	if len(content) < n {
		return nil, cellError(off, fmt.Errorf("content of %d bytes, want %d", size, n))
	}
	return content, nil
}

// signed reads the beginning of a record that starts with a two-letter signature and
// needs at least need bytes.
func (h *Hive) signed(off uint32, signature string, need int, buf []byte) ([]byte, error) {
	content, size, err := h.cell(off, buf)
	if err != nil {
		return nil, err
	}
	if got := string(content[:2]); got != signature {
		return nil, cellError(off, fmt.Errorf("signature %q, want %q", got, signature))
	}
	if len(content) < need {
		return nil, cellError(off, fmt.Errorf("content of %d bytes, want %d for %q", size, need, signature))
	}
	return content, nil
}

func cellError(off uint32, err error) error {
	return fmt.Errorf("cell %#x: %w", off, err)
}
