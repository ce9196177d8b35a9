package process_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
	"beagle/detectors/process"
)

func TestProcesses(t *testing.T) {
	// Given programs of every kind,
	host := hosttest.New(t, `
os: linux
program: /tmp/x/office6/et elf
program: /tmp/x/office6/wpp elf
process: 2 root - kthreadd kernel
process: 10 alice /home/alice/bin/tool
process: 11 alice /tmp/x/office6/renamed
process: 12 root /tmp/x/office6/renamed
process: 13 bob /opt/QQ/qq deleted
process: 14 bob - secret
process: 15 stranger /tmp/y
-- etc/passwd --
alice:x:1000:1000::/home/alice:/bin/sh
bob:x:1001:1001::/home/bob:/bin/sh
-- home/alice/x --
-- home/bob/x --
`)
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	seen := detectors.Run(context.Background(), host, []detectors.Probe{process.Probe(index)}, detectors.Limits{})
	var got []string
	for _, ev := range seen.Evidence {
		got = append(got, strings.TrimSpace(ev.Attributes["pid"]+" "+ev.Owner+" "+ev.Value+" "+ev.Path+" "+ev.Attributes["beside"]+" "+ev.Attributes["deleted"]))
	}
	// then each has the owner of the place it lies in; the files in /tmp are root's here,
	want := []string{
		"10 alice tool /home/alice/bin/tool",
		"11 machine renamed /tmp/x/office6/renamed et/wpp",
		"12 machine renamed /tmp/x/office6/renamed et/wpp",
		"13 machine qq /opt/QQ/qq  true",
		"14 machine secret",
		"15 machine y /tmp/y",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// and the one that may not be read is shown.
	area := seen.Probes[0].Areas[0]
	if area.Outcome != detectors.Partial || area.Problem.Args["first"] != "process 14 (secret)" || area.Problem.Args["count"] != "1" {
		t.Errorf("got %+v", area)
	}
}
