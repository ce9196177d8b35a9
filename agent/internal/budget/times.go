package budget

import "time"

// times are what all processors of a machine did together so far.
type times struct {
	at         time.Time
	idle, busy time.Duration
}

// stale is when an older reading says nothing about now.
const stale = 3 * workEvery

// since tells how busy the processors were since another reading; nothing if that is too old.
func (t times) since(before times) float64 {
	idle, busy := t.idle-before.idle, t.busy-before.busy
	if before.at.IsZero() || t.at.Sub(before.at) > stale || idle+busy <= 0 {
		return 0
	}
	return float64(busy) / float64(idle+busy) / muchBusy
}
