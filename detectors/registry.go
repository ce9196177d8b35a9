package detectors

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"beagle/detectors/catalog"
	"beagle/detectors/internal/hive"
	"beagle/detectors/internal/winereg"
)

// Registry reads a Windows registry, live or from hive files. Paths begin with HKLM or
// HKU\ID, where ID is the User.ID of a profile; the 32-bit view is spelled WOW6432Node.
// Errors wrap fs.ErrNotExist for a key that is not there.
type Registry interface {
	Key(path string) (RegistryKey, error)
}

// RegistryKey is one key. Names are compared without regard to case.
type RegistryKey interface {
	Name() string
	// Subkeys returns what it could read also with an error.
	Subkeys() ([]string, error)
	Key(name string) (RegistryKey, error)
	// Value returns a value as text: strings as they are, numbers in decimal.
	Value(name string) (string, bool)
}

// hiveRegistry reads the hive files of a Windows tree. Each file is opened once, when a
// key in it is first asked for.
type hiveRegistry struct {
	files Files
	wine  bool

	mu      sync.Mutex
	mounted map[string]mountedHive
}

type mountedHive struct {
	root RegistryKey
	err  error
}

func offlineRegistry(files Files, wine bool) *hiveRegistry {
	return &hiveRegistry{files: files, wine: wine, mounted: map[string]mountedHive{}}
}

// Key finds the hive that holds the path and looks the rest up in it.
func (r *hiveRegistry) Key(path string) (RegistryKey, error) {
	top, rest, _ := strings.Cut(path, `\`)
	switch {
	case strings.EqualFold(top, "HKLM"):
		if r.wine {
			return r.open(`HKLM`, wineSystem, rest)
		}
		name, below, _ := strings.Cut(rest, `\`)
		return r.open(`HKLM\`+strings.ToUpper(name), `C:\Windows\System32\config\`+name, below)
	case strings.EqualFold(top, "HKU"):
		id, below, _ := strings.Cut(rest, `\`)
		return r.userKey(id, below)
	}
	return nil, fmt.Errorf("registry key %q: must begin with HKLM or HKU", path)
}

// The text hives of a Wine prefix lie beside drive_c, outside any drive.
const (
	wineSystem = "system.reg"
	wineUser   = "user.reg"
)

// userKey looks into the hive in the user's profile. A Wine prefix has one more user hive
// of its own, which belongs to whoever made the prefix.
func (r *hiveRegistry) userKey(id, below string) (RegistryKey, error) {
	home, err := r.homeOf(id)
	if err != nil {
		return nil, err
	}
	key, err := r.open(`HKU\`+id, home+`\NTUSER.DAT`, below)
	if r.wine && errors.Is(err, fs.ErrNotExist) && !r.hasHive(`HKU\`+id) {
		return r.wineUserKey(home, below)
	}
	return key, err
}

// homeOf finds the profile folder of an id: registered, or named like the id.
func (r *hiveRegistry) homeOf(id string) (string, error) {
	if !strings.HasPrefix(id, "S-1-") {
		return `C:\Users\` + id, nil
	}
	key, err := r.Key(profileList + `\` + id)
	if err != nil {
		return "", fmt.Errorf("find the profile of %q: %w", id, err)
	}
	home, ok := key.Value("ProfileImagePath")
	if !ok {
		return "", fmt.Errorf("find the profile of %q: no folder is registered: %w", id, fs.ErrNotExist)
	}
	return ExpandWindows(home, User{}), nil
}

func (r *hiveRegistry) hasHive(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mounted[name].root != nil
}

// wineUserKey reads user.reg if it is the hive of the profile in home. The hive does not
// name its user, but its shell folders lie in that profile.
func (r *hiveRegistry) wineUserKey(home, below string) (RegistryKey, error) {
	const folders = `Software\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders`
	key, err := r.open("HKCU", wineUser, folders)
	if err == nil {
		data, _ := key.Value("AppData")
		if !within(data, home, catalog.Windows) {
			return nil, fmt.Errorf("registry of %q: %w", home, fs.ErrNotExist)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return r.open("HKCU", wineUser, below)
}

// open looks a key up in a hive file, which is read on first use.
func (r *hiveRegistry) open(name, file, below string) (RegistryKey, error) {
	r.mu.Lock()
	m, known := r.mounted[name]
	if !known {
		m.root, m.err = r.mount(file)
		r.mounted[name] = m
	}
	r.mu.Unlock()
	if m.err != nil {
		return nil, fmt.Errorf("registry hive %s: %w", name, m.err)
	}
	if below == "" {
		return m.root, nil
	}
	return m.root.Key(below)
}

func (r *hiveRegistry) mount(file string) (RegistryKey, error) {
	f, err := r.files.Open(file)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(file, ".reg") {
		defer f.Close()
		reg, damage := winereg.Parse(f)
		if reg == nil {
			return nil, damage
		}
		root, err := reg.Key("")
		return adapted[*winereg.Key]{root, damage}, err
	}
	// The file stays open as long as the host: keys are read on demand.
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	h, err := hive.Open(f, info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	root, err := h.Key("")
	return adapted[*hive.Key]{root, nil}, err
}

// adapted makes the key of a parser a RegistryKey. A file of which only part could be read
// says so in every listing, since any list may lack something.
type adapted[K parserKey[K]] struct {
	key    K
	damage error
}

type parserKey[K any] interface {
	Name() string
	Subkeys() ([]string, error)
	Key(name string) (K, error)
	Value(name string) (string, bool)
}

func (a adapted[K]) Name() string                     { return a.key.Name() }
func (a adapted[K]) Value(name string) (string, bool) { return a.key.Value(name) }

func (a adapted[K]) Subkeys() ([]string, error) {
	names, err := a.key.Subkeys()
	return names, errors.Join(err, a.damage)
}

// Key walks down a path, for neither parser's Key takes more than one name.
func (a adapted[K]) Key(path string) (RegistryKey, error) {
	at := a.key
	for name := range strings.SplitSeq(path, `\`) {
		next, err := at.Key(name)
		if err != nil {
			return nil, err
		}
		at = next
	}
	return adapted[K]{at, a.damage}, nil
}
