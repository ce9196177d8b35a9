package exe

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// Files looks at recorded paths again, one by one: far less than a walk where all one wants to
// know is whether something was removed.
type Files struct {
	index  *catalog.Index
	layout *layout
}

// Again returns Files for a host as it is now, with its present mounts.
func Again(host *detectors.Host, index *catalog.Index, places []detectors.Place) *Files {
	return &Files{index, survey(host, places)}
}

var (
	errAway   = errors.New("it is on another file system than the one that is there now")
	errMoved  = fmt.Errorf("a link leads elsewhere: %w", fs.ErrNotExist)
	errNoFile = fmt.Errorf("not a file any more: %w", fs.ErrNotExist)
)

// File describes a file that a [detectors.Search] reported, as a search would report it now.
// The error is [fs.ErrNotExist] if it is known not to be there as a regular file of its own; a
// search would not follow a link. Any other error means that it cannot be told.
func (f *Files) File(ev *catalog.Evidence) (catalog.Evidence, error) {
	path, err := f.find(ev)
	if err != nil {
		return catalog.Evidence{}, fmt.Errorf("look at %q: %w", ev.Path, err)
	}
	host := f.layout.host
	var unread error
	beside := func() []string {
		names, err := host.Neighbours(path[:strings.LastIndexAny(path, `/\`)])
		unread = errors.Join(unread, err)
		return names
	}
	now := detectors.Candidate(host, f.index, path, beside, func(_ string, err error) { unread = errors.Join(unread, err) })
	if unread != nil {
		return catalog.Evidence{}, fmt.Errorf("look at %q: %w", ev.Path, hideAbsence(unread))
	}
	now.Probe, now.Area, now.Seen = ev.Probe, ev.Area, time.Now()
	return now, nil
}

// Path tells whether what the evidence names is there, links followed. The error is
// [fs.ErrNotExist] if it is known not to be.
func (f *Files) Path(ev *catalog.Evidence) error {
	if f.away(ev) {
		return fmt.Errorf("look at %q: %w", ev.Path, errAway)
	}
	if _, err := f.layout.host.Files.Stat(ev.Path); err != nil {
		return fmt.Errorf("look at %q: %w", ev.Path, f.absence(ev.Path, err))
	}
	return nil
}

// find returns the path as the tree spells it.
func (f *Files) find(ev *catalog.Evidence) (string, error) {
	if f.away(ev) {
		return "", errAway
	}
	host := f.layout.host
	path, err := host.Files.Resolve(ev.Path)
	if err != nil {
		return "", f.absence(ev.Path, err)
	}
	if path != ev.Path && (host.OS == catalog.Linux || !strings.EqualFold(path, ev.Path)) {
		return "", errMoved
	}
	info, err := host.Files.Stat(path)
	if err != nil {
		return "", f.absence(path, err)
	}
	if !info.Mode().IsRegular() {
		return "", errNoFile
	}
	return path, nil
}

// away reports whether the place of the evidence is not the one where it was seen: its drive is
// not there, or another one or a network file system is, over it. It touches nothing on them.
func (f *Files) away(ev *catalog.Evidence) bool {
	host := f.layout.host
	local := host.Local(ev.Path)
	if _, found := f.layout.foreign(local); found {
		return true
	}
	mount, carried := strings.CutPrefix(ev.Area, drive)
	if carried && !slices.ContainsFunc(host.Mounts, func(m detectors.Mount) bool { return host.HostPath(m.Path) == mount }) {
		return true
	}
	// What a walk counted to one place and would count to a drive now lies under that drive.
	area := f.layout.area(local)
	counted := ev.Area == Elsewhere || slices.ContainsFunc(f.layout.places, func(p detectors.Place) bool { return p.Area == ev.Area })
	return ev.Probe == name && counted && area != ev.Area && strings.HasPrefix(area, drive)
}

// absence tells an error that means that nothing is there from one that does not.
func (f *Files) absence(path string, err error) error {
	host := f.layout.host
	gone := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
	if !gone {
		return err
	}
	if host.OS == catalog.Windows && !host.Absent(path) {
		return errAway // its drive is not there either
	}
	return fs.ErrNotExist
}

// hideAbsence keeps a file that vanished while it was being looked at from counting as looked
// for: the next look tells.
func hideAbsence(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("it changed in the meantime")
	}
	return err
}
