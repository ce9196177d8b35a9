package linux

import (
	"context"
	"errors"
	"io/fs"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// optDepth reaches /opt/VENDOR/PRODUCT/FOLDER/PROGRAM, the deepest place in /opt at which
// a vendor's package puts its program (/opt/kingsoft/wps-office/office6/wps).
const optDepth = 4

// Opt looks for programs in /opt, where vendors unpack what no package manager knows.
func Opt(index *catalog.Index) detectors.Probe {
	return detectors.Probe{Name: "opt", Unit: "files", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		area := out.Area(catalog.MachineOwner)
		if _, err := host.Files.Stat("/opt"); errors.Is(err, fs.ErrNotExist) {
			area.Skip("/opt")
			return
		}
		s := detectors.Search{Index: index, Dir: "/opt", MaxDepth: optDepth}
		s.Run(ctx, host, area)
		for _, dir := range linkedFolders(host, "/opt") {
			s := detectors.Search{Index: index, Dir: dir, MaxDepth: optDepth - 1}
			s.Run(ctx, host, area)
		}
	}}
}

// linkedFolders are the folders that links in dir lead to: a vendor's folder is often moved
// to another disk and linked. Walks follow no link.
func linkedFolders(host *detectors.Host, dir string) []string {
	entries, err := host.Files.ReadDir(dir)
	if err != nil {
		return nil // the walk tells
	}
	var folders []string
	for _, e := range entries {
		if e.Type()&fs.ModeSymlink == 0 {
			continue
		}
		real, err := host.Files.Resolve(dir + "/" + e.Name())
		if err != nil || host.Shared(real) {
			continue
		}
		if info, err := host.Files.Stat(real); err == nil && info.IsDir() {
			folders = append(folders, real)
		}
	}
	return folders
}
