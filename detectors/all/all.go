// Package all lists every probe explicitly, by system. A test holds the list to the probes
// that exist.
package all

import (
	"slices"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/exe"
	"beagle/detectors/linux"
	"beagle/detectors/macos"
	"beagle/detectors/process"
	"beagle/detectors/windows"
)

// Options choose among the probes.
type Options struct {
	// Deep walks through every place where people keep programs.
	Deep bool
	// Paths are further folders to walk through, in the host's notation.
	Paths []string
	// NoProcesses leaves running programs alone.
	NoProcesses bool
}

// Probes returns the probes for a host in the order in which they run.
func Probes(host *detectors.Host, index *catalog.Index, opt Options) []detectors.Probe {
	probes := []detectors.Probe{detectors.Profiles()}
	if !opt.NoProcesses && !host.Offline {
		probes = append(probes, process.Probe(index))
	}
	switch host.OS {
	case catalog.Linux:
		probes = append(probes, linux.Dpkg(index), linux.Desktop(), linux.Opt(index))
	case catalog.MacOS:
		probes = append(probes, macos.Bundles(places(host, opt)))
	case catalog.Windows:
		probes = append(probes, windows.Uninstall())
	}
	if deep := places(host, opt); len(deep) > 0 {
		probes = append(probes, exe.Portable(index, deep))
	}
	return probes
}

func places(host *detectors.Host, opt Options) []detectors.Place {
	var list []detectors.Place
	if opt.Deep {
		list = host.Places()
	}
	for _, path := range opt.Paths {
		list = append(list, detectors.Place{Area: path, Dir: path, Asked: true})
	}
	return list
}

// Piece is what of a deep look can be done by itself: one area, which its probes finish.
type Piece struct {
	Area   string
	Probes []detectors.Probe
}

// Deep returns what a deep look does beyond the probes of a usual one, in pieces: one that is
// interrupted goes on with the pieces that are left. Paths are further folders, in the host's
// notation; one that is missing is no failure, since whoever named it named it for many hosts.
func Deep(host *detectors.Host, index *catalog.Index, paths ...string) []Piece {
	var pieces []Piece
	for _, p := range exe.Pieces(index, deepPlaces(host, paths)) {
		probes := []detectors.Probe{p.Probe}
		if host.OS == catalog.MacOS {
			probes = append(probes, macos.DeepBundles(p.Places))
		}
		pieces = append(pieces, Piece{p.Area, probes})
	}
	return pieces
}

// folderDepth reaches FOLDER/VENDOR/PRODUCT/PROGRAM from where something was unpacked.
const folderDepth = 4

// Folder looks into one folder and three levels below it, for when something appeared there.
// It reports what a deep look with these paths would report there, as a part of the same area.
func Folder(host *detectors.Host, index *catalog.Index, dir string, paths ...string) detectors.Probe {
	return exe.Folder(index, deepPlaces(host, paths), dir, folderDepth)
}

// deepPlaces are a host's places and the named ones that are none of them.
func deepPlaces(host *detectors.Host, paths []string) []detectors.Place {
	places := host.Places()
	real := func(dir string) string {
		if resolved, err := host.Files.Resolve(dir); err == nil {
			return resolved
		}
		return dir
	}
	for _, path := range paths {
		known := slices.ContainsFunc(places, func(p detectors.Place) bool { return real(p.Dir) == real(path) })
		if !known {
			places = append(places, detectors.Place{Area: path, Dir: path})
		}
	}
	return places
}
