package hive

import (
	"encoding/binary"
	"fmt"
)

const (
	maxSubkeys = 1 << 16
	// maxListSteps bounds the work on one key's subkey lists: every list and every
	// element counts. Windows needs one element per subkey and a few per list.
	maxListSteps = 2 * maxSubkeys
	// maxListDepth is how many index roots may lie on the way to a leaf. One is all that
	// the specification allows; a second is tolerated.
	maxListDepth = 2
	listHeader   = 4
)

// lister gathers the subkeys of one key from its tree of lists.
type lister struct {
	hive  *Hive
	steps int
	seen  map[uint32]bool
	found []uint32
	err   error // the first list that could not be read
}

// subkeyOffsets returns where the key nodes of the subkeys are, each once. With an error
// the result holds those found nevertheless.
func (k *Key) subkeyOffsets() ([]uint32, error) {
	if k.subkeys == 0 {
		return nil, nil
	}
	l := lister{hive: k.hive, seen: make(map[uint32]bool)}
	l.walk(k.list, 0)
	return l.found, l.err
}

// walk follows the list at off, which lies below depth index roots. It returns false when
// a bound is reached and there is no point in going on.
func (l *lister) walk(off uint32, depth int) bool {
	if !l.step(off) {
		return false
	}
	list, err := l.hive.list(off)
	if err != nil {
		l.fail(err)
		return true
	}
	if list.isRoot && depth == maxListDepth {
		l.fail(cellError(off, fmt.Errorf("subkey lists nest over %d deep", maxListDepth)))
		return true
	}
	for rest := list.elements; len(rest) > 0; rest = rest[list.width:] {
		at := binary.LittleEndian.Uint32(rest)
		goOn := false
		if list.isRoot {
			goOn = l.walk(at, depth+1)
		} else {
			goOn = l.add(off, at)
		}
		if !goOn {
			return false
		}
	}
	return true
}

// add notes the key node at key, an element of the list at off.
func (l *lister) add(off, key uint32) bool {
	if !l.step(off) {
		return false
	}
	if l.seen[key] {
		return true
	}
	if len(l.found) == maxSubkeys {
		l.fail(cellError(off, fmt.Errorf("over %d subkeys", maxSubkeys)))
		return false
	}
	l.seen[key] = true
	l.found = append(l.found, key)
	return true
}

func (l *lister) step(off uint32) bool {
	if l.steps++; l.steps > maxListSteps {
		l.fail(cellError(off, fmt.Errorf("subkey lists have over %d elements", maxListSteps)))
		return false
	}
	return true
}

func (l *lister) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// list is the content of one subkey list.
type list struct {
	isRoot   bool // elements are lists, not key nodes
	width    int  // bytes per element, of which the first four are the offset
	elements []byte
}

// list reads the index root, index leaf, fast leaf or hash leaf at off. The name hints
// and hashes of the latter two are not used: they speed up a search but may be wrong.
func (h *Hive) list(off uint32) (list, error) {
	header, err := h.content(off, listHeader)
	if err != nil {
		return list{}, err
	}
	var l list
	switch signature := string(header[:2]); signature {
	case "ri":
		l.isRoot, l.width = true, 4
	case "li":
		l.width = 4
	case "lf", "lh":
		l.width = 8
	default:
		return list{}, cellError(off, fmt.Errorf("signature %q, want a subkey list", signature))
	}
	count := int(binary.LittleEndian.Uint16(header[2:]))
	content, err := h.content(off, listHeader+count*l.width)
	if err != nil {
		return list{}, err
	}
	l.elements = content[listHeader:]
	return l, nil
}
