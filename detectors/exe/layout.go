package exe

import (
	"os"
	"strings"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// drive begins the areas of file systems that may be carried away.
const drive = "drive:"

// layout says where on this machine places really lie, and what a walk leaves out.
type layout struct {
	host   *detectors.Host
	places []detectors.Place
	dirs   []string // of places, as a walk spells them
	system string   // the system's own folder, "" where there is none
	skip   map[string]bool
}

func survey(host *detectors.Host, places []detectors.Place) *layout {
	m := &layout{host: host, places: places, skip: host.ForeignMounts()}
	for _, p := range places {
		dir := localDir(host, p.Dir)
		m.dirs = append(m.dirs, dir)
		m.skip[dir] = true // a place inside another is an area of its own, walked once
	}
	if host.OS == catalog.Windows {
		m.system = localDir(host, `C:\Windows`)
		m.skip[m.system] = true
	}
	return m
}

// localDir is where a folder really lies on this machine, as a walk spells it.
func localDir(host *detectors.Host, dir string) string {
	if real, err := host.Files.Resolve(dir); err == nil {
		dir = real
	}
	return host.Local(dir)
}

// innermost returns which place holds a path of this machine, or is it: the one deepest in
// the tree, -1 if there is none.
func (m *layout) innermost(path string) int {
	best := -1
	for i, dir := range m.dirs {
		if m.within(path, dir) && (best < 0 || len(dir) > len(m.dirs[best])) {
			best = i
		}
	}
	return best
}

// foreign returns the file system that holds the path and into which no walk descends. A place
// may itself lie on one: there the walk begins, and does not ask.
func (m *layout) foreign(path string) (*detectors.Mount, bool) {
	place := m.innermost(path)
	for i := range m.host.Mounts {
		mount := &m.host.Mounts[i]
		if mount.Local() || mount.Path == m.host.Root || !m.within(path, mount.Path) {
			continue
		}
		if place < 0 || !m.within(m.dirs[place], mount.Path) {
			return mount, true
		}
	}
	return nil, false
}

// within reports whether a path of this machine is the folder or lies in it, by the host's
// rules of case.
func (m *layout) within(path, folder string) bool {
	folder = strings.TrimRight(folder, string(os.PathSeparator))
	if len(path) < len(folder) {
		return false
	}
	start := path[:len(folder)]
	if start != folder && (m.host.OS == catalog.Linux || !strings.EqualFold(start, folder)) {
		return false
	}
	return len(path) == len(folder) || os.IsPathSeparator(path[len(folder)])
}
