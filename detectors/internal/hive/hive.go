// Package hive reads Windows registry hive files (SOFTWARE, NTUSER.DAT and the like).
//
// Registries of machines that are not running - a mounted disk, a backup, another
// user's profile - are only reachable as files. [Open] checks the header; everything
// else is read when asked for, one cell at a time, so a hive of hundreds of megabytes
// costs no more memory than the key being looked at. A [Hive] may be used from several
// goroutines if its reader may.
//
// The format is described in "Windows registry file format specification" by Maxim
// Suhanov (github.com/msuhanov/regf) and in "Windows NT Registry File (REGF) format
// specification" by the libregf project (github.com/libyal/libregf); field names and
// offsets in the comments below are theirs. Versions 1.3 to 1.6 are read. Transaction
// logs are not applied: a hive in use when it was copied shows its last written state,
// and [Hive.Dirty] says so. Registry links are ordinary keys here and are not followed.
//
// Hostile files are expected. Bounds: a cell is at most 1 MiB, a key has at most 65,536
// subkeys and 16,384 values, a value at most 1 MiB of data, all values of one key
// together at most 16 MiB, keys nest at most 512 deep, and no key is its own ancestor. A
// method that meets a broken cell returns what it could read together with an error that
// names the cell by its offset from the start of the hive bins data, the form used inside
// the file.
package hive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// baseSize is the length of the base block; cell offsets count from its end.
	baseSize = 4096
	// checkedSize is how much of the base block its checksum covers and Open reads.
	checkedSize = 508
	minMinor    = 3
	maxMinor    = 6
)

// Hive is an open hive file.
type Hive struct {
	r     io.ReaderAt
	size  int64
	minor uint32
	root  uint32
	dirty bool
}

// Open checks the base block of a hive of size bytes and prepares to read from r, which
// must stay open as long as the Hive or a [Key] of it is in use. It fails on anything
// that is not a primary hive file of version 1.3 to 1.6.
func Open(r io.ReaderAt, size int64) (*Hive, error) {
	if size < baseSize {
		return nil, fmt.Errorf("open hive: %d bytes are too few for a base block", size)
	}
	base := make([]byte, checkedSize+4)
	if n, err := r.ReadAt(base, 0); n < len(base) {
		return nil, fmt.Errorf("open hive: read base block: %w", noEOF(err))
	}
	if sig := string(base[:4]); sig != "regf" {
		return nil, fmt.Errorf("open hive: signature %q, want %q", sig, "regf")
	}
	le := binary.LittleEndian
	major, minor := le.Uint32(base[20:]), le.Uint32(base[24:])
	if major != 1 || minor < minMinor || minor > maxMinor {
		return nil, fmt.Errorf("open hive: version %d.%d is not among 1.%d to 1.%d", major, minor, minMinor, maxMinor)
	}
	if kind, format := le.Uint32(base[28:]), le.Uint32(base[32:]); kind != 0 || format != 1 {
		return nil, fmt.Errorf("open hive: file type %d, format %d is not a primary file", kind, format)
	}
	return &Hive{
		r:     r,
		size:  size,
		minor: minor,
		root:  le.Uint32(base[36:]),
		dirty: le.Uint32(base[4:]) != le.Uint32(base[8:]) || !checksumFits(base),
	}, nil
}

// Dirty reports whether the file was copied in the middle of a write: the two sequence
// numbers of its base block differ, or the checksum of the base block is wrong (section
// "Dirty state of a hive" of the specification). Keys of such a hive may be stale or
// broken.
func (h *Hive) Dirty() bool { return h.dirty }

// Key returns the key at a path of names joined by backslashes, starting below the root
// key; "" is the root key itself. Case does not matter, and empty names are skipped, as
// by the registry itself. The error wraps [io/fs.ErrNotExist] if there is no such key;
// any other error means the hive could not be read.
func (h *Hive) Key(path string) (*Key, error) {
	key, err := h.key(h.root, nil)
	if err != nil {
		return nil, fmt.Errorf("open root key: %w", err)
	}
	for name := range strings.SplitSeq(path, `\`) {
		if name == "" {
			continue
		}
		if key, err = key.Key(name); err != nil {
			return nil, fmt.Errorf("open key %q: %w", path, err)
		}
	}
	return key, nil
}

// checksumFits compares the XOR-32 checksum of the first 508 bytes with the stored one.
// Windows stores 1 for a checksum of 0, and the one below for a checksum of -1.
func checksumFits(base []byte) bool {
	var sum uint32
	for i := 0; i < checkedSize; i += 4 {
		sum ^= binary.LittleEndian.Uint32(base[i:])
	}
	switch sum {
	case 0:
		sum = 1
	case 0xffffffff:
		sum = 0xfffffffe
	}
	return sum == binary.LittleEndian.Uint32(base[checkedSize:])
}

// noEOF turns the end of the file into an error of its own: nothing here may end early.
func noEOF(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
