// Package windows holds the probes that read what Windows keeps about installed software.
// They read through Host, so that a Windows disk can be scanned from any system.
package windows

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

const uninstallPath = `Microsoft\Windows\CurrentVersion\Uninstall`

// Uninstall reads the Uninstall keys of the machine, in the 64-bit and the 32-bit view, and
// of every user, logged on or not. A key whose files are gone is reported as a leftover:
// such keys outlive removals, and some are planted.
func Uninstall() detectors.Probe {
	return detectors.Probe{Name: "uninstall", Unit: "keys", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		machine := out.Area(catalog.MachineOwner)
		if host.Registry == nil {
			machine.Skip("no registry")
			return
		}
		r := uninstallReader{ctx: ctx, host: host}
		r.views(machine, `HKLM\SOFTWARE`, detectors.User{Name: catalog.MachineOwner})
		for _, user := range host.Users {
			if ctx.Err() != nil {
				return
			}
			r.views(out.Area("user:"+user.Name), `HKU\`+user.ID+`\Software`, user)
		}
	}}
}

type uninstallReader struct {
	ctx  context.Context
	host *detectors.Host
}

// views reads both views below a Software key. That not even the Software key is there means
// that the hive could not be found, which is no answer; but a folder beside the profiles
// that is registered nowhere need not be anyone's profile.
func (r *uninstallReader) views(area *detectors.Area, software string, user detectors.User) {
	missing := 0
	for _, view := range []string{`\`, `\WOW6432Node\`} {
		err := r.list(area, software+view+uninstallPath, user)
		if errors.Is(err, fs.ErrNotExist) {
			missing++
		} else if err != nil {
			area.Unread(software+view+uninstallPath, err)
		}
	}
	_, err := r.host.Registry.Key(software)
	if missing < 2 || err == nil {
		return
	}
	registered := strings.HasPrefix(user.ID, "S-1-") || user.Name == catalog.MachineOwner
	if !registered && errors.Is(err, fs.ErrNotExist) {
		area.Skip(software)
		return
	}
	area.End(detectors.Unreachable, detectors.Problem{
		Code: detectors.CodeAbsent, Args: map[string]string{"what": software}, Text: err.Error(),
	})
}

func (r *uninstallReader) list(area *detectors.Area, path string, user detectors.User) error {
	key, err := r.host.Registry.Key(path)
	if err != nil {
		return err
	}
	names, listErr := key.Subkeys()
	for _, name := range names {
		if r.ctx.Err() != nil {
			return nil
		}
		area.Examined(1)
		entry, err := key.Key(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed in the meantime
		}
		if err != nil {
			area.Unread(path+`\`+name, err)
			continue
		}
		area.Found(r.evidence(entry, path+`\`+name, name, user))
	}
	return listErr // part of the list is better than none
}

func (r *uninstallReader) evidence(key detectors.RegistryKey, path, name string, user detectors.User) catalog.Evidence {
	ev := catalog.Evidence{
		Kind: catalog.KindUninstall, OS: catalog.Windows, Value: name, Path: path,
		Owner: user.Name, Attributes: map[string]string{},
	}
	for value, attribute := range map[string]string{
		"DisplayName": "display_name", "Publisher": "publisher", "DisplayVersion": catalog.AttrVersion,
	} {
		if text, ok := key.Value(value); ok && text != "" {
			ev.Attributes[attribute] = strings.TrimSpace(text)
		}
	}
	r.target(key, user, ev.Attributes)
	return ev
}

// target looks for the files that the key speaks of: the icon, the uninstaller, the folder.
func (r *uninstallReader) target(key detectors.RegistryKey, user detectors.User, attributes map[string]string) {
	location, _ := key.Value("InstallLocation")
	location = detectors.ExpandWindows(strings.TrimRight(strings.Trim(strings.TrimSpace(location), `"`), `\/`), user)
	icon, _ := key.Value("DisplayIcon")
	command, _ := key.Value("UninstallString")
	var named []string
	for _, path := range []string{iconFile(icon), program(command)} {
		path = detectors.ExpandWindows(path, user)
		if onDrive(path) && !systemProgram(path) {
			named = append(named, path)
		}
	}
	if !onDrive(location) || r.host.Shared(location) {
		location = ""
	}
	if len(named) == 0 && location == "" {
		return // an MSI product that names no file: nothing to check
	}
	attributes["target"], attributes["target_exists"] = r.exists(named, location)
	if folder := attributes["target"][:strings.LastIndexAny(attributes["target"], `\/`)]; location == "" && !r.host.Shared(folder) {
		location = folder
	}
	if location != "" {
		attributes["location"], attributes[catalog.AttrRoot] = location, location
	}
	if attributes["target_exists"] == "false" {
		attributes[catalog.AttrGone] = "target_missing"
	}
}

// exists returns the first file that is there, or else a program in the folder, and "true".
// A folder alone proves nothing: anybody can name one that is there. Without a file it
// returns the first path and "false", or "unknown" where it cannot be told.
func (r *uninstallReader) exists(files []string, folder string) (path, answer string) {
	answer = "false"
	for _, path := range files {
		if info, err := r.host.Files.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, "true"
		} else if err != nil && !r.host.Absent(path) {
			answer = "unknown"
		}
	}
	if folder == "" {
		return files[0], answer
	}
	names, err := r.host.Neighbours(folder)
	for _, name := range names {
		if strings.EqualFold(name[max(len(name)-4, 0):], ".exe") {
			return folder + `\` + name, "true"
		}
	}
	if err == nil || !r.host.Absent(folder) {
		answer = "unknown"
	}
	return append(files, folder)[0], answer
}

// onDrive reports whether a path begins with a drive and names something on it.
func onDrive(path string) bool {
	return len(path) > len(`C:\`) && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
}

// iconFile drops the quotes and the index of "C:\x\app.exe",0.
func iconFile(icon string) string {
	icon = strings.TrimSpace(icon)
	if comma := strings.LastIndexByte(icon, ','); comma >= 0 {
		if _, err := strconv.Atoi(strings.TrimSpace(icon[comma+1:])); err == nil {
			icon = icon[:comma]
		}
	}
	return strings.Trim(icon, `" `)
}

// program returns the program of a command line: the quoted part, or everything up to the
// first .exe, since many installers leave paths with spaces unquoted.
func program(command string) string {
	command = strings.TrimSpace(command)
	if rest, quoted := strings.CutPrefix(command, `"`); quoted {
		file, _, _ := strings.Cut(rest, `"`)
		return file
	}
	const ending = ".exe"
	for i := range len(command) - len(ending) + 1 {
		if strings.EqualFold(command[i:i+len(ending)], ending) {
			return command[:i+len(ending)]
		}
	}
	file, _, _ := strings.Cut(command, " ")
	return file
}

// systemProgram reports whether a path is one of Windows' own tools, which uninstall
// strings use and which prove nothing about the app.
func systemProgram(path string) bool {
	return len(path) > 10 && strings.EqualFold(path[1:11], `:\Windows\`)
}
