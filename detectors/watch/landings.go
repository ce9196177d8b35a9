package watch

import (
	"bufio"
	"bytes"
	"path"
	"strings"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// Landings returns where software lands on a host. The topic of each is the probe that has to
// look again: one of a usual look for the places it reads itself, "portable" for the places to
// which people unpack programs.
func Landings(host *detectors.Host) []Folder {
	switch host.OS {
	case catalog.Windows:
		return windowsLandings(host)
	case catalog.MacOS:
		return macLandings(host)
	}
	return linuxLandings(host)
}

func linuxLandings(host *detectors.Host) []Folder {
	folders := []Folder{
		{Topic: "dpkg", Dir: "/var/lib/dpkg", Names: []string{"status"}},
		{Topic: "desktop", Dir: "/usr/share/applications", Depth: 1},
		{Topic: "desktop", Dir: "/usr/local/share/applications", Depth: 1},
		{Topic: "desktop", Dir: "/var/lib/flatpak/exports/share/applications", Depth: 1},
		{Topic: "desktop", Dir: "/var/lib/snapd/desktop/applications", Depth: 1},
		{Topic: "desktop", Dir: "/etc/xdg/autostart", Depth: 1},
		{Topic: "desktop", Dir: "/opt/apps", Depth: 1}, // each app brings a folder with its entries
		{Topic: "opt", Dir: "/opt", Depth: 1},
		{Topic: "portable", Dir: "/usr/local/bin"},
	}
	for _, user := range host.Users {
		folders = append(folders,
			Folder{Topic: "desktop", Dir: user.Home + "/.local/share/applications", Depth: 1},
			Folder{Topic: "desktop", Dir: user.Home + "/.local/share/flatpak/exports/share/applications", Depth: 1},
			Folder{Topic: "desktop", Dir: user.Home + "/.config/autostart", Depth: 1},
			Folder{Topic: "desktop", Dir: user.Home + "/Desktop"},
			Folder{Topic: "portable", Dir: user.Home},
		)
		for _, dir := range peopleFolders(host, user.Home) {
			folders = append(folders, Folder{Topic: "portable", Dir: dir})
		}
	}
	return folders
}

// peopleFolders are where the files that people get and use lie: in each language they have
// other names, which xdg-user-dirs writes down.
func peopleFolders(host *detectors.Host, home string) []string {
	named := map[string]string{"XDG_DOWNLOAD_DIR": home + "/Downloads", "XDG_DESKTOP_DIR": home + "/Desktop"}
	data, err := host.ReadFile(home+"/.config/user-dirs.dirs", 64<<10)
	if err == nil {
		lines := bufio.NewScanner(bytes.NewReader(data))
		for lines.Scan() {
			name, value, _ := strings.Cut(strings.TrimSpace(lines.Text()), "=")
			dir, ours := strings.CutPrefix(strings.Trim(value, `"`), "$HOME/")
			if _, asked := named[name]; asked && ours {
				named[name] = path.Join(home, dir)
			}
		}
	}
	var dirs []string
	for _, name := range []string{"XDG_DOWNLOAD_DIR", "XDG_DESKTOP_DIR"} {
		// Without such a folder the setting names the home itself.
		if dir := named[name]; strings.HasPrefix(dir, home+"/") {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func macLandings(host *detectors.Host) []Folder {
	folders := []Folder{{Topic: "bundles", Dir: "/Applications", Depth: 1}}
	for _, user := range host.Users {
		folders = append(folders, Folder{Topic: "bundles", Dir: user.Home + "/Applications", Depth: 1})
		for _, dir := range []string{"Desktop", "Downloads", "Documents", ".Trash"} {
			folders = append(folders, Folder{Topic: "bundles", Dir: user.Home + "/" + dir})
		}
	}
	return folders
}

func windowsLandings(host *detectors.Host) []Folder {
	const below = `Microsoft\Windows\CurrentVersion\Uninstall`
	var folders []Folder
	views := func(software string) {
		folders = append(folders,
			Folder{Topic: "uninstall", Dir: software + `\` + below},
			Folder{Topic: "uninstall", Dir: software + `\WOW6432Node\` + below})
	}
	views(`HKLM\SOFTWARE`)
	for _, dir := range []string{`C:\`, `C:\Program Files`, `C:\Program Files (x86)`} {
		folders = append(folders, Folder{Topic: "portable", Dir: dir})
	}
	for _, user := range host.Users {
		views(`HKU\` + user.ID + `\Software`)
		for _, dir := range []string{"", `\Downloads`, `\Desktop`, `\AppData\Local`, `\AppData\Local\Programs`, `\AppData\Roaming`} {
			folders = append(folders, Folder{Topic: "portable", Dir: user.Home + dir})
		}
	}
	return folders
}
