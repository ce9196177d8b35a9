// Package exe holds the probe that looks for programs lying about as files.
package exe

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// deepLimit bounds a deep look at one machine.
const deepLimit = 6 * time.Hour

// Portable walks through places and reports files by name and by what lies beside them:
// copies of apps that were unpacked instead of installed. Only files whose name some
// indicator asks for are opened. Memory does not grow with the number of files.
func Portable(index *catalog.Index, places []detectors.Place) detectors.Probe {
	return detectors.Probe{Name: "portable", Unit: "files", Limit: deepLimit, Weight: 20, Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		skip := host.ForeignMounts()
		for _, p := range places {
			skip[localDir(host, p.Dir)] = true // a place inside another is an area of its own, walked once
		}
		if host.OS == catalog.Windows {
			skip[localDir(host, `C:\Windows`)] = true // the system's own
		}
		tellForeign(host, places, out)
		for i, p := range places {
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
			s := detectors.Search{Index: index, Dir: p.Dir, Skip: skip, Progress: func(f float64) {
				out.Progress((float64(i) + f) / float64(len(places)))
			}}
			s.Run(ctx, host, area)
		}
	}}
}

// localDir is where a folder really lies on this machine, as a walk spells it.
func localDir(host *detectors.Host, dir string) string {
	if real, err := host.Files.Resolve(dir); err == nil {
		dir = real
	}
	return host.Local(dir)
}

// tellForeign reports the network and foreign file systems inside the places, which are not
// descended: what is on them was not looked at.
func tellForeign(host *detectors.Host, places []detectors.Place, out *detectors.Report) {
	for _, m := range host.Mounts {
		path := host.HostPath(m.Path)
		inside := slices.ContainsFunc(places, func(p detectors.Place) bool { return strings.HasPrefix(path, p.Dir+"/") })
		if inside && !m.Local() && !m.Pseudo() {
			out.Area("drive:"+path).End(detectors.Skipped, detectors.Problem{
				Code: detectors.CodeForeign, Args: map[string]string{"type": m.Type},
			})
		}
	}
}
