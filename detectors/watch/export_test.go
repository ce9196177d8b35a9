package watch

import (
	"time"

	"beagle/detectors"
)

// Only makes a watcher try certain ways, and no others, to notice starts.
func (w *Watcher) Only(ways ...string) *Watcher {
	w.ways = ways
	return w
}

// Room sets how many bytes the proc connector may keep.
func (w *Watcher) Room(bytes int) *Watcher {
	w.buffer = bytes
	return w
}

// Mounts has the watcher believe in another mount table.
func (w *Watcher) Mounts(mounts func() []detectors.Mount) *Watcher {
	w.mounts = mounts
	return w
}

// MaxFollowed is how many processes can be followed.
const MaxFollowed = maxFollowed

// Asks has the watcher look at folders itself, also where the system tells of changes.
func (w *Watcher) Asks(asks bool) *Watcher {
	w.asks = asks
	return w
}

// Quiet sets how long a folder must be quiet until its changes are told.
func (w *Watcher) Quiet(quiet time.Duration) *Watcher {
	w.quiet = quiet
	return w
}
