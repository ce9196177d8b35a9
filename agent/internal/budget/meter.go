package budget

import "time"

// meter averages the use of CPU over the last minute. Time before its first reading counts as
// time in which nothing was used.
type meter struct {
	readings []reading // the oldest first; at most one is older than the window
}

type reading struct {
	at  time.Time
	cpu time.Duration
}

// reset forgets everything before a reading.
func (m *meter) reset(r reading) { m.readings = append(m.readings[:0], r) }

func (m *meter) add(r reading) {
	m.readings = append(m.readings, r)
	begin := r.at.Add(-window)
	drop := 0
	for drop+1 < len(m.readings) && !m.readings[drop+1].at.After(begin) {
		drop++
	}
	m.readings = append(m.readings[:0], m.readings[drop:]...)
}

// share returns the share of one core that was used in the minute before now.
func (m *meter) share(now reading) float64 {
	if len(m.readings) == 0 {
		return 0
	}
	begin := now.at.Add(-window)
	base := m.readings[0].cpu
	for i := len(m.readings) - 1; i >= 0; i-- {
		from := m.readings[i]
		if from.at.After(begin) {
			continue
		}
		to := now
		if i+1 < len(m.readings) {
			to = m.readings[i+1]
		}
		// Between two readings the use is taken to be even.
		base = from.cpu
		if span := to.at.Sub(from.at); span > 0 {
			base += time.Duration(float64(to.cpu-from.cpu) * float64(begin.Sub(from.at)) / float64(span))
		}
		break
	}
	return float64(now.cpu-base) / float64(window)
}
