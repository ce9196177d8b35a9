package watch

import (
	"errors"
	"slices"
	"testing"
	"time"

	"beagle/detectors"
)

func TestDoubts(t *testing.T) {
	gone := errors.New("gone")
	for _, c := range []struct {
		name string
		file string
		runs []string // what process 7 runs when it is looked at, the last for ever; "" when it is gone
		want bool
	}{
		{"it runs already", "/a/wps", []string{"/a/wps"}, true},
		{"it runs a moment later", "/a/wps", []string{"/bin/sh", "/bin/sh", "/a/wps"}, true},
		{"it is gone already", "/a/wps", []string{""}, true},
		{"it is gone a moment later", "/a/wps", []string{"/bin/sh", ""}, true},
		{"it was refused, or had gone on already", "/a/wps", []string{"/bin/sh"}, true},
		{"it went on to something unseen", "/a/wps", []string{"/bin/sh", "/a/main"}, true},
		{"the loader of another program", "/lib/ld-linux-x86-64.so.2", []string{"/bin/ls"}, false},
		{"the loader of one that is gone", "/lib/ld-musl-x86_64.so.1", []string{""}, false},
		{"a loader that is run by itself", "/lib/ld-2.31.so", []string{"/bin/sh", "/lib/ld-2.31.so"}, true},
		{"a program named like one", "/opt/ldap/browser", []string{""}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLoop(New(&detectors.Host{}, Options{}), nil)
			l.system = &kernel{}
			looks := 0
			d := doubts{l: l, program: func(int) ([]byte, error) {
				runs := c.runs[min(looks, len(c.runs)-1)]
				looks++
				if runs == "" {
					return nil, gone
				}
				return []byte(runs), nil
			}}
			// Given a file that was opened, when time passes,
			now := time.Now()
			d.started(now, 7, c.file)
			rounds := 0
			for next := d.work(now); !next.IsZero(); next = d.work(next) {
				if rounds++; rounds > 20 {
					t.Fatal("no end")
				}
			}
			// then it is told once or not at all, and nothing is left.
			var told []string
			for _, ev := range l.batch {
				told = append(told, ev.Path)
			}
			want := []string(nil)
			if c.want {
				want = []string{c.file}
			}
			if !slices.Equal(told, want) || len(d.list) > 0 {
				t.Errorf("told %q, want %q; %d left", told, want, len(d.list))
			}
		})
	}
}

func TestDoubtsAreBounded(t *testing.T) {
	// Given many starts that have not come about, when there is no more room, then the next is
	// told unseen rather than lost.
	l := newLoop(New(&detectors.Host{}, Options{}), nil)
	l.system = &kernel{}
	d := doubts{l: l, program: func(int) ([]byte, error) { return []byte("/bin/sh"), nil }}
	for pid := range maxDoubts + 1 {
		d.started(time.Now(), pid, "/a/wps")
	}
	if len(d.list) != maxDoubts || len(l.batch) != 1 || l.batch[0].PID != maxDoubts {
		t.Errorf("%d in doubt, told %+v", len(d.list), l.batch)
	}
}
