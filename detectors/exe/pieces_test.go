package exe_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/exe"
	"beagle/detectors/hosttest"
)

// disks is a host with a program in every place, and in some that are none.
const disks = `
os: linux
dir: /etc
program: /home/alice/wps/office6/et elf
program: /home/alice/wps/office6/wpp elf
program: /home/alice/share/office6/et elf
program: /home/alice/stick/office6/et elf
program: /home/alice/deep/er/and/deeper/et elf
program: /data/alice/office6/et elf
program: /srv/office6/et elf
program: /tmp/office6/et elf
link: /home/alice/link -> ../../srv
`

// diskHost is that host with a stick and two network shares, and its places.
func diskHost(t *testing.T) (*detectors.Host, *catalog.Index, []detectors.Place) {
	t.Helper()
	host := hosttest.New(t, disks)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	host.Mounts = []detectors.Mount{
		{Path: host.Local("/home/alice/stick"), Type: "vfat"},
		{Path: host.Local("/home/alice/share"), Type: "nfs4"},
		{Path: host.Local("/srv") + "/net", Type: "cifs"},
	}
	return host, index, []detectors.Place{
		{Area: "user:alice", Dir: "/home/alice"}, {Area: "/srv", Dir: "/srv"}, {Area: "user:alice", Dir: "/data/alice"},
		{Area: "drive:/home/alice/stick", Dir: "/home/alice/stick"}, {Area: "/opt", Dir: "/opt"},
	}
}

func run(t *testing.T, host *detectors.Host, p ...detectors.Probe) (found, ends []string) {
	t.Helper()
	seen := detectors.Run(context.Background(), host, p, detectors.Limits{})
	for i := range seen.Evidence {
		ev := &seen.Evidence[i]
		found = append(found, fmt.Sprint(ev.Probe, " ", ev.Area, " ", ev.Path, " ", ev.Attributes))
	}
	for _, p := range seen.Probes {
		for _, a := range p.Areas {
			ends = append(ends, a.Area+" "+string(a.Outcome))
		}
	}
	slices.Sort(found)
	slices.Sort(ends)
	return found, ends
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPiecesAreTheWhole(t *testing.T) {
	// Given places inside each other, two of one user, a drive and foreign file systems,
	host, index, places := diskHost(t)
	// when they are walked at once and piece by piece, in any order,
	found, ends := run(t, host, exe.Portable(index, places))
	var names []string
	var probes []detectors.Probe
	for _, piece := range exe.Pieces(index, places) {
		names = append(names, piece.Area)
		probes = append(probes, piece.Probe)
	}
	slices.Reverse(probes)
	foundInPieces, endsInPieces := run(t, host, probes...)
	// then the same is found and told, each area by one piece.
	same(t, "found", foundInPieces, found)
	same(t, "areas", endsInPieces, ends)
	same(t, "pieces", names, []string{"user:alice", "/srv", "drive:/home/alice/stick", "/opt"})
	same(t, "areas", ends, []string{
		"/opt skipped", "/srv finished", "drive:/home/alice/share skipped", "drive:/home/alice/stick finished",
		"drive:/srv/net skipped", "user:alice finished",
	})
	if len(found) != 6 {
		t.Errorf("got\n%s", strings.Join(found, "\n"))
	}
}

func TestFolderReportsWhatTheWalkWould(t *testing.T) {
	host, index, places := diskHost(t)
	whole, _ := run(t, host, exe.Portable(index, places))
	for _, c := range []struct {
		dir  string
		want []string // paths
	}{
		{"/home/alice/wps", []string{"/home/alice/wps/office6/et", "/home/alice/wps/office6/wpp"}},
		{"/home/alice", []string{"/home/alice/wps/office6/et", "/home/alice/wps/office6/wpp"}}, // neither the drive, nor the share, nor what is too deep
		{"/home/alice/stick/office6", []string{"/home/alice/stick/office6/et"}},
		{"/home/alice/link", []string{"/srv/office6/et"}}, // by its real name
		{"/data/alice", []string{"/data/alice/office6/et"}},
		{"/home/alice/share", nil},         // no walk gets there,
		{"/home/alice/share/office6", nil}, // nor below
		{"/home/alice/wps/office6/et", nil},
		{"/home/nobody", nil},
		{"/opt", nil},
	} {
		t.Run(c.dir, func(t *testing.T) {
			if _, err := host.Files.Stat(c.dir); err != nil && strings.HasSuffix(c.dir, "/link") {
				t.Skip("no links here")
			}
			found, ends := run(t, host, exe.Folder(index, places, c.dir, 3))
			want := slices.DeleteFunc(slices.Clone(whole), func(line string) bool {
				return !slices.ContainsFunc(c.want, func(path string) bool { return strings.Contains(line, " "+path+" ") })
			})
			same(t, "found", found, want)
			if len(want) != len(c.want) {
				t.Errorf("the walk finds %q, want %q", want, c.want)
			}
			// No area is claimed, so that nothing known is withdrawn.
			same(t, "areas", ends, nil)
		})
	}
}

func TestFolderElsewhere(t *testing.T) {
	// Given a program where no walk looks, then it is seen all the same, as an area of its own.
	host, index, places := diskHost(t)
	found, ends := run(t, host, exe.Folder(index, places, "/tmp/office6", 3))
	same(t, "found", found, []string{"portable elsewhere /tmp/office6/et map[format:elf]"})
	same(t, "areas", ends, nil)
}

func TestFolderLeavesTheSystemAlone(t *testing.T) {
	host := hosttest.New(t, "os: windows\nprogram: Windows/Temp/office6/et.exe pe\nprogram: Tools/office6/et.exe pe\ndir: Users\n")
	_, index, _ := diskHost(t)
	places := []detectors.Place{{Area: `C:\`, Dir: `C:\`}}
	for dir, want := range map[string]int{`c:\windows\temp`: 0, `C:\Windows\Temp\office6`: 0, `C:\`: 1, `C:\Tools`: 1} {
		found, _ := run(t, host, exe.Folder(index, places, dir, 4))
		if len(found) != want || want == 1 && !strings.HasPrefix(found[0], `portable C:\ C:\Tools\office6\et.exe `) {
			t.Errorf("%s: got %q", dir, found)
		}
	}
}

func TestFolderSaysWhatItCouldNotRead(t *testing.T) {
	// Given a folder on a share, then the result says why nothing was seen.
	host, index, places := diskHost(t)
	seen := detectors.Run(t.Context(), host, []detectors.Probe{exe.Folder(index, places, "/home/alice/share", 3)}, detectors.Limits{})
	p := seen.Probes[0]
	if p.Outcome != detectors.Skipped || p.Problem == nil || p.Problem.Code != detectors.CodeForeign || p.Problem.Args["type"] != "nfs4" {
		t.Errorf("got %+v", p)
	}
}
