package exe_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/exe"
)

// recorded is what a walk found at the path.
func recorded(t *testing.T, host *detectors.Host, index *catalog.Index, places []detectors.Place, path string) catalog.Evidence {
	t.Helper()
	seen := detectors.Run(t.Context(), host, []detectors.Probe{exe.Portable(index, places)}, detectors.Limits{})
	for _, ev := range seen.Evidence {
		if ev.Path == path {
			return ev
		}
	}
	t.Fatalf("%s is not found by a walk", path)
	return catalog.Evidence{}
}

// The answers about a file.
const (
	there   = "there"
	gone    = "gone"
	unknown = "unknown"
)

func answer(err error) string {
	switch {
	case err == nil:
		return there
	case errors.Is(err, fs.ErrNotExist):
		return gone
	}
	return unknown
}

func TestAgain(t *testing.T) {
	const wps, stick = "/home/alice/wps/office6/et", "/home/alice/stick/office6/et"
	for _, c := range []struct {
		name, path string
		change     func(t *testing.T, host *detectors.Host)
		want       string
	}{
		{"nothing happened", wps, func(*testing.T, *detectors.Host) {}, there},
		{"the file was removed", wps, func(t *testing.T, h *detectors.Host) { remove(t, h, wps) }, gone},
		{"its folder was removed", wps, func(t *testing.T, h *detectors.Host) { remove(t, h, "/home/alice/wps") }, gone},
		{"its folder is a file now", wps, func(t *testing.T, h *detectors.Host) {
			remove(t, h, "/home/alice/wps")
			write(t, h, "/home/alice/wps", "x")
		}, gone},
		{"it is a folder now", wps, func(t *testing.T, h *detectors.Host) {
			remove(t, h, wps)
			write(t, h, wps+"/x", "x")
		}, gone},
		{"its folder was moved and linked", wps, func(t *testing.T, h *detectors.Host) {
			move(t, h, "/home/alice/wps", "/home/alice/moved")
			link(t, h, "moved", "/home/alice/wps")
		}, gone},
		{"it was moved and linked", wps, func(t *testing.T, h *detectors.Host) {
			move(t, h, wps, "/home/alice/et")
			link(t, h, "/home/alice/et", wps)
		}, gone},
		{"a share was mounted over it", wps, func(t *testing.T, h *detectors.Host) {
			remove(t, h, "/home/alice/wps/office6")
			h.Mounts = append(h.Mounts, detectors.Mount{Path: h.Local("/home/alice") + "/wps", Type: "fuse.sshfs"})
		}, unknown},
		{"on a drive", stick, func(*testing.T, *detectors.Host) {}, there},
		{"removed from the drive", stick, func(t *testing.T, h *detectors.Host) { remove(t, h, stick) }, gone},
		{"the drive was carried away", stick, func(t *testing.T, h *detectors.Host) {
			remove(t, h, "/home/alice/stick/office6")
			h.Mounts = h.Mounts[1:]
		}, unknown},
		{"the drive and its mount point are gone", stick, func(t *testing.T, h *detectors.Host) {
			remove(t, h, "/home/alice/stick")
			h.Mounts = h.Mounts[1:]
		}, unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a file that a walk found,
			host, index, places := diskHost(t)
			before := recorded(t, host, index, places, c.path)
			// when something happened to it,
			c.change(t, host)
			now, err := exe.Again(host, index, places).File(&before)
			// then it is told whether a walk would still see it there,
			if got := answer(err); got != c.want {
				t.Fatalf("got %s (%v), want %s", got, err, c.want)
			}
			// and that in the same way.
			if err == nil && (!maps.Equal(now.Attributes, before.Attributes) || now.Path != before.Path || now.Area != before.Area ||
				now.Owner != before.Owner || now.Probe != before.Probe || now.Seen.Before(before.Seen)) {
				t.Errorf("got %+v, want %+v", now, before)
			}
		})
	}
}

func TestAgainOnADiskThatCameInBetween(t *testing.T) {
	// Given a file, and a disk that is mounted over its folder, where it is a place of its own,
	host, index, places := diskHost(t)
	const path = "/home/alice/wps/office6/et"
	before := recorded(t, host, index, places, path)
	remove(t, host, path)
	host.Mounts = append(host.Mounts, detectors.Mount{Path: host.Local("/home/alice/wps"), Type: "ext4"})
	places = append(places, detectors.Place{Area: "drive:/home/alice/wps", Dir: "/home/alice/wps"})
	// then nobody knows what lies below.
	if _, err := exe.Again(host, index, places).File(&before); answer(err) != unknown {
		t.Errorf("got %v", err)
	}
}

func TestAgainSeesChanges(t *testing.T) {
	// Given a program of which one part was replaced and another removed,
	host, index, places := diskHost(t)
	const path = "/home/alice/wps/office6/et"
	before := recorded(t, host, index, places, path)
	write(t, host, path, "#!/bin/sh\n")
	remove(t, host, "/home/alice/wps/office6/wpp")
	// then it is described as it is now.
	now, err := exe.Again(host, index, places).File(&before)
	if err != nil || now.Attributes["format"] != "script" || now.Attributes[catalog.AttrBeside] == before.Attributes[catalog.AttrBeside] {
		t.Errorf("got %v, %v; before %v", now.Attributes, err, before.Attributes)
	}
}

func TestAgainOnAnotherWindowsDrive(t *testing.T) {
	// Given a file that was seen on a drive that is not there,
	host, index, _ := diskHost(t)
	host.OS = catalog.Windows
	ev := catalog.Evidence{Kind: catalog.KindFile, OS: catalog.Windows, Value: "et.exe", Path: `E:\office6\et.exe`, Probe: "portable"}
	if _, err := exe.Again(host, index, nil).File(&ev); answer(err) != unknown {
		t.Errorf("got %v", err)
	}
}

func remove(t *testing.T, host *detectors.Host, name string) {
	t.Helper()
	if err := os.RemoveAll(host.Local(name)); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, host *detectors.Host, name, text string) {
	t.Helper()
	path := filepath.Join(host.Root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, host *detectors.Host, from, to string) {
	t.Helper()
	if err := os.Rename(host.Local(from), filepath.Join(host.Root, filepath.FromSlash(to))); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, host *detectors.Host, to, at string) {
	t.Helper()
	if err := os.Symlink(filepath.FromSlash(to), filepath.Join(host.Root, filepath.FromSlash(at))); err != nil {
		t.Fatal(err)
	}
}
