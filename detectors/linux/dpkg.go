// Package linux holds the probes that read what Linux keeps about installed software.
package linux

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/internal/dpkg"
)

const (
	dpkgStatus = "/var/lib/dpkg/status"
	dpkgInfo   = "/var/lib/dpkg/info/"
)

// Dpkg reads the package database of Debian and its descendants. Removed packages whose
// configuration is still there are reported as leftovers.
func Dpkg(index *catalog.Index) detectors.Probe {
	return detectors.Probe{Name: "dpkg", Unit: "packages", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		area := out.Area(catalog.MachineOwner)
		f, err := host.Files.Open(dpkgStatus)
		if errors.Is(err, fs.ErrNotExist) {
			area.Skip(dpkgStatus)
			return
		}
		if err != nil {
			area.Fail(err)
			return
		}
		defer f.Close()
		err = dpkg.Parse(f, func(p dpkg.Package) error {
			area.Examined(1)
			if p.OnDisk() || p.OnlyConfig() {
				area.Found(dpkgEvidence(host, index, p))
			}
			return ctx.Err()
		})
		var malformed *dpkg.Malformed
		if errors.As(err, &malformed) {
			area.End(detectors.Partial, malformedProblem(malformed.Count, malformed.FirstLine))
		} else if err != nil && ctx.Err() == nil {
			area.Fail(err)
		}
	}}
}

func dpkgEvidence(host *detectors.Host, index *catalog.Index, p dpkg.Package) catalog.Evidence {
	ev := catalog.Evidence{
		Kind: catalog.KindDpkg, OS: catalog.Linux, Value: p.Name, Path: dpkgStatus,
		Owner: catalog.MachineOwner,
	}
	if !index.Asks(&ev) {
		return ev
	}
	ev.Attributes = map[string]string{
		catalog.AttrVersion: p.Version, "architecture": p.Architecture, "state": p.State,
	}
	if p.OnlyConfig() {
		ev.Attributes[catalog.AttrGone] = "config_files"
		return ev
	}
	if root := packageRoot(host, p); root != "" {
		ev.Attributes[catalog.AttrRoot] = root
	}
	return ev
}

// packageRoot finds the folder that is the package's own. A package that may be installed
// for several architectures at once has the architecture in the name of its list.
func packageRoot(host *detectors.Host, p dpkg.Package) string {
	for _, name := range []string{p.Name, p.Name + ":" + p.Architecture} {
		f, err := host.Files.Open(dpkgInfo + name + ".list")
		if err != nil {
			continue
		}
		defer f.Close()
		var own ownFolder
		if err := dpkg.Files(f, func(file string) error { own.add(file); return nil }); err != nil {
			return ""
		}
		return own.folder()
	}
	return ""
}

// ownFolder finds the deepest folder that holds all of a package's files in the first of
// the places where programs keep folders of their own.
type ownFolder struct {
	common [3]string
	last   string
}

func ownPlaces() [3]string { return [3]string{"/opt/", "/usr/lib/", "/usr/share/"} }

// add takes the paths in the order of the list: a folder comes right before its contents,
// which is how it is told from a file.
func (o *ownFolder) add(file string) {
	previous := o.last
	o.last = file
	if previous == "" || strings.HasPrefix(file, previous+"/") {
		return
	}
	o.take(previous)
}

func (o *ownFolder) take(file string) {
	for i, place := range ownPlaces() {
		if strings.HasPrefix(file, place) {
			o.common[i] = commonFolder(o.common[i], path.Dir(file))
		}
	}
}

func (o *ownFolder) folder() string {
	o.take(o.last)
	for i, place := range ownPlaces() {
		// A folder named after an architecture, such as x86_64-linux-gnu, is everybody's.
		if len(o.common[i]) > len(place) && !strings.Contains(o.common[i], "-linux-gnu") {
			return o.common[i]
		}
	}
	return ""
}

func commonFolder(a, b string) string {
	if a == "" {
		return b
	}
	for a != b && !strings.HasPrefix(b, a+"/") {
		a = path.Dir(a)
	}
	return a
}
