package view

import (
	"strings"
	"unicode/utf8"
)

// settingsAction opens the screen where the system lists installed apps, nil where there is
// none that can be named
// (https://learn.microsoft.com/windows/apps/develop/launch/launch-settings-app).
func (p *Printer) settingsAction(os string) *Action {
	if os != osWindows {
		return nil
	}
	return &Action{Kind: ActionSettings, Label: p.say("action.settings"), Payload: "ms-settings:appsfeatures"}
}

// fullDiskAccess opens the screen of macOS where an administrator may let Beagle see more.
func (p *Printer) fullDiskAccess() *Action {
	const pane = "x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles"
	return &Action{Kind: ActionSettings, Label: p.say("action.settings"), Payload: pane}
}

// commandAction copies a command that ends in a name, nil where the name is not one: what is
// pasted into a terminal runs.
func (p *Printer) commandAction(command, name string) *Action {
	if !plainName(name) {
		return nil
	}
	return &Action{Kind: ActionCopy, Label: p.say("action.copy"), Payload: command + " " + name}
}

// plainName takes what the names of packages and Android apps are made of, and nothing that a
// shell or a command could take for anything else.
func plainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("+-._", rune(c))) {
			return false
		}
	}
	return name != "" && len(name) <= 200
}

// folderAction shows the folder in which something lies, nil where there is none to show. It
// is never the thing itself: opening a file or a bundle would start it.
func (p *Printer) folderAction(os, path string) *Action {
	folder := ""
	if clean(path) == path && utf8.ValidString(path) {
		switch os {
		case osWindows:
			folder = windowsParent(path)
		case osLinux:
			folder = unixParent(path)
		case osMacOS:
			folder = outsideBundles(unixParent(path))
		}
	}
	if folder == "" {
		return nil
	}
	return &Action{Kind: ActionFolder, Label: p.say("action.folder"), Payload: folder}
}

// unixParent is the folder around path.
func unixParent(path string) string {
	if !strings.HasPrefix(path, "/") || strings.Contains(path+"/", "/../") {
		return ""
	}
	path = strings.TrimRight(path, "/")
	at := strings.LastIndexByte(path, '/')
	if at <= 0 {
		return "/"
	}
	return path[:at]
}

// outsideBundles is the folder itself, or the one around the first of its elements that may be
// a bundle: to the Finder a folder whose name has an ending is a program or a document.
func outsideBundles(folder string) string {
	at := 0
	for at < len(folder) {
		name, _, _ := strings.Cut(folder[at+1:], "/")
		if strings.LastIndexByte(name, '.') > 0 && !versionLike(name) {
			if at == 0 {
				return "/"
			}
			return folder[:at]
		}
		at += 1 + len(name)
	}
	return folder
}

// versionLike reports whether what follows the first dot of a name is a number, as in
// "12.1.0.25": such an ending makes no bundle.
func versionLike(name string) bool {
	_, rest, _ := strings.Cut(name, ".")
	return rest != "" && strings.Trim(rest, "0123456789.") == ""
}

// windowsParent is the folder around a path on a drive. A path on the network is refused, since
// to look there sends the reader's credentials.
func windowsParent(path string) string {
	if len(path) < 3 || path[1] != ':' || path[2] != '\\' || strings.ContainsAny(path, "/\"*?<>|") || strings.Contains(path[2:], ":") || strings.Contains(path+`\`, `\..\`) {
		return ""
	}
	if c := path[0] | 0x20; c < 'a' || c > 'z' {
		return ""
	}
	path = strings.TrimRight(path, `\`)
	at := strings.LastIndexByte(path, '\\')
	if at < 3 {
		return path[:2] + `\`
	}
	return path[:at]
}
