package all_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
	"beagle/detectors/process"
	"beagle/detectors/watch"
)

func embedded(t testing.TB) *catalog.Index {
	t.Helper()
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// TestLiveIsTheSweep holds what starts to what a sweep finds, on every recorded process of
// every catalog entry and a few more.
func TestLiveIsTheSweep(t *testing.T) {
	written, err := catalog.Load(os.DirFS("../catalog/apps")) // the shipped one has no examples
	if err != nil {
		t.Fatal(err)
	}
	index, err := written.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, system := range catalog.Systems() {
		t.Run(string(system), func(t *testing.T) {
			// Given a host on which every example and every near miss of a process runs,
			host := hosttest.New(t, crowd(system, index))
			live := all.NewLive(host, index)
			seen := detectors.Run(t.Context(), host, []detectors.Probe{process.Probe(index)}, detectors.Limits{})
			found := 0
			for _, swept := range seen.Evidence {
				if swept.Path == "" {
					continue // nothing is known of its start
				}
				recognised := false
				index.Recognise(&swept, func(catalog.Matched) { recognised = true })
				// when each starts, then it is wanted if the sweep recognises it,
				wants := live.Wants(swept.Path)
				if recognised && !wants {
					t.Errorf("%s: recognised by a sweep, but its start is not wanted", swept.Path)
				}
				pid, err := strconv.Atoi(swept.Attributes["pid"])
				if err != nil {
					t.Fatal(err)
				}
				ev, ours := live.Started(watch.Event{Kind: watch.ProcessStarted, At: time.Now(), PID: pid, Path: swept.Path})
				if ours != recognised {
					t.Errorf("%s: recognised by a sweep %v, at its start %v", swept.Path, recognised, ours)
				}
				// and the evidence is the same.
				sameEvidence(t, &ev, &swept)
				if ours {
					found++
				}
			}
			if found < 3 {
				t.Errorf("only %d recognised: does the test still look at the right things?", found)
			}
		})
	}
}

func sameEvidence(t *testing.T, got, want *catalog.Evidence) {
	t.Helper()
	a, b := *got, *want
	if a.Seen.IsZero() {
		t.Errorf("%s: no time", a.Path)
	}
	a.Seen, b.Seen = time.Time{}, time.Time{}
	if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) {
		t.Errorf("got\n%+v\nwant\n%+v", a, b)
	}
}

// crowd is a recorded host of one system that runs what the catalog's examples run, with the
// neighbours they name.
func crowd(system catalog.OS, index *catalog.Index) string {
	var text strings.Builder
	fmt.Fprintf(&text, "os: %s\n", system)
	pid := 100
	files := []string{"etc/passwd", "Users/alice/x", "home/alice/x"}
	if system == catalog.Windows {
		files = []string{"Users/alice/x", "Windows/x"}
	}
	run := func(path string) {
		fmt.Fprintf(&text, "process: %d alice %s\n", pid, path)
		pid++
	}
	for _, app := range index.Apps() {
		for _, ex := range append(slices.Clone(app.Examples), app.NearMisses...) {
			if ex.OS != system || ex.Kind != catalog.KindProcess || ex.Path == "" {
				continue
			}
			run(ex.Path)
			dir, _ := process.Split(ex.Path)
			for name := range strings.SplitSeq(ex.Attributes[catalog.AttrBeside], "/") {
				if name != "" {
					files = append(files, strings.TrimLeft(strings.ReplaceAll(strings.TrimPrefix(dir, "C:"), `\`, "/")+"/"+name, "/"))
				}
			}
		}
	}
	run(map[catalog.OS]string{catalog.Windows: `C:\Windows\System32\cmd.exe`}[system] + map[bool]string{true: "/usr/bin/ls"}[system != catalog.Windows])
	slices.Sort(files)
	for _, name := range slices.Compact(files) {
		if !strings.Contains(name, ":") {
			fmt.Fprintf(&text, "-- %s --\n", name)
		}
	}
	return text.String()
}

func TestLiveOfARunningProgram(t *testing.T) {
	// Given a renamed program that really runs from a folder in which others lie,
	dir := filepath.Join(t.TempDir(), "office6")
	path := runs(t, dir, "notes")
	for _, name := range []string{"et", "wpp", "et.exe", "wpp.exe"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	host, err := detectors.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	index := embedded(t)
	seen := detectors.Run(t.Context(), host, []detectors.Probe{process.Probe(index)}, detectors.Limits{})
	i := slices.IndexFunc(seen.Evidence, func(ev catalog.Evidence) bool { return ev.Path == path })
	if i < 0 {
		t.Fatalf("the sweep does not find %s", path)
	}
	pid, err := strconv.Atoi(seen.Evidence[i].Attributes["pid"])
	if err != nil {
		t.Fatal(err)
	}
	// when its start is told, then the evidence is that of the sweep,
	live := all.NewLive(host, index)
	if !live.Wants(path) {
		t.Error("not wanted")
	}
	event := watch.Event{Kind: watch.ProcessStarted, At: time.Now(), PID: pid, Path: path}
	ev, ours := live.Started(event)
	if !ours {
		t.Error("not recognised")
	}
	sameEvidence(t, &ev, &seen.Evidence[i])
	// and if it is gone by then, it is the same fact, of which less is known.
	event.PID = 1 << 30
	ev, ours = live.Started(event)
	want := seen.Evidence[i]
	want.Attributes = map[string]string{
		"pid": strconv.Itoa(event.PID), "started": event.At.UTC().Format(time.RFC3339),
		catalog.AttrBeside: want.Attributes[catalog.AttrBeside],
	}
	if !ours {
		t.Error("not recognised when it is gone")
	}
	sameEvidence(t, &ev, &want)
}

func TestWhatLiesBesideChanges(t *testing.T) {
	// Given a renamed program in a folder, alone at first,
	host := hosttest.New(t, "os: linux\nprogram: /srv/x/wechat/app elf\n-- etc/x --\n")
	live := all.NewLive(host, embedded(t))
	started := func() bool {
		_, ours := live.Started(watch.Event{Kind: watch.ProcessStarted, At: time.Now(), PID: 7, Path: "/srv/x/wechat/app"})
		return ours
	}
	if started() {
		t.Error("recognised while nothing lies beside it")
	}
	// when what gives it away is put beside it, then it is recognised, as soon as its folder may
	// be looked at again.
	neighbour := host.Local("/srv/x/wechat/libilink2.so")
	if err := os.WriteFile(neighbour, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for !started() {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	// And when it is taken away again, then it is not.
	if err := os.Remove(neighbour); err != nil {
		t.Fatal(err)
	}
	for started() {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkWants(b *testing.B) {
	host, err := detectors.Live(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	live := all.NewLive(host, embedded(b))
	for _, path := range []string{"/usr/bin/ls", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/usr/bin/wps"} {
		b.Run(filepath.Base(path), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				live.Wants(path)
			}
		})
	}
}
