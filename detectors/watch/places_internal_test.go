package watch

import (
	"slices"
	"testing"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

func TestWhenChangesAreTold(t *testing.T) {
	// Given a folder that changes at these moments, when it is told, then it is after a second
	// of quiet, and at the latest after five.
	second := time.Second
	for _, c := range []struct {
		name    string
		changes []time.Duration
		want    []time.Duration
	}{
		{"once", []time.Duration{0}, []time.Duration{second}},
		{"twice in short", []time.Duration{0, second / 2}, []time.Duration{3 * second / 2}},
		{"twice in long", []time.Duration{0, 3 * second}, []time.Duration{second, 4 * second}},
		{"all the time", every(second/2, 12), []time.Duration{5 * second, 13 * second / 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLoop(New(&detectors.Host{OS: catalog.Linux}, Options{}), nil)
			l.places = &places{l: l, notify: deaf{}, spots: map[int][]use{}}
			begin := time.Unix(0, 0)
			l.places.set(begin, []Folder{{Topic: "x", Dir: "/nowhere"}})
			l.places.work(begin)
			at := l.places.list[0]
			var got []time.Duration
			for tick := range 200 {
				now := begin.Add(time.Duration(tick) * 50 * time.Millisecond)
				if slices.Contains(c.changes, now.Sub(begin)) {
					at.touch(now)
				}
				l.places.work(now)
				for range l.batch {
					got = append(got, now.Sub(begin))
				}
				l.batch = nil
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("told at %v, want %v", got, c.want)
			}
		})
	}
}

func every(step time.Duration, times int) (list []time.Duration) {
	for i := range times {
		list = append(list, time.Duration(i)*step)
	}
	return list
}

// deaf is a notifier that has nothing to tell.
type deaf struct{}

func (deaf) add(string) (int, error) { return 1, nil }
func (deaf) remove(int)              {}
func (deaf) name() string            { return "deaf" }
