// Package plist reads Apple's property lists, the XML and the binary form.
//
// It exists because the name, identifier and version of a macOS app stand in its
// Info.plist, a file that any app's author writes, and because the libraries at hand
// crash or take gigabytes on hostile ones: an array that contains itself, a length
// without text, many strings over the same bytes. [Parse] returns the whole dictionary,
// [Strings] the few keys a caller needs.
//
// Bounds: 4 MiB of input, 128 levels, 65,536 values (in the binary form also no more
// than bytes), which keeps allocations under 40 MiB; time is proportional to the input.
// No entity is declared, no DTD is loaded.
//
// Formats: plist(5) and PropertyList-1.0.dtd; CFBinaryPList.c and ForFoundationOnly.h of
// Apple's published CoreFoundation. The older text form is refused.
package plist

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

const (
	maxSize   = 4 << 20
	maxDepth  = 128
	maxValues = 1 << 16
)

// UID is a reference inside a keyed archive, known to the binary form only.
type UID uint64

// Parse returns the dictionary at the root of a property list.
//
// Values are string, bool, int64, uint64 (only for numbers beyond int64), float64,
// time.Time in UTC (the zero time for a date out of order), []byte, []any,
// map[string]any, UID, and nil for the binary form's null. Of a repeated key the last
// value counts. Bytes of text that are not UTF-8 become U+FFFD. Nothing returned shares
// memory with data.
func Parse(data []byte) (map[string]any, error) {
	v, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading property list: %w", err)
	}
	dict, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("reading property list: the root is not a dictionary")
	}
	return dict, nil
}

// Strings returns the values of those of the keys that the root dictionary has as
// strings. Keys that are absent or of another type are absent from the result.
func Strings(data []byte, keys ...string) (map[string]string, error) {
	dict, err := Parse(data)
	if err != nil {
		return nil, err
	}
	found := make(map[string]string, len(keys))
	for _, key := range keys {
		if s, ok := dict[key].(string); ok {
			found[key] = s
		}
	}
	return found, nil
}

func parse(data []byte) (any, error) {
	if len(data) > maxSize {
		return nil, fmt.Errorf("larger than %d bytes", maxSize)
	}
	if bytes.HasPrefix(data, []byte("bplist")) {
		return parseBinary(data)
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New("text in UTF-16 is not supported")
	}
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	text = bytes.TrimLeft(text, blanks)
	switch {
	case len(text) == 0:
		return nil, errors.New("empty")
	case text[0] == '<':
		return parseXML(text)
	case strings.IndexByte(`{("/`, text[0]) >= 0:
		return nil, errors.New("the old text form (OpenStep) is not supported")
	}
	return nil, errors.New("neither XML nor binary")
}

// budget counts down the values that may still be read.
type budget int

func (b *budget) take(n int) error {
	if n > int(*b) {
		return errors.New("too many values")
	}
	*b -= budget(n)
	return nil
}

func checkDepth(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	return nil
}
