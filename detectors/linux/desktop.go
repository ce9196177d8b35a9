package linux

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/internal/desktop"
)

// Desktop reads the menu, desktop and autostart entries of the system and of every user.
// An entry whose program is gone is reported as a leftover.
func Desktop() detectors.Probe {
	return detectors.Probe{Name: "desktop", Unit: "entries", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		r := desktopReader{host: host}
		r.read(ctx, out.Area(catalog.MachineOwner), detectors.User{}, systemEntries(host))
		for _, user := range host.Users {
			if ctx.Err() != nil {
				return
			}
			area := out.Area("user:" + user.Name)
			r.read(ctx, area, user, userEntries(user.Home))
		}
	}}
}

// systemEntries are the folders named by the Desktop Entry and Autostart specifications,
// and where snap, Flatpak and the UOS store put theirs.
func systemEntries(host *detectors.Host) []string {
	dirs := []string{
		"/usr/share/applications", "/usr/local/share/applications",
		"/var/lib/flatpak/exports/share/applications", "/var/lib/snapd/desktop/applications",
		"/etc/xdg/autostart",
	}
	apps, err := host.Files.ReadDir("/opt/apps")
	if err != nil {
		return dirs
	}
	for _, app := range apps {
		dirs = append(dirs, path.Join("/opt/apps", app.Name(), "entries/applications"))
	}
	return dirs
}

func userEntries(home string) []string {
	return []string{
		home + "/.local/share/applications", home + "/.local/share/flatpak/exports/share/applications",
		home + "/.config/autostart", home + "/Desktop",
	}
}

type desktopReader struct {
	host *detectors.Host
}

func (r *desktopReader) read(ctx context.Context, area *detectors.Area, user detectors.User, dirs []string) {
	for _, dir := range dirs {
		r.folder(ctx, area, user, dir, 1)
	}
}

// folder reads the entries of a folder and, one level down, those of its sub-folders, as
// the menu specification allows for vendors.
func (r *desktopReader) folder(ctx context.Context, area *detectors.Area, user detectors.User, dir string, depth int) {
	entries, err := r.host.Files.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		area.Unread(dir, err)
		return
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return
		}
		full := dir + "/" + e.Name()
		switch {
		case e.IsDir() && depth > 0 && !strings.HasSuffix(dir, "/Desktop"):
			r.folder(ctx, area, user, full, depth-1)
		case strings.HasSuffix(e.Name(), ".desktop"):
			r.entry(area, user, full, e.Name())
		}
	}
}

func (r *desktopReader) entry(area *detectors.Area, user detectors.User, full, name string) {
	area.Examined(1)
	data, err := r.host.ReadFile(full, maxEntry)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, detectors.ErrNotRegular) {
		return // a link to an entry that is gone, or no entry at all
	}
	if err != nil {
		area.Unread(full, err)
		return
	}
	entry, err := desktop.Parse(bytes.NewReader(data))
	if err != nil {
		area.Unread(full, err)
		return
	}
	if entry.Hidden { // stands for "deleted"
		return
	}
	ev := catalog.Evidence{Kind: catalog.KindDesktop, OS: catalog.Linux, Value: name, Path: full, Owner: r.host.OwnerOf(full)}
	ev.Attributes = r.describe(entry, user)
	if root := ev.Attributes[catalog.AttrRoot]; root != "" {
		ev.Owner = r.host.OwnerOf(root)
	}
	area.Found(ev)
}

// describe says what the entry starts and whether that is there.
func (r *desktopReader) describe(entry desktop.Entry, user detectors.User) map[string]string {
	attributes := map[string]string{"name": entry.Name}
	set := func(key, value string) {
		if value != "" {
			attributes[key] = value
		}
	}
	set("wm_class", entry.WMClass)
	argv, err := desktop.Argv(entry.Exec)
	if err != nil || len(argv) == 0 {
		return attributes
	}
	program, args := desktop.Command(argv)
	set("exec_name", path.Base(program))
	set("app_id", desktop.AppID(args))
	if u, err := url.Parse(desktop.AppURL(args)); err == nil {
		set("app_host", u.Hostname())
	}
	if path.Base(program) == "waydroid" && len(args) == 3 && slices.Equal(args[:2], []string{"app", "launch"}) {
		set("waydroid_package", args[2])
	}
	target, exists := r.program(program, user)
	attributes["target_exists"] = strconv.FormatBool(exists)
	if !exists {
		attributes[catalog.AttrGone] = "target_missing"
		return attributes
	}
	set("exec", target)
	webApp := attributes["app_host"]+attributes["app_id"] != "" // the folder is the browser's
	if dir := path.Dir(target); !webApp && !r.host.Shared(dir) {
		attributes[catalog.AttrRoot] = dir
	}
	return attributes
}

// program finds what a command name stands for, with links resolved.
func (r *desktopReader) program(name string, user detectors.User) (string, bool) {
	candidates := []string{name}
	if !strings.HasPrefix(name, "/") {
		candidates = nil
		for _, dir := range searchPath(user) {
			candidates = append(candidates, dir+"/"+name)
		}
	}
	for _, c := range candidates {
		if info, err := r.host.Files.Stat(c); err == nil && !info.IsDir() {
			if real, err := r.host.Files.Resolve(c); err == nil {
				return real, true
			}
			return c, true
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return c, true // there, but not ours to look at
		}
	}
	return "", false
}

func searchPath(user detectors.User) []string {
	dirs := []string{"/usr/local/bin", "/usr/bin", "/bin", "/usr/games", "/usr/local/games", "/usr/sbin", "/sbin", "/snap/bin"}
	if user.Home != "" {
		dirs = append(dirs, user.Home+"/.local/bin", user.Home+"/bin")
	}
	return dirs
}

// maxEntry is far above the largest entry seen (80 KB, LibreOffice in all languages).
const maxEntry = 1 << 20
