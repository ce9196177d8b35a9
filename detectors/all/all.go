// Package all lists every probe explicitly, by system. A test holds the list to the probes
// that exist.
package all

import (
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
