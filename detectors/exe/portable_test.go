package exe_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/exe"
	"beagle/detectors/hosttest"
)

func TestPortable(t *testing.T) {
	// Given places inside each other, one that is missing and one that is a file,
	host := hosttest.New(t, `
os: linux
dir: /etc
program: /srv/a/office6/et elf
program: /srv/a/office6/wpp elf
program: /srv/a/inner/office6/et elf
program: /srv/a/inner/office6/wpp script
link: /srv/a/link/office6/et -> /srv/a/office6/et
-- srv/file --
`)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	probe := exe.Portable(index, []detectors.Place{
		{Area: "/srv/a", Dir: "/srv/a"}, {Area: "inner", Dir: "/srv/a/inner", Asked: true},
		{Area: "absent", Dir: "/srv/none"}, {Area: "asked", Dir: "/srv/none", Asked: true},
		{Area: "file", Dir: "/srv/file"},
	})
	// when they are walked,
	seen := detectors.Run(context.Background(), host, []detectors.Probe{probe}, detectors.Limits{})
	var found []string
	for _, ev := range seen.Evidence {
		found = append(found, ev.Area+" "+ev.Path+" "+ev.Attributes["format"])
	}
	slices.Sort(found)
	// then each file is found once, in the innermost place, and no link is followed,
	want := []string{
		"/srv/a /srv/a/office6/et elf", "/srv/a /srv/a/office6/wpp elf",
		"inner /srv/a/inner/office6/et elf", "inner /srv/a/inner/office6/wpp script",
	}
	if !slices.Equal(found, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
	// and each place says how it ended.
	var ends []string
	for _, a := range seen.Probes[0].Areas {
		ends = append(ends, a.Area+" "+string(a.Outcome))
	}
	if got := strings.Join(ends, ", "); got != "/srv/a finished, inner finished, absent skipped, asked failed, file failed" {
		t.Errorf("got %s", got)
	}
}
