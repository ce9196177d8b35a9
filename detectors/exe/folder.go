package exe

import (
	"context"
	"errors"
	"io/fs"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// Elsewhere is the area of what lies in none of the places. No walk gets there, so only
// another look at the same path tells that something is gone. It is one area for all such
// folders: areas are bounded, and anybody can make folders.
const Elsewhere = "elsewhere"

// Folder looks into one folder, a few levels deep, for when something appeared there. What it
// finds is reported as [Portable] with these places would report it, under the same name and
// area; but as a part, since the area was not looked at.
func Folder(index *catalog.Index, places []detectors.Place, dir string, depth int) detectors.Probe {
	return detectors.Probe{Name: name, Unit: unit, Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		m := survey(host, places)
		// Before anything is touched: a stuck network mount would not let go.
		local := host.Local(dir)
		mount, found := m.foreign(local)
		if !found {
			local = localDir(host, dir)
			mount, found = m.foreign(local)
		}
		area := out.Part(m.area(local))
		if found {
			area.End(detectors.Skipped, detectors.Problem{Code: detectors.CodeForeign, Args: map[string]string{"type": mount.Type}})
			return
		}
		if m.system != "" && m.within(local, m.system) {
			area.Skip("the system's own folder")
			return
		}
		info, err := host.Files.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir():
			area.Skip(dir) // gone, or not a folder any more
			return
		case err != nil:
			area.Unread(dir, err)
			return
		}
		s := detectors.Search{Index: index, Dir: dir, MaxDepth: depth, Skip: m.skip}
		s.Run(ctx, host, area)
	}}
}

// AreaOf names the area to which the walk through these places would count a path.
func AreaOf(host *detectors.Host, places []detectors.Place, path string) string {
	return survey(host, places).area(localDir(host, path))
}

func (m *layout) area(path string) string {
	if i := m.innermost(path); i >= 0 {
		return m.places[i].Area
	}
	return Elsewhere
}
