package main

import (
	"fmt"
	"regexp"
	"strings"

	"beagle/agent/api"
)

// leftOut stands for what could name somebody or something.
const leftOut = "(left out)"

// mask gives users and places numbers, the same one each time.
type mask struct{ numbers map[string]map[string]int }

func newMask() *mask { return &mask{map[string]map[string]int{}} }

// number is the pseudonym of something of a kind, such as user-1.
func (m *mask) number(kind, name string) string {
	known := m.numbers[kind]
	if known == nil {
		known = map[string]int{}
		m.numbers[kind] = known
	}
	if known[name] == 0 {
		known[name] = len(known) + 1
	}
	return fmt.Sprintf("%s-%d", kind, known[name])
}

// area hides whose profile or which drive or folder an area is.
func (m *mask) area(name string) string {
	if name == api.MachineOwner {
		return name
	}
	for _, kind := range []string{"user", "drive"} {
		if rest, ok := strings.CutPrefix(name, kind+":"); ok {
			return kind + ":" + m.number(kind, rest)
		}
	}
	return m.number("folder", name)
}

func (m *mask) coverage(c *api.Coverage) bundledArea {
	out := bundledArea{
		Probe: code(c.Probe), Area: m.area(c.Area), Status: code(c.Status), Examined: c.Examined, At: c.At, LastFinished: c.LastFinished,
	}
	if c.Error != nil {
		out.Problem, out.Args, out.Cause = code(c.Error.Code), m.args(c.Error.Args), cause(c.Error.Text)
	}
	return out
}

// args keeps of arguments what the names of the arguments say is harmless, and of that only
// what looks like it. Names of arguments are Beagle's own.
func (m *mask) args(args map[string]string) map[string]string {
	kept := map[string]string{}
	for name, value := range args {
		switch name {
		case "text":
			continue // what can be kept of it is the cause
		case "user":
			kept[name] = m.number("user", value)
		case "area":
			kept[name] = m.area(value)
		case "count", "areas", "limit", "percent", "mib", "seconds", "days", "free", "total", "known":
			kept[name] = amount(value)
		case "from", "to", "now", "made", "date", "since", "last", "next":
			kept[name] = moment(value)
		case "version", "client":
			kept[name] = version(value)
		case "problem", "why", "probe", "right", "status", "condition", "severity", "state", "type":
			kept[name] = code(value)
		case "processes", "files", "mode":
			kept[name] = mode(value)
		case "reason":
			kept[name] = fits(`[a-z]+(?:_[a-z]+)+`, value) // why a look waits; a person's reason has spaces or is one word
		case "socket", "folder", "owner":
			kept[name] = ofSystem(value)
		default:
			if name = code(name); name != leftOut {
				kept[name] = leftOut
			}
		}
	}
	return kept
}

// fits returns the text if all of it is of a form, so that no free text gets through.
func fits(form, text string) string {
	if ok, err := regexp.MatchString(`^(?:`+form+`)$`, text); err != nil || !ok && text != "" {
		return leftOut
	}
	return text
}

// mode keeps a way of watching; a mode of a file is a number.
func mode(text string) string {
	return fits(`none|polling|off|(?:fanotify|inotify|proc_connector)(?:\+polling)?|[0-7]{3,4}`, text)
}

// code keeps words that Beagle is written in: codes, names of probes, ids of apps.
func code(text string) string { return fits(`[a-z0-9][a-z0-9_.\[\]-]{0,60}`, text) }

func amount(text string) string {
	return fits(`[0-9]{1,20}(?:\.[0-9]{1,6})?(?: (?:bytes|entries|files))?|(?:[0-9]{1,6}(?:\.[0-9]{1,9})?(?:ms|s|m|h|d|%)){1,4}`, text)
}

func version(text string) string {
	return fits(`[0-9]+(?:\.[0-9]+){0,3}(?:[+-][a-z0-9.]{1,20})?`, text)
}

func moment(text string) string {
	return fits(`[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{8,18}(?:Z|[+-][0-9:]{5}))?`, text)
}

// plainValue keeps values of settings that are no free text: switches, numbers, times, counts.
func plainValue(text string) string {
	return fits(`true|false|off|auto|kernel|polling|debug|info|warn|error|\[\]|[0-9]+ entr(?:y|ies)|(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d)?){1,4}`, text)
}

// place keeps where a setting comes from if that is a place of the system or a variable.
func place(text string) string {
	const file = `settings\.yaml(?::[0-9]{1,6})?`
	return fits(`BEAGLE_[A-Z_]{1,60}|/etc/beagle/`+file+`|/Library/Application Support/Beagle/`+file+`|[A-Z]:\\ProgramData\\Beagle\\`+file+
		`|/Library/Managed Preferences/beagle\.agent\.plist|HKLM\\Software\\Policies\\Beagle[A-Za-z\\_.]{0,60}`, text)
}

// ofSystem keeps a place or a user that is the same on every machine.
func ofSystem(text string) string {
	folder, err := systemState()
	if text == api.DefaultSocket() || text == "root" || err == nil && text == folder {
		return text
	}
	return leftOut
}

// cause finds in a text of the system the reason that it gives, which says nothing of whom.
func cause(text string) string {
	lower := strings.ToLower(text)
	for _, known := range []string{
		"permission denied", "operation not permitted", "access is denied", "no space left on device",
		"disk quota exceeded", "read-only file system", "input/output error", "no such file or directory",
		"connection refused", "connection reset", "deadline exceeded", "nothing came within", "too many open files",
		"cannot allocate memory", "not supported", "address already in use", "stale file handle", "is a directory",
	} {
		if strings.Contains(lower, known) {
			return known
		}
	}
	return ""
}
