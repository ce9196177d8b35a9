package detectors

import (
	"slices"
	"strings"
	"testing"
)

// Recorded from a desktop, shortened.
const mountinfo = `22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 28 254:2 / /home rw,relatime shared:2 - ext4 /dev/vda2 rw
31 28 254:3 / /media/alice/My\040Disk rw - vfat /dev/sdb1 rw
32 30 0:45 / /home/alice/nas rw,relatime shared:9 - nfs4 nas:/export rw
33 30 0:46 / /home/alice/.cache/doc rw - fuse.portal portal rw
34 28 0:47 / /tmp rw - tmpfs tmpfs rw
35 28 254:2 /alice/data /srv/data rw - ext4 /dev/vda2 rw
36 28 254:3 / /mnt/again rw - vfat /dev/sdb1 rw
short line
37 28 0:48 / /strange\999 rw - 9p x
`

func TestMounts(t *testing.T) {
	host := &Host{Root: "/", Mounts: parseMountinfo(strings.NewReader(mountinfo))}
	skip := host.ForeignMounts()
	for path, want := range map[string]bool{
		"/proc": true, "/home/alice/nas": true, "/home/alice/.cache/doc": true, `/strange\999`: true,
		"/": false, "/home": false, "/media/alice/My Disk": false, "/tmp": false,
	} {
		if skip[path] != want {
			t.Errorf("%s: skipped %v, want %v", path, skip[path], want)
		}
	}
	// A disk mounted twice is one disk; memory and the system's own places are no data disks.
	if got, want := host.DataMounts(), []string{"/home", "/media/alice/My Disk", "/srv/data"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	below := mountsBelow(host.Mounts, "/home")
	if len(below) != 3 {
		t.Errorf("below /home: %v", below)
	}
}

func FuzzMountinfo(f *testing.F) {
	f.Add(mountinfo)
	f.Fuzz(func(t *testing.T, text string) {
		host := &Host{Root: "/", Mounts: parseMountinfo(strings.NewReader(text))}
		host.ForeignMounts()
		host.DataMounts()
	})
}

func FuzzPasswd(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/bash\n:::::\n")
	f.Fuzz(func(t *testing.T, text string) {
		users, _ := parsePasswd([]byte(text))
		for _, u := range users {
			if u.Home == "" || u.Home[0] != '/' {
				t.Errorf("home %q", u.Home)
			}
		}
	})
}
