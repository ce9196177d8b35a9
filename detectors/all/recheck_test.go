package all_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

const desk = `
os: linux
dir: /opt
program: /home/alice/wps/office6/et elf
program: /home/alice/wps/office6/wpp elf
program: /opt/QQ/qq elf
process: 7 alice /home/alice/wps/office6/et
process: 8 alice /opt/QQ/qq
process: 9 bob /opt/QQ/qq
process: 10 carol - secret
-- etc/passwd --
alice:x:1000:1000::/home/alice:/bin/sh
-- var/lib/dpkg/status --
Package: linuxqq
Status: install ok installed
Version: 1
-- usr/share/applications/qq.desktop --
[Desktop Entry]
Exec=/opt/QQ/qq
-- usr/share/applications/other.desktop --
[Desktop Entry]
Exec=/opt/QQ/qq
`

// seenOn is all that the usual and the deep probes see on the host.
func seenOn(t *testing.T, host *detectors.Host, index *catalog.Index) []catalog.Evidence {
	t.Helper()
	probes := all.Probes(host, index, all.Options{})
	for _, piece := range all.Deep(host, index) {
		probes = append(probes, piece.Probes...)
	}
	seen := detectors.Run(t.Context(), host, probes, detectors.Limits{})
	slices.SortFunc(seen.Evidence, func(a, b catalog.Evidence) int { return strings.Compare(line(&a), line(&b)) })
	return seen.Evidence
}

func line(ev *catalog.Evidence) string {
	return fmt.Sprint(ev.Kind, " ", ev.Value, " ", ev.Attributes["pid"], " ", ev.Probe, " ", ev.Owner)
}

func lines(list []catalog.Evidence) string {
	var out []string
	for i := range list {
		out = append(out, line(&list[i]))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// running is a list of programs that changes.
type running struct{ list []detectors.Process }

func (r *running) List(context.Context) ([]detectors.Process, error) { return r.list, nil }

func TestRecheck(t *testing.T) {
	// Given everything that was seen on a machine,
	host := hosttest.New(t, desk)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	known := seenOn(t, host, index)
	// when one of everything goes, and one program is replaced while it runs,
	for _, path := range []string{"/home/alice/wps/office6/wpp", "/usr/share/applications/other.desktop"} {
		if err := os.Remove(host.Local(path)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := host.Processes.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(p detectors.Process) bool { return p.PID == 8 })
	list[0].Deleted = true
	list[1].Exe = "/usr/bin/true" // 9 was given out again
	host.Processes = &running{list}
	got := all.Recheck(t.Context(), host, index, known)
	// then each is told of, but for those of which only their probe can tell.
	for _, c := range []struct {
		what string
		list []catalog.Evidence
		want string
	}{
		{"seen", got.Seen, "file et  portable alice\nfile qq  opt machine\nfile qq  portable machine\nprocess et 7 processes alice"},
		{"gone", got.Gone, "desktop other.desktop  desktop machine\nfile wpp  portable alice\nprocess qq 8 processes machine\nprocess qq 9 processes machine"},
		{"unknown", got.Unknown, "desktop qq.desktop  desktop machine\ndpkg linuxqq  dpkg machine\nprocess secret 10 processes machine"},
	} {
		if lines(c.list) != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.what, lines(c.list), c.want)
		}
	}
	if want := []string{"desktop", "dpkg"}; !slices.Equal(got.Rerun, want) {
		t.Errorf("rerun: got %q, want %q", got.Rerun, want)
	}
	for i := range got.Seen {
		if ev := &got.Seen[i]; ev.Kind == catalog.KindProcess && ev.Attributes["deleted"] != "true" {
			t.Errorf("it is not told that the running file was removed: %v", ev.Attributes)
		}
	}
}

func TestRecheckOfWhatBelongsToAnotherNow(t *testing.T) {
	// Given a file that somebody else's profile holds now,
	host := hosttest.New(t, desk)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	known := slices.DeleteFunc(seenOn(t, host, index), func(ev catalog.Evidence) bool { return ev.Value != "et" || ev.Kind != catalog.KindFile })
	host.Users[0].Name = "alicia"
	got := all.Recheck(t.Context(), host, index, known)
	// then the old fact is gone and the new one is there.
	if len(known) != 1 || lines(got.Gone) != "file et  portable alice" || lines(got.Seen) != "file et  portable alicia" || len(got.Unknown) != 0 {
		t.Errorf("got %+v", got)
	}
}

// stuck is a tree that does not answer, like a dead disk.
type stuck struct {
	detectors.Files
	asked   func()
	release chan struct{}
}

func (s *stuck) Resolve(string) (string, error) {
	s.asked()
	<-s.release
	return "", fs.ErrNotExist
}

func TestRecheckOfADeadDisk(t *testing.T) {
	// Given a disk that never answers,
	host := hosttest.New(t, desk)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	known := seenOn(t, host, index)
	ctx, cancel := context.WithCancel(t.Context())
	disk := &stuck{host.Files, cancel, make(chan struct{})}
	defer close(disk.release)
	host.Files = disk
	// when the time for it is up, then nothing is known.
	got := all.Recheck(ctx, host, index, known)
	if len(got.Unknown) != len(known) || len(got.Rerun) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestDeepIsTheRestOfADeepScan(t *testing.T) {
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range hosttest.Names(t) {
		t.Run(name, func(t *testing.T) {
			// Given a recorded host, when it is looked at as usual and then deeply, in pieces,
			host := hosttest.Recorded(t, name)
			pieces := seenOn(t, host, index)
			seen := detectors.Run(t.Context(), host, all.Probes(host, index, all.Options{Deep: true}), detectors.Limits{})
			// then that sees what one deep scan sees.
			if got, want := once(usualNames(lines(pieces))), once(lines(seen.Evidence)); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestAUsualLookKeepsWhatADeepOneFound(t *testing.T) {
	// Given an app where only a deep look gets, then no usual probe of its name speaks of it.
	host := hosttest.New(t, `
os: macos
-- Applications/x --
-- Users/alice/src/build/WeChat.app/Contents/Info.plist --
<plist><dict><key>CFBundleIdentifier</key><string>com.tencent.xinWeChat</string></dict></plist>
`)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	usual := all.Probes(host, index, all.Options{})
	found := 0
	for _, ev := range seenOn(t, host, index) {
		if ev.Value != "com.tencent.xinWeChat" {
			continue
		}
		found++
		if slices.ContainsFunc(usual, func(p detectors.Probe) bool { return p.Name == ev.Probe }) {
			t.Errorf("a usual look by %s withdraws it", ev.Probe)
		}
	}
	if found != 1 {
		t.Errorf("found %d times", found)
	}
}

// usualNames calls what only a deep look in pieces calls otherwise by the name in a deep scan.
func usualNames(lines string) string { return strings.ReplaceAll(lines, " deep_bundles ", " bundles ") }

// once drops what is seen twice, such as an app in a folder that a usual look visits too.
func once(lines string) []string {
	list := strings.Split(lines, "\n")
	slices.Sort(list)
	return slices.Compact(list)
}

func TestDeepWithNamedFolders(t *testing.T) {
	// Given folders that settings name: one that is a place anyhow, one in a home, one that is missing,
	host := hosttest.New(t, desk+"-- srv/x --\n")
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/srv", "/home/alice/wps", "/data/tools"}
	var ends []string
	for _, piece := range all.Deep(host, index, paths...) {
		seen := detectors.Run(t.Context(), host, piece.Probes, detectors.Limits{})
		for _, area := range seen.Probes[0].Areas {
			ends = append(ends, fmt.Sprint(area.Area, " ", area.Outcome, " ", len(seen.Evidence)))
		}
	}
	// then each is a piece of its own, once, and looked at once.
	want := "user:alice finished 0, /opt finished 1, /usr/local skipped 0, /srv finished 0, /home/alice/wps finished 2, /data/tools skipped 0"
	if got := strings.Join(ends, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// What appears there counts to the same area.
	seen := detectors.Run(t.Context(), host, []detectors.Probe{all.Folder(host, index, "/home/alice/wps/office6", paths...)}, detectors.Limits{})
	if len(seen.Evidence) != 2 || seen.Evidence[0].Area != "/home/alice/wps" {
		t.Errorf("got %+v", seen.Evidence)
	}
}

func TestFolder(t *testing.T) {
	// Given a folder in a home, when it is looked into, then what is there is seen as a deep look sees it.
	host := hosttest.New(t, desk)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	seen := detectors.Run(t.Context(), host, []detectors.Probe{all.Folder(host, index, "/home/alice/wps")}, detectors.Limits{})
	if got := lines(seen.Evidence); got != "file et  portable alice\nfile wpp  portable alice" || len(seen.Probes[0].Areas) != 0 {
		t.Errorf("got\n%s\n%+v", got, seen.Probes)
	}
}
