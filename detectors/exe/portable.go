// Package exe holds the probe that looks for programs lying about as files.
package exe

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// Place is one folder to look through, as an area of its own.
type Place struct {
	Area string
	Dir  string // in the host's notation
	// Asked says that a person named the place: that it is missing is then a failure.
	Asked bool
}

// deepLimit bounds a deep look at one machine.
const deepLimit = 6 * time.Hour

// Portable walks through places and reports files by name and by what lies beside them:
// copies of apps that were unpacked instead of installed. Only files whose name some
// indicator asks for are opened. Memory does not grow with the number of files.
func Portable(index *catalog.Index, places []Place) detectors.Probe {
	return detectors.Probe{Name: "portable", Unit: "files", Limit: deepLimit, Weight: 20, Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		skip := host.ForeignMounts()
		for _, p := range places {
			skip[host.Local(p.Dir)] = true // a place inside another is an area of its own, walked once
		}
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

// Places are the folders of a host in which people keep programs: homes, the places for
// software that no package manager looks after, and other local disks.
func Places(host *detectors.Host) []Place {
	var places []Place
	for _, user := range host.Users {
		places = append(places, Place{Area: "user:" + user.Name, Dir: user.Home})
	}
	switch host.OS {
	case catalog.Linux:
		for _, dir := range []string{"/opt", "/usr/local", "/srv"} {
			places = append(places, Place{Area: dir, Dir: dir})
		}
	case catalog.MacOS:
		for _, dir := range []string{"/Applications", "/opt", "/usr/local", "/Users/Shared"} {
			places = append(places, Place{Area: dir, Dir: dir})
		}
	case catalog.Windows:
		for _, dir := range []string{`C:\Program Files`, `C:\Program Files (x86)`, `C:\ProgramData`, `C:\Users\Public`} {
			places = append(places, Place{Area: dir, Dir: dir})
		}
	}
	if !host.Offline {
		for _, mount := range host.DataMounts() {
			places = append(places, Place{Area: "drive:" + mount, Dir: mount})
		}
	}
	return places
}
