package detectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"beagle/detectors/catalog"
)

// Host is one machine as probes see it.
type Host struct {
	OS       catalog.OS
	Hostname string
	// Root is where the host's tree lies on this machine; "/" or "" for the live host.
	Root    string
	Offline bool

	Files Files
	// Users are the people who have a profile, logged on or not. UsersErr says why the list
	// may be incomplete.
	Users    []User
	UsersErr error
	// Registry is nil where there is none; Processes is nil offline.
	Registry  Registry
	Processes Processes
	// Mounts are the file systems below Root, as far as this machine's mount table tells.
	Mounts []Mount
}

// User is one person's profile on a host.
type User struct {
	Name string
	// ID is the uid on Unix systems, the SID or else the profile folder's name on Windows.
	ID   string
	Home string // in the host's notation
	// Real is Home without links; people's files are seen under either name.
	Real string
}

// File is an open regular file.
type File interface {
	fs.File
	io.ReaderAt
}

// Files reads a host's tree. Names are absolute and in the host's notation; on Windows
// either separator does. Links are followed as in a chroot of the host's root, so that
// none leads outside. Errors wrap the sentinels of io/fs.
type Files interface {
	// Open opens a regular file. Anything else (FIFO, device, socket, folder) is never
	// opened and yields ErrNotRegular.
	Open(name string) (File, error)
	// ReadDir lists a folder, at most MaxDirEntries names, in no particular order.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Stat follows links.
	Stat(name string) (fs.FileInfo, error)
	// Resolve returns the name without links and, where names are compared without regard to
	// case, as the tree spells it.
	Resolve(name string) (string, error)
}

// MaxDirEntries bounds a listing: no folder that probes list by name comes near it.
const MaxDirEntries = 100_000

// Errors that callers tell apart.
var (
	ErrNotRegular = errors.New("not a regular file")
	ErrTooLarge   = errors.New("larger than any real one")
	ErrTooMany    = fmt.Errorf("more than %d entries", MaxDirEntries)
)

// Live returns the machine this program runs on.
func Live(ctx context.Context) (*Host, error) {
	system, err := systemOf(runtime.GOOS)
	if err != nil {
		return nil, err
	}
	name, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("read the host name: %w", err)
	}
	host := &Host{OS: system, Hostname: name, Root: "/", Files: liveFiles{}}
	if system == catalog.Windows {
		host.Root = ""
	}
	host.Processes = liveProcesses()
	host.Mounts = readMounts()
	if err := attachRegistry(host); err != nil {
		return nil, err
	}
	host.Users, host.UsersErr = readUsers(ctx, host)
	return host, nil
}

// Offline returns a host whose tree lies in the folder root: a mounted disk image, a
// backup, a Wine prefix.
func Offline(ctx context.Context, root string, system catalog.OS) (*Host, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("root %q: %w", root, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	tree, err := newTree(abs, system)
	if err != nil {
		return nil, err
	}
	host := &Host{
		OS: system, Root: abs, Offline: true, Files: tree,
		Mounts: mountsBelow(readMounts(), abs),
	}
	host.Hostname = offlineHostname(host)
	if system == catalog.Windows {
		host.Registry = offlineRegistry(host.Files, tree.wine)
	}
	host.Users, host.UsersErr = readUsers(ctx, host)
	return host, nil
}

func systemOf(goos string) (catalog.OS, error) {
	switch goos {
	case "linux":
		return catalog.Linux, nil
	case "darwin":
		return catalog.MacOS, nil
	case "windows":
		return catalog.Windows, nil
	}
	return "", fmt.Errorf("system %q: %w", goos, errors.ErrUnsupported)
}

// offlineHostname is only for display; a tree without a name has none.
func offlineHostname(host *Host) string {
	if host.OS == catalog.Linux {
		if data, err := host.ReadFile("/etc/hostname", 4096); err == nil {
			return strings.TrimSpace(string(data))
		}
	}
	return ""
}

// ReadFile reads a regular file of at most limit bytes.
func (h *Host) ReadFile(name string, limit int64) ([]byte, error) {
	f, err := h.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	}
	return data, nil
}

// Join puts a path together in the host's notation.
func (h *Host) Join(parts ...string) string {
	if h.OS == catalog.Windows {
		return strings.Join(parts, `\`)
	}
	return strings.Join(parts, "/")
}

// Local returns where the host's path lies on this machine.
func (h *Host) Local(name string) string {
	if tree, ok := h.Files.(*tree); ok {
		return tree.local(name)
	}
	return name
}

// HostPath is the reverse of Local.
func (h *Host) HostPath(local string) string {
	if tree, ok := h.Files.(*tree); ok {
		return tree.hostPath(local)
	}
	return local
}

// OwnerOf says to whom a path belongs: the user in whose profile it lies; in scratch
// folders, which are nobody's, the user who owns the file; else the machine.
func (h *Host) OwnerOf(name string) string {
	for i := range h.Users {
		if within(name, h.Users[i].Home, h.OS) || within(name, h.Users[i].Real, h.OS) {
			return h.Users[i].Name
		}
	}
	for _, scratch := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
		if name != scratch && within(name, scratch, h.OS) {
			return h.fileOwner(name)
		}
	}
	return catalog.MachineOwner
}

func (h *Host) fileOwner(name string) string {
	info, err := h.Files.Stat(name)
	if err != nil {
		return catalog.MachineOwner
	}
	uid, ok := ownerID(info)
	for i := range h.Users {
		if ok && uid != "0" && h.Users[i].ID == uid {
			return h.Users[i].Name
		}
	}
	return catalog.MachineOwner
}

// within reports whether name is folder or lies in it, by the host's rules of case.
func within(name, folder string, system catalog.OS) bool {
	if folder == "" || len(name) < len(folder) {
		return false
	}
	start := name[:len(folder)]
	if system == catalog.Linux && start != folder || system != catalog.Linux && !strings.EqualFold(start, folder) {
		return false
	}
	return len(name) == len(folder) || os.IsPathSeparator(folder[len(folder)-1]) ||
		name[len(folder)] == '/' || name[len(folder)] == '\\'
}

// Neighbours lists the names in a folder, for telling an app by what lies beside it.
func (h *Host) Neighbours(dir string) ([]string, error) {
	entries, err := h.Files.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}
