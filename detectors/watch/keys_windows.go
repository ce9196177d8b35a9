package watch

import (
	"strings"

	"golang.org/x/sys/windows/registry"
)

// keyTime returns when sub-keys were last added to a key of the registry or removed, 0 if it is
// not there; false if dir is no key. The key is not kept open: an open key in the hive of a user
// keeps that from being unloaded when the user logs off.
func keyTime(dir string) (uint64, bool) {
	top, path, _ := strings.Cut(dir, `\`)
	var root registry.Key
	switch top {
	case "HKLM":
		root = registry.LOCAL_MACHINE
	case "HKU":
		root = registry.USERS
	default:
		return 0, false
	}
	key, err := registry.OpenKey(root, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return 0, true
	}
	defer key.Close()
	info, err := key.Stat()
	if err != nil {
		return 0, true
	}
	return uint64(info.ModTime().UnixNano()), true
}
