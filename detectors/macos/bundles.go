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
// downloaded, in the Trash. With deep it looks through all of every home.
func Bundles(deep bool) detectors.Probe {
	return detectors.Probe{Name: "bundles", Unit: "files", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		machine := out.Area(catalog.MachineOwner)
		look(ctx, host, machine, "/Applications", bundleDepth)
		for _, user := range host.Users {
			area := out.Area("user:" + user.Name)
			if deep {
				look(ctx, host, area, user.Home, 0)
				continue
			}
			for _, dir := range []string{"Applications", "Desktop", "Downloads", "Documents", ".Trash"} {
				look(ctx, host, area, user.Home+"/"+dir, bundleDepth)
			}
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
	var seen int64
	_, err = walk.Walk(ctx, host.Local(dir), walk.Options{
		MaxDepth:  depth,
		SkipPaths: host.ForeignMounts(),
		// What is inside a bundle is the bundle's.
		SkipNames: map[string]bool{"Contents": true, "WrappedBundle": true},
		Wanted:    func(name []byte) bool { return strings.HasSuffix(string(name), ".app") },
		Found: func(dir string, entries []walk.Entry) {
			for _, e := range entries {
				if e.Type.IsDir() {
					bundle(host, area, host.HostPath(filepath.Join(dir, e.Name)))
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

// maxInfoPlist is far above the largest Info.plist seen (some 100 KB).
const maxInfoPlist = 4 << 20

// bundle reads Info.plist: of a Mac app in Contents, of an iPhone or iPad app, which Apple
// silicon runs, in WrappedBundle.
func bundle(host *detectors.Host, area *detectors.Area, app string) {
	var data []byte
	var err error
	wrapped := false
	for _, info := range []string{"/Contents/Info.plist", "/WrappedBundle/Info.plist"} {
		data, err = host.ReadFile(app+info, maxInfoPlist)
		if err == nil {
			wrapped = strings.HasPrefix(info, "/Wrapped")
			break
		}
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
