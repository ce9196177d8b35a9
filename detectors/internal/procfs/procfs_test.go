package procfs_test

import (
	"testing"
	"time"

	"beagle/detectors/internal/procfs"
)

// rest are the fields after the name up to the start, as Linux 6.18 wrote them for a shell.
const rest = " S 812 4711 812 34816 4720 4194304 1409 19211 0 0 3 1 22 9 20 0 1 0 183311 8466432 1341"

func TestParseStat(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       procfs.Stat
		ok         bool
	}{
		{"a shell", "4711 (bash)" + rest + " 18446744073709551615 0\n", procfs.Stat{Name: "bash", Parent: 812, Start: 183311}, true},
		{"a name with spaces and brackets", "7 (a) S 1 (b)" + rest, procfs.Stat{Name: "a) S 1 (b", Parent: 812, Start: 183311}, true},
		{"a name with a line break", "7 (a\nb)" + rest, procfs.Stat{Name: "a\nb", Parent: 812, Start: 183311}, true},
		{"no name", "7 ()" + rest, procfs.Stat{Parent: 812, Start: 183311}, true},
		{"empty", "", procfs.Stat{}, false},
		{"no brackets", "7 bash S 1", procfs.Stat{}, false},
		{"brackets the wrong way round", "7 )bash(" + rest, procfs.Stat{}, false},
		{"cut short", "7 (bash) S 812 4711", procfs.Stat{}, false},
		{"a parent that is no number", "7 (bash) S x" + rest, procfs.Stat{}, false},
	} {
		// When the text is parsed, then the fields are those of the manual.
		got, ok := procfs.ParseStat([]byte(c.text))
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: got %+v, %v; want %+v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestParseBootTime(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int64
		ok         bool
	}{
		{"among others", "cpu  1 2 3\nintr 9 0\nctxt 5\nbtime 1700000000\nprocesses 12\n", 1700000000, true},
		{"at the end", "btime 1700000000", 1700000000, true},
		{"missing", "cpu  1 2 3\n", 0, false},
		{"no number", "btime soon\n", 0, false},
		{"inside another line", "x btime 17\n", 0, false},
	} {
		got, ok := procfs.ParseBootTime([]byte(c.text))
		if ok != c.ok || ok && got.Unix() != c.want {
			t.Errorf("%s: got %v, %v; want %d, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestStarted(t *testing.T) {
	boot := time.Unix(1700000000, 0)
	// Given a process that began 1,833.11 s after the system, then whole seconds count.
	if got, want := (procfs.Stat{Start: 183311}).Started(boot), boot.Add(1833*time.Second); !got.Equal(want) {
		t.Errorf("started %v, want %v", got, want)
	}
	// Given ticks beyond any time, then nothing is made up.
	if got := (procfs.Stat{Start: 1<<64 - 1}).Started(boot); !got.IsZero() {
		t.Errorf("started %v, want the zero time", got)
	}
}

func FuzzParseStat(f *testing.F) {
	for _, seed := range []string{
		"4711 (bash)" + rest + " 0\n", "7 (a) S 1 (b)" + rest, "7 ()" + rest, "7 (bash) S 812", ")(", "",
		"1 (systemd) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 99999999999999999999 1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// Whatever it is, a name is never longer than the text, and a time is no panic.
		stat, ok := procfs.ParseStat(data)
		if ok && len(stat.Name) > len(data) {
			t.Errorf("a name of %d bytes from %d", len(stat.Name), len(data))
		}
		stat.Started(time.Unix(0, 0))
	})
}

func FuzzParseBootTime(f *testing.F) {
	for _, seed := range []string{"cpu 1\nbtime 1700000000\n", "btime ", "btime -1\n", "btime 99999999999999999999", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { procfs.ParseBootTime(data) })
}
