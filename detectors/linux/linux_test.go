package linux

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

func TestOwnFolder(t *testing.T) {
	for _, c := range []struct{ name, list, want string }{
		{"one folder in /opt", "/. /opt /opt/QQ /opt/QQ/qq /usr /usr/share /usr/share/doc /usr/share/doc/qq /usr/share/doc/qq/copyright", "/opt/QQ"},
		{"vendor and product", "/opt /opt/kingsoft /opt/kingsoft/wps /opt/kingsoft/wps/a /opt/kingsoft/wps/b /opt/kingsoft/wps/b/c", "/opt/kingsoft/wps"},
		{"two folders have no common one of their own", "/opt /opt/a /opt/a/x /opt/b /opt/b/y", ""},
		{"the old QQ", "/usr /usr/share /usr/share/tencent-qq /usr/share/tencent-qq/qq /usr/share/tencent-qq/res /usr/share/tencent-qq/res/a", "/usr/share/tencent-qq"},
		{"a shared folder of libraries", "/usr /usr/lib /usr/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu/libx.so", ""},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var own ownFolder
			for _, file := range strings.Fields(c.list) {
				own.add(file)
			}
			if got := own.folder(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// look runs one probe and returns its evidence in one line each.
func look(t *testing.T, host *detectors.Host, p detectors.Probe) ([]string, detectors.ProbeResult) {
	t.Helper()
	seen := detectors.Run(context.Background(), host, []detectors.Probe{p}, detectors.Limits{})
	var lines []string
	for _, ev := range seen.Evidence {
		line := fmt.Sprintf("%s %s %s %s", ev.Area, ev.Owner, ev.Value, ev.Path)
		for _, key := range []string{"exec", "root", "gone", "app_host", "waydroid_package"} {
			if v := ev.Attributes[key]; v != "" {
				line += " " + key + "=" + v
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines, seen.Probes[0]
}

func TestDesktop(t *testing.T) {
	// Given entries of system and user, of several kinds,
	host := hosttest.New(t, `
os: linux
program: /opt/QQ/qq elf
program: /opt/google/chrome/chrome elf
program: /home/alice/Apps/Tool/tool elf
link: /usr/bin/qq -> /opt/QQ/qq
link: /usr/share/applications/dangling.desktop -> /nowhere
fifo: /usr/share/applications/pipe.desktop
-- etc/passwd --
alice:x:1000:1000::/home/alice:/bin/sh
-- usr/bin/env --
-- usr/share/applications/linked.desktop --
[Desktop Entry]
Exec=qq %U
-- usr/share/applications/gone.desktop --
[Desktop Entry]
Exec=/opt/removed/app
-- usr/share/applications/vendor/nested.desktop --
[Desktop Entry]
Exec=env A=b /opt/QQ/qq
-- usr/share/applications/hidden.desktop --
[Desktop Entry]
Exec=/opt/QQ/qq
Hidden=true
-- home/alice/.local/share/applications/own.desktop --
[Desktop Entry]
Exec="/home/alice/Apps/Tool/tool" --x
-- home/alice/.local/share/applications/shared.desktop --
[Desktop Entry]
Exec=/opt/QQ/qq
-- home/alice/.local/share/applications/chrome-tiktok.desktop --
[Desktop Entry]
Exec=/opt/google/chrome/chrome --profile-directory=Default --app=https://www.tiktok.com/
-- home/alice/Desktop/folder/not-looked-at.desktop --
[Desktop Entry]
Exec=/opt/QQ/qq
`)
	got, result := look(t, host, Desktop())
	// then each names its program, and belongs to whoever owns the place of that.
	want := []string{
		"machine machine gone.desktop /usr/share/applications/gone.desktop gone=target_missing",
		"machine machine linked.desktop /usr/share/applications/linked.desktop exec=/opt/QQ/qq root=/opt/QQ",
		"machine machine nested.desktop /usr/share/applications/vendor/nested.desktop exec=/opt/QQ/qq root=/opt/QQ",
		"user:alice alice chrome-tiktok.desktop /home/alice/.local/share/applications/chrome-tiktok.desktop exec=/opt/google/chrome/chrome app_host=www.tiktok.com",
		"user:alice alice own.desktop /home/alice/.local/share/applications/own.desktop exec=/home/alice/Apps/Tool/tool root=/home/alice/Apps/Tool",
		"user:alice machine shared.desktop /home/alice/.local/share/applications/shared.desktop exec=/opt/QQ/qq root=/opt/QQ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if result.Outcome != detectors.Finished {
		t.Errorf("ended %s", result.Outcome)
	}
}

func TestDpkgMalformed(t *testing.T) {
	// Given a database with a broken stanza between good ones, then the good ones are found and the probe is partial.
	host := hosttest.New(t, "os: linux\n-- var/lib/dpkg/status --\nPackage: a\nStatus: install ok installed\nVersion: 1\n\ngarbage\n\nPackage: b\nStatus: install ok installed\nVersion: 1\n")
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	got, result := look(t, host, Dpkg(index))
	if len(got) != 2 || result.Outcome != detectors.Partial || result.Areas[0].Problem.Code != detectors.CodeMalformed {
		t.Errorf("got %q, %+v", got, result)
	}
}
