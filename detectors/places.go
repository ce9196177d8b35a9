package detectors

import (
	"slices"
	"strings"

	"beagle/detectors/catalog"
)

// Place is one folder to look through, as an area of its own.
type Place struct {
	Area string
	Dir  string // in the host's notation
	// Asked says that a person named the place: that it is missing is then a failure.
	Asked bool
}

// Places are the folders of a host in which people keep programs: homes, the places for
// software that no package manager looks after, and other local disks.
func (h *Host) Places() []Place {
	var places []Place
	for _, user := range h.Users {
		places = append(places, Place{Area: "user:" + user.Name, Dir: user.Home})
	}
	var dirs []string
	switch h.OS {
	case catalog.Linux:
		dirs = []string{"/opt", "/usr/local", "/srv"}
	case catalog.MacOS:
		dirs = []string{"/Applications", "/opt", "/usr/local", "/Users/Shared"}
	case catalog.Windows:
		dirs = []string{`C:\`} // programs are unpacked to the drive's root too
	}
	for _, dir := range dirs {
		places = append(places, Place{Area: dir, Dir: dir})
	}
	if !h.Offline {
		for _, mount := range h.DataMounts() {
			places = append(places, Place{Area: "drive:" + mount, Dir: mount})
		}
	}
	return h.distinct(places)
}

// distinct drops a place that is another one under a second name, such as a home that is a
// disk of its own.
func (h *Host) distinct(places []Place) []Place {
	seen := map[string]bool{}
	return slices.DeleteFunc(places, func(p Place) bool {
		real, err := h.Files.Resolve(p.Dir)
		if err != nil {
			real = p.Dir
		}
		again := seen[real]
		seen[real] = true
		return again
	})
}

// Shared reports whether a folder holds the programs or files of many, and so is no copy's
// own: nobody could be told to delete it.
func (h *Host) Shared(dir string) bool {
	dir = strings.TrimRight(strings.ReplaceAll(dir, `\`, "/"), "/")
	if strings.Count(dir, "/") == 0 || slices.ContainsFunc(h.sharedFolders(), func(shared string) bool {
		return strings.EqualFold(strings.ReplaceAll(shared, `\`, "/"), dir)
	}) {
		return true
	}
	if h.OS == catalog.Windows {
		return strings.EqualFold(dir[1:], ":/Windows") || len(dir) > 10 && strings.EqualFold(dir[1:11], ":/Windows/")
	}
	return slices.Contains([]string{"bin", "sbin", "games"}, lastPart(dir))
}

func (h *Host) sharedFolders() []string {
	shared := []string{
		"/opt", "/srv", "/usr", "/usr/lib", "/usr/share", "/usr/libexec", "/usr/local", "/home", "/root", "/tmp", "/var/tmp", "/dev/shm",
		"/Applications", "/Users", "/Users/Shared", "/Library",
		"C:/Program Files", "C:/Program Files (x86)", "C:/ProgramData", "C:/Users", "C:/Users/Public",
	}
	for _, user := range h.Users {
		for _, below := range []string{
			"", "/Desktop", "/Downloads", "/Documents", "/Applications", "/.local", "/.local/share", "/.local/lib",
			"/AppData", "/AppData/Local", "/AppData/Local/Programs", "/AppData/Roaming", "/Library",
		} {
			shared = append(shared, user.Home+below)
		}
	}
	return shared
}

func lastPart(dir string) string { return dir[strings.LastIndexByte(dir, '/')+1:] }

// LeftoverCode says in which way a file is only kept, not in use: in the trash, in a former
// system's folder, in a snapshot, in a layer of a container image. It is "" for others.
func LeftoverCode(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	for _, place := range []struct{ part, code string }{
		{"/.local/share/Trash/", "trash"}, {"/.Trash/", "trash"}, {"/.Trash-", "trash"}, {"/$Recycle.Bin/", "trash"},
		{"/Windows.old/", "old_system"}, {"/.snapshots/", "snapshot"}, {"/.snapshot/", "snapshot"},
		{"/containers/storage/overlay/", "image_layer"}, {"/docker/overlay2/", "image_layer"},
	} {
		if strings.Contains(path, place.part) {
			return place.code
		}
	}
	return ""
}
