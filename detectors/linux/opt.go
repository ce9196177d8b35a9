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
	}}
}
