package winereg

import "io"

// ParseWithin is Parse with bounds small enough for a test to reach.
func ParseWithin(r io.Reader, input int64, line, keys, values int) (*Registry, error) {
	return parse(r, bounds{input: input, line: line, keys: keys, values: values})
}
