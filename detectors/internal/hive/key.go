package hive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// nodeHeader is the length of a key node before its name.
	nodeHeader = 76
	// maxKeyName is the longest key name in bytes: 256 characters, one more than
	// "Registry Element Size Limits" of the Windows documentation allows.
	maxKeyName = 512
	// maxDepth is the limit on nesting given in "Registry Element Size Limits".
	maxDepth = 512
	// nameIsLatin1 is KEY_COMP_NAME among the flags of a key node.
	nameIsLatin1 = 0x0020
)

// Key is a key of a hive. It stays valid as long as the hive's reader is open, and may be
// used from several goroutines like its [Hive].
type Key struct {
	hive  *Hive
	path  []uint32 // offsets of the keys from the root to this one
	name  string
	index atomic.Pointer[index] // nil until Subkeys was called
	node
}

// index finds subkeys by name without reading all of them again for each.
type index struct {
	offsets map[string]uint32 // by folded name
	err     error             // why subkeys may be missing, or nil
}

// node is what a key node says, besides its name.
type node struct {
	modified   uint64
	subkeys    uint32
	list       uint32
	values     uint32
	valuesList uint32
}

// Name returns the key's own name as stored. That of a root key is whatever the program
// that made the hive chose; it is no part of any path.
func (k *Key) Name() string { return k.name }

// Modified returns when the key, one of its values or the list of its subkeys was last
// written, in UTC. It is the zero time if none is recorded.
func (k *Key) Modified() time.Time { return FileTime(k.modified) }

// Subkeys returns the names of the subkeys in the order in which they are stored, which
// is alphabetical in hives written by Windows. If some are broken or there are more than
// 65,536, it returns the readable ones and an error. The key remembers where they are, so
// opening each of them with Key afterwards is cheap.
func (k *Key) Subkeys() ([]string, error) {
	x := &index{offsets: make(map[string]uint32)}
	var names []string
	x.err = k.eachSubkey(func(off uint32, raw rawName) bool {
		name := raw.String()
		names = append(names, name)
		if folded := Fold(name); x.offsets[folded] == 0 {
			x.offsets[folded] = off
		}
		return true
	})
	k.index.Store(x)
	if x.err != nil {
		return names, fmt.Errorf("list subkeys of %q: %w", k.name, x.err)
	}
	return names, nil
}

// Key returns the subkey called name; case does not matter. The error wraps
// [fs.ErrNotExist] if the key has no such subkey. Any other error means that this could
// not be found out.
func (k *Key) Key(name string) (*Key, error) {
	off, err := k.find(name)
	if err == nil && off == 0 {
		err = fs.ErrNotExist
	}
	var sub *Key
	if off != 0 {
		sub, err = k.hive.key(off, k.path)
	}
	if err != nil {
		return nil, fmt.Errorf("subkey %q of %q: %w", name, k.name, err)
	}
	return sub, nil
}

// Value returns the value called name as text (see [Value.String]) and whether the key
// has such a value and it could be read. Case does not matter; the key's default value is
// called "".
func (k *Key) Value(name string) (string, bool) {
	offsets, _ := k.valueOffsets() // those found count, whatever the error
	want := newWanted(name)
	for _, off := range offsets {
		record, err := k.hive.record(off)
		if err != nil || !want.is(record.name) {
			continue
		}
		value, err := k.hive.value(record)
		if err != nil {
			return "", false
		}
		return value.String(), true
	}
	return "", false
}

// Values returns the values of the key in the order in which they are stored. If some are
// broken, or there are more than 16,384 of them or 16 MiB, it returns the readable ones
// up to there and an error.
func (k *Key) Values() ([]Value, error) {
	values, err := k.readValues()
	if err != nil {
		return values, fmt.Errorf("list values of %q: %w", k.name, err)
	}
	return values, nil
}

// find returns the offset of the subkey called name, 0 if there is none: the first cell of
// a hive lies behind the header of its bin. It returns an error only if the subkey was not
// found among the readable ones.
func (k *Key) find(name string) (uint32, error) {
	if x := k.index.Load(); x != nil {
		if off := x.offsets[Fold(name)]; off != 0 {
			return off, nil
		}
		return 0, x.err
	}
	var found uint32
	want := newWanted(name)
	err := k.eachSubkey(func(off uint32, raw rawName) bool {
		if want.is(raw) {
			found = off
		}
		return found == 0
	})
	if found != 0 {
		err = nil
	}
	return found, err
}

// eachSubkey calls yield for the readable subkeys until it returns false. The error is the
// first met on the way.
func (k *Key) eachSubkey(yield func(off uint32, name rawName) bool) error {
	offsets, err := k.subkeyOffsets()
	buf := make([]byte, sizeField+nodeHeader+maxKeyName)
	for _, off := range offsets {
		_, name, nodeErr := k.hive.node(off, buf)
		if nodeErr != nil {
			if err == nil {
				err = nodeErr
			}
			continue
		}
		if !yield(off, name) {
			break
		}
	}
	return err
}

// key reads the key node at off, which lies below the keys at the offsets in path.
func (h *Hive) key(off uint32, path []uint32) (*Key, error) {
	if len(path) > maxDepth {
		return nil, cellError(off, fmt.Errorf("key lies over %d levels deep", maxDepth))
	}
	if slices.Contains(path, off) {
		return nil, cellError(off, errors.New("key is its own ancestor"))
	}
	n, raw, err := h.node(off, make([]byte, sizeField+nodeHeader+maxKeyName))
	if err != nil {
		return nil, err
	}
	return &Key{hive: h, path: append(slices.Clip(path), off), name: raw.String(), node: n}, nil
}

// node reads the key node at off into buf; the name returned is a part of buf.
func (h *Hive) node(off uint32, buf []byte) (node, rawName, error) {
	content, err := h.signed(off, "nk", nodeHeader, buf)
	if err != nil {
		return node{}, rawName{}, err
	}
	le := binary.LittleEndian
	length := int(le.Uint16(content[72:]))
	if length > maxKeyName || nodeHeader+length > len(content) {
		return node{}, rawName{}, cellError(off, fmt.Errorf("key name of %d bytes does not fit", length))
	}
	name := rawName{
		bytes:  content[nodeHeader : nodeHeader+length],
		latin1: le.Uint16(content[2:])&nameIsLatin1 != 0,
	}
	return node{
		modified:   le.Uint64(content[4:]),
		subkeys:    le.Uint32(content[20:]),
		list:       le.Uint32(content[28:]),
		values:     le.Uint32(content[36:]),
		valuesList: le.Uint32(content[40:]),
	}, name, nil
}

// FileTime converts a FILETIME, which counts 100 ns since 1601, to UTC. It returns the zero
// time for 0, which stands for none, and for times after the year 9999: they are damage, and
// formats such as JSON cannot carry them.
func FileTime(ft uint64) time.Time {
	const (
		second     = 10_000_000
		unixEpoch  = 11_644_473_600 // seconds from 1601 to 1970
		endOfYears = (253_402_300_800 + unixEpoch) * second
	)
	if ft == 0 || ft >= endOfYears {
		return time.Time{}
	}
	return time.Unix(int64(ft/second)-unixEpoch, int64(ft%second)*100).UTC()
}
