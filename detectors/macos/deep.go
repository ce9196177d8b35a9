package macos

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"beagle/detectors"
)

// deepLimit bounds a deep look at one machine.
const deepLimit = 6 * time.Hour

// DeepBundles finds applications wherever they are in the places. It has a name of its own
// beside [Bundles]: a usual look finishes the same areas without having been everywhere, and
// must not withdraw what only a deep one finds.
func DeepBundles(places []detectors.Place) detectors.Probe {
	return detectors.Probe{Name: "deep_bundles", Unit: "files", Limit: deepLimit, Weight: 20, Heavy: true, Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		for _, place := range places {
			area := out.Area(place.Area)
			if _, err := host.Files.Stat(place.Dir); errors.Is(err, fs.ErrNotExist) {
				area.Skip(place.Dir)
				continue
			}
			look(ctx, host, area, place.Dir, 0)
		}
	}}
}
