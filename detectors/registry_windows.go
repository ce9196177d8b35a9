package detectors

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// liveRegistry reads the running registry in its 64-bit view. Profiles whose people are
// logged off are not loaded; their hives are read from the file.
type liveRegistry struct {
	files *hiveRegistry
}

func attachRegistry(host *Host) error {
	host.Registry = &liveRegistry{files: offlineRegistry(host.Files, false)}
	return nil
}

func (r *liveRegistry) Key(path string) (RegistryKey, error) {
	top, rest, _ := strings.Cut(path, `\`)
	root := registry.LOCAL_MACHINE
	if strings.EqualFold(top, "HKU") {
		root = registry.USERS
		id, below, _ := strings.Cut(rest, `\`)
		if _, err := openLive(root, id); errors.Is(err, fs.ErrNotExist) {
			home, err := r.homeOf(id)
			if err != nil {
				return nil, err
			}
			return r.files.open(path[:len("HKU")]+`\`+id, home+`\NTUSER.DAT`, below)
		}
	}
	return openLive(root, rest)
}

func (r *liveRegistry) homeOf(id string) (string, error) {
	key, err := openLive(registry.LOCAL_MACHINE, strings.TrimPrefix(profileList, `HKLM\`)+`\`+id)
	if errors.Is(err, fs.ErrNotExist) {
		return `C:\Users\` + id, nil
	}
	if err != nil {
		return "", err
	}
	home, _ := key.Value("ProfileImagePath")
	return ExpandWindows(home, User{}), nil
}

// liveKey remembers where the key is and opens it for each question, so that nothing is
// left open when a probe is given up on.
type liveKey struct {
	root registry.Key
	path string
}

func openLive(root registry.Key, path string) (RegistryKey, error) {
	k := liveKey{root, path}
	open, err := k.open()
	if err != nil {
		return nil, err
	}
	return k, open.Close()
}

func (k liveKey) open() (registry.Key, error) {
	open, err := registry.OpenKey(k.root, k.path, registry.READ|registry.WOW64_64KEY)
	if err != nil {
		return 0, fmt.Errorf("open registry key %q: %w", k.path, err)
	}
	return open, nil
}

func (k liveKey) Name() string { return k.path[strings.LastIndexByte(k.path, '\\')+1:] }

func (k liveKey) Subkeys() ([]string, error) {
	open, err := k.open()
	if err != nil {
		return nil, err
	}
	defer open.Close()
	return open.ReadSubKeyNames(-1)
}

func (k liveKey) Key(name string) (RegistryKey, error) {
	return openLive(k.root, k.path+`\`+name)
}

func (k liveKey) Value(name string) (string, bool) {
	open, err := k.open()
	if err != nil {
		return "", false
	}
	defer open.Close()
	text, kind, err := open.GetStringValue(name)
	if err == nil {
		return text, true
	}
	if kind == registry.DWORD || kind == registry.QWORD {
		number, _, err := open.GetIntegerValue(name)
		return strconv.FormatUint(number, 10), err == nil
	}
	return "", false
}
