package detectors

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"beagle/detectors/catalog"
)

// tree reads a host that lies in a folder. Names are resolved here, part by part, since
// links must stay in the root and Windows and macOS trees are looked up without regard to
// case; every access then goes through os.Root, which refuses to leave the folder even if
// a link is swapped in between.
type tree struct {
	dir  string
	root *os.Root
	os   catalog.OS
	wine bool // a Wine prefix: drive C is the folder drive_c
}

// maxLinks bounds how many links one name may lead through; Linux allows 40 (MAXSYMLINKS).
const maxLinks = 40

// marks are folders of which a system's root holds at least one.
func marks(system catalog.OS) []string {
	switch system {
	case catalog.Windows:
		return []string{"Windows", "Users", "Program Files", "drive_c"}
	case catalog.MacOS:
		return []string{"Applications", "Users", "Library", "System"}
	}
	return []string{"etc", "usr", "var", "opt", "home"}
}

// foreignMarks are folders that only roots of other systems hold: one of them says that the
// wrong things would be looked for, and nothing found.
func foreignMarks(system catalog.OS) []string {
	windows, mac := []string{"Windows/System32", "drive_c", "Program Files"}, []string{"Applications", "System/Library"}
	switch system {
	case catalog.Windows:
		return append(mac, "etc/passwd", "usr/bin")
	case catalog.MacOS:
		return append(windows, "etc/passwd-", "var/lib/dpkg", "var/lib/rpm")
	}
	return append(windows, mac...)
}

func newTree(dir string, system catalog.OS) (*tree, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("root %q: %w", dir, unwrapPath(err))
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("root %q: not a folder", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("root %q: %w", dir, unwrapPath(err))
	}
	t := &tree{dir: dir, root: root, os: system}
	found := slices.ContainsFunc(marks(system), func(mark string) bool {
		_, err := t.find(".", mark)
		return err == nil
	})
	if !found {
		return nil, fmt.Errorf("root %q: no %s system there (it holds none of %s)", dir, system, strings.Join(marks(system), ", "))
	}
	if system == catalog.Windows {
		_, err := t.find(".", "drive_c")
		t.wine = err == nil
	}
	for _, mark := range foreignMarks(system) {
		if info, err := root.Stat(mark); err == nil && info != nil && !t.wine {
			return nil, fmt.Errorf("root %q: this is no %s system (it holds %s); is --os right?", dir, system, mark)
		}
	}
	return t, nil
}

func unwrapPath(err error) error {
	if pe, ok := err.(*fs.PathError); ok {
		return pe.Err
	}
	return err
}

func (t *tree) Open(name string) (File, error) {
	real, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	info, err := t.root.Lstat(real)
	if err != nil {
		return nil, err
	}
	return openRegular(real, info, t.root.OpenFile)
}

func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	real, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	info, err := t.root.Lstat(real)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "list", Path: name, Err: syscall.ENOTDIR}
	}
	f, err := t.root.OpenFile(real, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return readDir(f)
}

func (t *tree) Stat(name string) (fs.FileInfo, error) {
	real, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	return t.root.Lstat(real)
}

func (t *tree) Resolve(name string) (string, error) {
	real, err := t.resolve(name)
	if err != nil {
		return "", err
	}
	return t.hostPath(filepath.Join(t.dir, real)), nil
}

// resolve turns a host name into a path below the root that contains no link.
func (t *tree) resolve(name string) (string, error) {
	pending, err := t.split(name)
	if err != nil {
		return "", err
	}
	at, links := ".", 0
	for len(pending) > 0 {
		part := pending[0]
		pending = pending[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at) // the parent of "." is "."
			continue
		}
		next, err := t.find(at, part)
		if err != nil {
			return "", &fs.PathError{Op: "resolve", Path: name, Err: unwrapPath(err)}
		}
		target, err := t.root.Readlink(next)
		if err != nil { // not a link
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "resolve", Path: name, Err: syscall.ELOOP}
		}
		if filepath.IsAbs(target) {
			at = "."
		}
		pending = append(strings.Split(filepath.ToSlash(target), "/"), pending...)
	}
	return at, nil
}

// split cuts a host name into parts below the root. On Windows only drive C is there.
func (t *tree) split(name string) ([]string, error) {
	if t.os != catalog.Windows {
		return strings.Split(name, "/"), nil
	}
	name = strings.ReplaceAll(name, `\`, "/")
	drive, rest, hasDrive := strings.Cut(name, ":")
	if hasDrive && len(drive) == 1 {
		if !strings.EqualFold(drive, "c") {
			return nil, &fs.PathError{Op: "resolve", Path: name, Err: fs.ErrNotExist}
		}
		name = rest
	}
	parts := strings.Split(name, "/")
	if t.wine && hasDrive {
		parts = append([]string{"drive_c"}, parts...)
	}
	return parts, nil
}

// find returns the entry of the folder at that goes by this name.
func (t *tree) find(at, name string) (string, error) {
	exact := filepath.Join(at, name)
	_, err := t.root.Lstat(exact)
	if err == nil || t.os == catalog.Linux {
		return exact, err
	}
	if info, statErr := t.root.Lstat(at); statErr != nil || !info.IsDir() {
		return "", err
	}
	f, openErr := t.root.OpenFile(at, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if openErr != nil {
		return "", openErr
	}
	entries, openErr := readDir(f)
	if openErr != nil {
		return "", openErr
	}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), name) {
			return filepath.Join(at, e.Name()), nil
		}
	}
	return "", err
}

// local returns where a name lies on this machine, without resolving links.
func (t *tree) local(name string) string {
	if real, err := t.resolve(name); err == nil {
		return filepath.Join(t.dir, real)
	}
	parts, err := t.split(name)
	if err != nil {
		return ""
	}
	return filepath.Join(append([]string{t.dir}, parts...)...)
}

// hostPath turns a path of this machine below the root into the host's notation.
func (t *tree) hostPath(local string) string {
	rel, err := filepath.Rel(t.dir, local)
	if err != nil || rel == "." {
		rel = ""
	}
	rel = filepath.ToSlash(rel)
	if t.os != catalog.Windows {
		return "/" + rel
	}
	if t.wine {
		rest, inC := strings.CutPrefix(rel, "drive_c")
		if !inC {
			return rel
		}
		rel = strings.TrimPrefix(rest, "/")
	}
	return `C:\` + strings.ReplaceAll(rel, "/", `\`)
}
