package watch

import (
	"testing"
	"time"

	"beagle/detectors"
)

func TestPollingAllocatesNothing(t *testing.T) {
	// Given a poller that has seen all processes a few times,
	table, err := newTable()
	if err != nil {
		t.Fatal(err)
	}
	defer table.close()
	l := newLoop(New(&detectors.Host{}, Options{Wants: func(string) bool { return false }}), nil)
	p := newPoller(l, table)
	now := time.Now()
	for range 2 * oldEvery {
		p.look(now)
	}
	// when it looks again, then an unchanged process costs no allocation: what is left does
	// not grow with their number, but for those that start meanwhile.
	perLook := testing.AllocsPerRun(10, func() { p.look(now) })
	if count := float64(len(p.procs)); perLook > 0.2*count {
		t.Errorf("%v allocations a look at %v processes", perLook, count)
	}
}

func TestNumber(t *testing.T) {
	for name, want := range map[string]int{
		"1\x00": 1, "4194304\x00\x00\x00": 4194304, "self\x00": 0, "1a\x00": 0, "\x00": 0, "12": 0, "99999999999999999999\x00": 0,
	} {
		if got := number([]byte(name)); got != want {
			t.Errorf("%q: got %d, want %d", name, got, want)
		}
	}
}
