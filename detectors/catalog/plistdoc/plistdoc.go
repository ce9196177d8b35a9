// Package plistdoc reads the property lists that administrators' tools write for Beagle. It
// lends the probes' reader, which is bounded and fuzzed, to those who may not know probes:
// one program needs one reader of a format.
package plistdoc

import "beagle/detectors/internal/plist"

// Decode returns the dictionary at the root of a property list, XML or binary, of at most
// 4 MiB. Values are string, bool, int64, uint64 (beyond int64), float64, time.Time in UTC,
// []byte, []any, map[string]any, nil, and a type of its own for references inside archives.
func Decode(data []byte) (map[string]any, error) { return plist.Parse(data) }
