package macos_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/hosttest"
	"beagle/detectors/macos"
)

const plistHead = `<plist version="1.0"><dict><key>CFBundleIdentifier</key><string>`
const plistTail = `</string></dict></plist>`

// look runs the probe alone and returns what it found, one line each.
func look(t *testing.T, host *detectors.Host, deep []detectors.Place) ([]string, detectors.ProbeResult) {
	t.Helper()
	seen := detectors.Run(context.Background(), host, []detectors.Probe{macos.Bundles(deep)}, detectors.Limits{})
	var lines []string
	for _, ev := range seen.Evidence {
		line := ev.Owner + " " + ev.Value + " " + ev.Path
		for _, key := range []string{"gone", "loose", "wrapped"} {
			if v := ev.Attributes[key]; v != "" {
				line += " " + key + "=" + v
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return slices.Compact(lines), seen.Probes[0]
}

func archive(apps ...string) string {
	var b strings.Builder
	b.WriteString("os: macos\n")
	for _, app := range apps {
		name, id, _ := strings.Cut(app, "=")
		b.WriteString("-- " + name + " --\n" + plistHead + id + plistTail + "\n")
	}
	return b.String()
}

func TestBundles(t *testing.T) {
	// Given apps in every place and of every kind,
	host := hosttest.New(t, "link: /Applications/Linked.app -> /Users/Shared/Real.app\nlink: /Applications/Gone.app -> /nowhere\n"+archive(
		"Applications/A.app/Contents/Info.plist=id.a",
		"Applications/Odd.APP/Contents/Info.plist=id.odd",
		"Applications/Sub/Sub/B.app/Contents/Info.plist=id.b",
		"Applications/A.app/Contents/PlugIns/Helper.app/Contents/Info.plist=id.helper",
		"Applications/Pad.app/WrappedBundle/Info.plist=id.ipad",
		"Users/Shared/Real.app/Contents/Info.plist=id.real",
		"Users/al/Downloads/C.app/Contents/Info.plist=id.c",
		"Users/al/.Trash/D.app/Contents/Info.plist=id.d",
		"Users/al/work/deep/down/here/E.app/Contents/Info.plist=id.e",
	))
	got, result := look(t, host, nil)
	// then each is found once, helpers belong to their app, and links lead to the real one.
	want := []string{
		"al id.c /Users/al/Downloads/C.app loose=true", "al id.d /Users/al/.Trash/D.app gone=trash",
		"machine id.a /Applications/A.app", "machine id.b /Applications/Sub/Sub/B.app",
		"machine id.ipad /Applications/Pad.app wrapped=true", "machine id.odd /Applications/Odd.APP",
		"machine id.real /Users/Shared/Real.app loose=true",
	}
	if !slices.Equal(got, want) || result.Outcome != detectors.Finished {
		t.Errorf("%s, got\n%s\nwant\n%s", result.Outcome, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// And a place that is looked through fully hides none.
	if deep, _ := look(t, host, []detectors.Place{{Area: "x", Dir: "/Users/al/work"}}); !slices.Contains(deep, "al id.e /Users/al/work/deep/down/here/E.app loose=true") {
		t.Errorf("deep: got %q", deep)
	}
}

func TestUnreadableBundlesAreShown(t *testing.T) {
	// Given an Info.plist that is too large, one that is broken, and pipes where folders should be,
	host := hosttest.New(t, "fifo: /Applications/Pipe.app/Contents\nfifo: /Applications/Plist.app/Contents/Info.plist\n"+archive(
		"Applications/Broken.app/Contents/Info.plist=<", "Applications/Large.app/Contents/Info.plist=x"))
	large := host.Local("/Applications/Large.app/Contents/Info.plist")
	if err := os.Truncate(large, 5<<20); err != nil {
		t.Fatal(err)
	}
	// when they are looked at, then the probe ends in time and says which it could not read.
	_, result := look(t, host, nil)
	if result.Outcome != detectors.Partial || result.Areas[0].Problem == nil || result.Areas[0].Problem.Args["count"] != "4" {
		t.Errorf("got %s, %+v", result.Outcome, result.Areas[0].Problem)
	}
}
