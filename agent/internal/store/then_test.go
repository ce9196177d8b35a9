package store_test

import (
	"testing"

	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// TestSweepsThatWait joins sweeps that a full disk did not take: keeping the joined one brings
// what keeping one after the other would have.
func TestSweepsThatWait(t *testing.T) {
	wps, qq := saw("opt", "machine", "wps"), saw("opt", "machine", "qq")
	run := saw("processes", "machine", "wps", "pid", "7")
	seen := func(list ...catalog.Evidence) store.Sweep { return store.Sweep{Seen: list} }
	for _, c := range []struct {
		name   string
		sweeps []store.Sweep
	}{
		{"one more", []store.Sweep{seen(wps), seen(qq)}},
		{"gone again", []store.Sweep{seen(wps, run), {Gone: []catalog.Evidence{run}}}},
		{"back again", []store.Sweep{{Gone: []catalog.Evidence{qq}}, seen(qq)}},
		{"looked for in vain", []store.Sweep{seen(wps), {Areas: []store.Area{finished("opt", "machine")}, Seen: []catalog.Evidence{qq}}}},
		{"looked for elsewhere", []store.Sweep{seen(wps), {Areas: []store.Area{finished("opt", "drive:/mnt")}}}},
		{"seen after it was looked for", []store.Sweep{{Areas: []store.Area{finished("opt", "machine")}}, seen(wps)}},
		{"looked for three times", []store.Sweep{seen(wps), {Areas: []store.Area{finished("opt", "machine")}}, seen(run)}},
		{"a probe that is no more", []store.Sweep{{Retired: []string{"old"}}, seen(wps)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given two stores that know the same,
			apart, joined := open(t, t.TempDir()), open(t, t.TempDir())
			for _, s := range []*store.Store{apart, joined} {
				apply(t, s, store.Sweep{Seen: []catalog.Evidence{qq, saw("old", "machine", "vmate")}}, judge)
			}
			// when one keeps the sweeps and the other what they were joined to,
			var all store.Sweep
			for i, sweep := range c.sweeps {
				apply(t, apart, sweep, judge)
				if i == 0 {
					all = sweep
				} else {
					all = all.Then(sweep)
				}
			}
			apply(t, joined, all, judge)
			// then both believe the same.
			a, err := apart.Evidence(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b, err := joined.Evidence(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "evidence", names(b), names(a))
		})
	}
}

func names(list []catalog.Evidence) (text string) {
	for i := range list {
		text += list[i].Probe + " " + list[i].Value + " " + list[i].Attributes["pid"] + "\n"
	}
	return text
}
