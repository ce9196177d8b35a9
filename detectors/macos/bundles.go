// Package macos holds the probes that read what macOS keeps about installed software.
package macos

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/internal/plist"
	"beagle/detectors/internal/walk"
)

// bundleDepth reaches an app in a folder in a folder of /Applications. Apps inside other
// apps are helpers and belong to them; they lie deeper.
const bundleDepth = 3

// Bundles finds applications wherever they land: installed, in a home, on the desktop,
// downloaded, in the Trash; and wherever they are in the places to be looked through fully.
func Bundles(deep []detectors.Place) detectors.Probe {
	return detectors.Probe{Name: "bundles", Unit: "files", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		look(ctx, host, out.Area(catalog.MachineOwner), "/Applications", bundleDepth)
		for _, user := range host.Users {
			area := out.Area("user:" + user.Name)
			for _, dir := range []string{"Applications", "Desktop", "Downloads", "Documents", ".Trash"} {
				look(ctx, host, area, user.Home+"/"+dir, bundleDepth)
			}
		}
		for _, place := range deep {
			look(ctx, host, out.Area(place.Area), place.Dir, 0)
		}
	}}
}

func look(ctx context.Context, host *detectors.Host, area *detectors.Area, dir string, depth int) {
	info, err := host.Files.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
		return
	}
	if err != nil {
		area.Unread(dir, err)
		return
	}
	if !info.IsDir() {
		return
	}
	if dir, err = host.Files.Resolve(dir); err != nil {
		area.Unread(dir, err)
		return
	}
	var seen int64
	_, err = walk.Walk(ctx, host.Local(dir), walk.Options{
		MaxDepth:  depth,
		SkipPaths: host.ForeignMounts(),
		// What is inside a bundle is the bundle's.
		SkipNames: map[string]bool{"Contents": true, "WrappedBundle": true},
		Wanted:    isApp,
		Found: func(dir string, entries []walk.Entry) {
			for _, e := range entries {
				app := host.HostPath(filepath.Join(dir, e.Name))
				if e.Type&fs.ModeSymlink != 0 {
					var err error
					if app, err = host.Files.Resolve(app); err != nil {
						continue // a link to an app that is gone
					}
				}
				if info, err := host.Files.Stat(app); err == nil && info.IsDir() {
					bundle(host, area, app)
				}
			}
		},
		Failed: func(path string, err error) {
			if !errors.Is(err, fs.ErrNotExist) {
				area.Unread(host.HostPath(path), err)
			}
		},
		Progress: func(p walk.Progress) {
			area.Examined(p.Entries - seen)
			seen = p.Entries
		},
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, fs.ErrNotExist) {
		area.Fail(err)
	}
}

// isApp goes by the ending, which macOS takes in either case.
func isApp(name []byte) bool {
	const ending = ".app"
	return len(name) > len(ending) && strings.EqualFold(string(name[len(name)-len(ending):]), ending)
}

// maxInfoPlist is far above the largest Info.plist seen (some 100 KB).
const maxInfoPlist = 4 << 20

// bundle reads Info.plist: of a Mac app in Contents, of an iPhone or iPad app, which Apple
// silicon runs, in WrappedBundle.
func bundle(host *detectors.Host, area *detectors.Area, app string) {
	wrapped := false
	data, err := host.ReadFile(app+"/Contents/Info.plist", maxInfoPlist)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = host.ReadFile(app+"/WrappedBundle/Info.plist", maxInfoPlist)
		wrapped = true
	}
	if errors.Is(err, fs.ErrNotExist) {
		return // a folder that only looks like an app
	}
	if err != nil {
		area.Unread(app, err)
		return
	}
	keys, err := plist.Strings(data, "CFBundleIdentifier", "CFBundleName", "CFBundleDisplayName", "CFBundleShortVersionString", "CFBundleExecutable")
	if err != nil {
		area.Unread(app+"/Contents/Info.plist", err)
		return
	}
	area.Found(evidence(host, app, keys, wrapped))
}

func evidence(host *detectors.Host, app string, keys map[string]string, wrapped bool) catalog.Evidence {
	attributes := map[string]string{catalog.AttrRoot: app}
	for key, name := range map[string]string{
		"CFBundleShortVersionString": catalog.AttrVersion, "CFBundleName": "name",
		"CFBundleDisplayName": "display_name", "CFBundleExecutable": "executable",
	} {
		if keys[key] != "" {
			attributes[name] = keys[key]
		}
	}
	if wrapped {
		attributes["wrapped"] = "true"
	}
	switch {
	case strings.Contains(app, "/.Trash/"):
		attributes[catalog.AttrGone] = "trash"
	case !strings.Contains(app, "/Applications/"):
		attributes[catalog.AttrLoose] = "true"
	}
	return catalog.Evidence{
		Kind: catalog.KindBundle, OS: catalog.MacOS, Value: keys["CFBundleIdentifier"], Path: app,
		Owner: host.OwnerOf(app), Attributes: attributes,
	}
}
