package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// Bounds of what is read; policies are a few keys with short values.
const (
	maxRegistryDepth = 4
	maxRegistryItems = 1000
)

// readRegistry reads a key below HKLM with all that is in it; nil if there is none.
func readRegistry(path string) (*registryKey, error) {
	items := 0
	key, err := readKey(underMachine(path), 0, &items)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return key, err
}

func underMachine(path string) string { return strings.TrimPrefix(path, `HKLM\`) }

func openKey(path string) (registry.Key, error) {
	return registry.OpenKey(registry.LOCAL_MACHINE, path, registry.READ|registry.WOW64_64KEY)
}

func readKey(path string, depth int, items *int) (*registryKey, error) {
	open, err := openKey(path)
	if err != nil {
		return nil, err
	}
	defer open.Close()
	names, err := open.ReadValueNames(-1)
	if err != nil {
		return nil, err
	}
	below, err := open.ReadSubKeyNames(-1)
	if err != nil {
		return nil, err
	}
	if *items += len(names) + len(below); *items > maxRegistryItems || depth > maxRegistryDepth {
		return nil, fmt.Errorf("more than %d values, or deeper than %d keys", maxRegistryItems, maxRegistryDepth)
	}
	key := &registryKey{}
	for _, name := range names {
		data, err := readValue(open, name)
		if err != nil {
			return nil, fmt.Errorf("value %q: %w", name, err)
		}
		key.values = append(key.values, registryValue{name, data})
	}
	for _, name := range below {
		sub, err := readKey(path+`\`+name, depth+1, items)
		if err != nil {
			return nil, err
		}
		key.subkeys = append(key.subkeys, registrySubkey{name, sub})
	}
	return key, nil
}

func readValue(open registry.Key, name string) (any, error) {
	_, kind, err := open.GetValue(name, nil)
	if err != nil {
		return nil, err
	}
	switch kind {
	case registry.SZ:
		text, _, err := open.GetStringValue(name)
		return text, err
	case registry.EXPAND_SZ:
		text, _, err := open.GetStringValue(name)
		if err != nil {
			return nil, err
		}
		return registry.ExpandString(text)
	case registry.MULTI_SZ:
		texts, _, err := open.GetStringsValue(name)
		return texts, err
	case registry.DWORD, registry.QWORD:
		number, _, err := open.GetIntegerValue(name)
		return number, err
	case registry.BINARY:
		return foreignType("REG_BINARY"), nil
	}
	return foreignType(fmt.Sprintf("a value of type %d", kind)), nil
}

// registryStamp changes when something in a key or below it does: the time of a key says
// nothing about its subkeys.
func registryStamp(path string) string {
	var stamp strings.Builder
	items := 0
	writeStamp(&stamp, underMachine(path), 0, &items)
	return stamp.String()
}

func writeStamp(stamp *strings.Builder, path string, depth int, items *int) {
	open, err := openKey(path)
	if err != nil {
		fmt.Fprintf(stamp, "%s %v;", path, err)
		return
	}
	defer open.Close()
	info, err := open.Stat()
	if err != nil {
		fmt.Fprintf(stamp, "%s %v;", path, err)
		return
	}
	fmt.Fprintf(stamp, "%s %d %d;", path, info.ModTime().UnixNano(), info.ValueCount)
	below, err := open.ReadSubKeyNames(maxRegistryItems)
	if *items += len(below); *items > maxRegistryItems || depth > maxRegistryDepth || err != nil && len(below) == 0 {
		return
	}
	for _, name := range below {
		writeStamp(stamp, path+`\`+name, depth+1, items)
	}
}
