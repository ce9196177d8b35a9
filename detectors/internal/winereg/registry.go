// Package winereg reads the registry files of Wine: system.reg, user.reg and userdef.reg
// in a prefix.
//
// Windows programs under Wine leave the same traces in a registry as they do on Windows,
// but Wine keeps it as text. [Parse] reads a whole file into memory; the result does not
// change any more and may be used from several goroutines. A [Key] has the same methods as
// one of package hive, and values have the same form.
//
// There is no specification; the reference is Wine's own reader and writer, server/registry.c
// and server/unicode.c (gitlab.winehq.org/wine/wine). As in Wine, a line that cannot be
// understood is skipped and the rest still read; Parse then returns both the registry and
// an error. Registry links are ordinary keys here and are not followed.
//
// Bounds: 64 MiB of input, 1 MiB a line, 1,000,000 keys, 1,000,000 values, keys nested
// 512 deep. Parse stops at the first four, and skips sections beyond the last.
package winereg

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"beagle/detectors/internal/hive"
)

// Value is a value of a key in the form in which Windows stores it.
type Value = hive.Value

// Registry is the content of one registry file.
type Registry struct {
	root *Key
	// All keys and values by where they are. One map for each is far smaller than maps
	// in every key, most of which have one subkey.
	keys   map[place]*Key
	values map[place]int // index into the values of the key
}

// place is a folded name below a key.
type place struct {
	below *Key
	name  string
}

// Key is a key of a registry.
type Key struct {
	registry *Registry
	name     string
	modified uint64 // FILETIME
	subkeys  []string
	values   []Value
}

// Parse reads a registry file. If lines are malformed or a bound is reached, it returns
// what it could read and an error that names the first such line. The result is nil only
// if r does not start with the header of such a file, or cannot be read at all.
func Parse(r io.Reader) (*Registry, error) {
	return parse(r, bounds{input: 64 << 20, line: 1 << 20, keys: 1_000_000, values: 1_000_000})
}

func parse(r io.Reader, b bounds) (*Registry, error) {
	p := newParser(r, b)
	if err := p.header(); err != nil {
		return nil, fmt.Errorf("parse wine registry: %w", err)
	}
	if err := p.lines(); err != nil {
		return p.registry, fmt.Errorf("parse wine registry: %w", err)
	}
	return p.registry, nil
}

// Key returns the key at a path of names joined by backslashes; "" is the root key, which
// stands for HKEY_LOCAL_MACHINE in a system.reg and HKEY_CURRENT_USER in a user.reg. Case
// does not matter, and empty names are skipped. The error wraps [fs.ErrNotExist] if there
// is no such key.
func (r *Registry) Key(path string) (*Key, error) {
	key := r.root
	for name := range strings.SplitSeq(path, `\`) {
		if name == "" {
			continue
		}
		var err error
		if key, err = key.Key(name); err != nil {
			return nil, fmt.Errorf("open key %q: %w", path, err)
		}
	}
	return key, nil
}

// Name returns the key's own name; that of the root key is "".
func (k *Key) Name() string { return k.name }

// Modified returns when the key was last written, in UTC. It is the zero time if none is
// recorded: Wine writes no section, and so no time, for a key without values that has
// subkeys.
func (k *Key) Modified() time.Time { return hive.FileTime(k.modified) }

// Subkeys returns the names of the subkeys in the order of the file, with those that have
// no section of their own. The error is always nil.
func (k *Key) Subkeys() ([]string, error) { return slices.Clone(k.subkeys), nil }

// Key returns the subkey called name; case does not matter. The error wraps
// [fs.ErrNotExist] if there is none.
func (k *Key) Key(name string) (*Key, error) {
	sub := k.registry.keys[place{k, hive.Fold(name)}]
	if sub == nil {
		return nil, fmt.Errorf("subkey %q of %q: %w", name, k.name, fs.ErrNotExist)
	}
	return sub, nil
}

// Value returns the value called name as text (see [hive.Value.String]) and whether the key
// has one. Case does not matter; the default value is called "".
func (k *Key) Value(name string) (string, bool) {
	i, ok := k.registry.values[place{k, hive.Fold(name)}]
	if !ok {
		return "", false
	}
	return k.values[i].String(), true
}

// Values returns the values of the key in the order of the file; their data must not be
// changed. The error is always nil.
func (k *Key) Values() ([]Value, error) { return slices.Clone(k.values), nil }

func newRegistry() *Registry {
	r := &Registry{keys: make(map[place]*Key), values: make(map[place]int)}
	r.root = &Key{registry: r}
	return r
}
