// Package exe holds the probes that look for programs lying about as files.
package exe

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// name is that of the probe, in all its forms: what one of them saw, another may find gone.
const name, unit = "portable", "files"

// deepLimit bounds a deep look at one machine.
const deepLimit = 6 * time.Hour

// Portable walks through places and reports files by name and by what lies beside them:
// copies of apps that were unpacked instead of installed. Only files whose name some
// indicator asks for are opened. Memory does not grow with the number of files.
func Portable(index *catalog.Index, places []detectors.Place) detectors.Probe {
	return walker(index, places, places)
}

// Piece is what of a deep look can be done by itself: one area, finished on its own.
type Piece struct {
	Area   string
	Places []detectors.Place
	Probe  detectors.Probe
}

// Pieces are [Portable] in pieces, in the order of the places. Together they look at the same
// files and name the same areas, each once. Two places of one area, such as two homes of one
// user, are one piece: neither is all of the area.
func Pieces(index *catalog.Index, places []detectors.Place) []Piece {
	var areas []string
	of := map[string][]detectors.Place{}
	for _, p := range places {
		if of[p.Area] == nil {
			areas = append(areas, p.Area)
		}
		of[p.Area] = append(of[p.Area], p)
	}
	var pieces []Piece
	for _, area := range areas {
		pieces = append(pieces, Piece{area, of[area], walker(index, of[area], places)})
	}
	return pieces
}

// walker looks at its own places, and leaves the rest of all places to others.
func walker(index *catalog.Index, own, all []detectors.Place) detectors.Probe {
	return detectors.Probe{Name: name, Unit: unit, Limit: deepLimit, Weight: 20, Heavy: true, Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		m := survey(host, all)
		m.tellForeign(own, out)
		for i, p := range own {
			area := out.Area(p.Area)
			info, err := host.Files.Stat(p.Dir)
			switch {
			case errors.Is(err, fs.ErrNotExist) && !p.Asked:
				area.Skip(p.Dir)
				continue
			case err != nil:
				area.Fail(err)
				continue
			case !info.IsDir():
				area.Fail(&fs.PathError{Op: "look into", Path: p.Dir, Err: errors.New("not a folder")})
				continue
			}
			s := detectors.Search{Index: index, Dir: p.Dir, Skip: m.skip, Progress: func(f float64) {
				out.Progress((float64(i) + f) / float64(len(own)))
			}}
			s.Run(ctx, host, area)
		}
	}}
}

// tellForeign reports the network and foreign file systems inside own places, which are not
// descended: what is on them was not looked at. Each is told for the innermost place around it.
func (m *layout) tellForeign(own []detectors.Place, out *detectors.Report) {
	for i := range m.host.Mounts {
		mount := &m.host.Mounts[i]
		if mount.Local() || mount.Pseudo() {
			continue
		}
		in := m.innermost(mount.Path)
		if in < 0 || m.dirs[in] == mount.Path || !slices.Contains(own, m.places[in]) {
			continue
		}
		out.Area(drive+m.host.HostPath(mount.Path)).End(detectors.Skipped, detectors.Problem{
			Code: detectors.CodeForeign, Args: map[string]string{"type": mount.Type},
		})
	}
}
