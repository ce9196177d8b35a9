// Package desktop reads freedesktop desktop entries, the files that put programs into
// the menus of Linux desktops.
//
// It exists so that a probe can tell from a menu entry which program it starts, and
// which web page if a browser runs that page as an app: [Parse] reads the file, [Argv]
// splits its command line, [Command] finds the program behind wrappers such as env,
// [AppURL] and [AppID] read a browser's arguments.
//
// Promises: nothing is started, expanded or looked up. A file over 1 MiB or a line or
// command line over 64 KiB is an error; work is proportional to the input.
//
// Format: Desktop Entry Specification 1.5,
// https://specifications.freedesktop.org/desktop-entry-spec/latest/
package desktop

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxFile = 1 << 20
	maxLine = 64 << 10
)

// Entry is what the group [Desktop Entry] of a file says. Strings have the
// specification's escapes undone and are otherwise as written, be they valid UTF-8 or
// not; a key that is absent is empty.
type Entry struct {
	Type    string // Application, Link or Directory
	Name    string // the unlocalised name
	Exec    string // the command line, for [Argv]
	TryExec string // program that must exist for the entry to be shown
	Icon    string // name of an icon or path of an image
	WMClass string // StartupWMClass, the class or name of the program's windows

	NoDisplay bool // exists, but not in menus
	Hidden    bool // to be treated as if deleted
}

// Parse reads one desktop entry. Other groups, localised values and lines that are none
// of the format are passed over; of a repeated key the last value counts, as in GLib.
// The error tells of a file without the group [Desktop Entry], of a bound met or of r.
func Parse(r io.Reader) (Entry, error) {
	// One byte more than allowed tells a file at the bound from one beyond it.
	counted := &io.LimitedReader{R: r, N: maxFile + 1}
	lines := bufio.NewScanner(counted)
	lines.Buffer(make([]byte, 0, 4<<10), maxLine)

	var e Entry
	found, inside := false, false
	for no := 1; lines.Scan(); no++ {
		line := lines.Bytes()
		if no == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0 || line[0] == '#':
		case line[0] == '[':
			inside = string(line) == "[Desktop Entry]"
			found = found || inside
		case inside:
			if key, val, ok := bytes.Cut(line, []byte("=")); ok {
				e.set(bytes.TrimSpace(key), bytes.TrimSpace(val))
			}
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Entry{}, fmt.Errorf("reading desktop entry: a line is longer than %d bytes", maxLine)
	case err != nil:
		return Entry{}, fmt.Errorf("reading desktop entry: %w", err)
	case counted.N == 0:
		return Entry{}, fmt.Errorf("reading desktop entry: larger than %d bytes", maxFile)
	case !found:
		return Entry{}, errors.New(`reading desktop entry: no group "[Desktop Entry]"`)
	}
	return e, nil
}

func (e *Entry) set(key, val []byte) {
	switch string(key) {
	case "Type":
		e.Type = unescape(val)
	case "Name":
		e.Name = unescape(val)
	case "Exec":
		e.Exec = unescape(val)
	case "TryExec":
		e.TryExec = unescape(val)
	case "Icon":
		e.Icon = unescape(val)
	case "StartupWMClass":
		e.WMClass = unescape(val)
	case "NoDisplay":
		e.NoDisplay = isTrue(val)
	case "Hidden":
		e.Hidden = isTrue(val)
	}
}

// isTrue knows "1" too, which versions of the specification before 1.0 allowed.
func isTrue(val []byte) bool { return string(val) == "true" || string(val) == "1" }

// unescape undoes the escapes \s \n \t \r \\ of string values. Any other escape stays as
// it is, so that the quoting of a command line survives (section "Possible value types").
func unescape(val []byte) string {
	if bytes.IndexByte(val, '\\') < 0 {
		return string(val)
	}
	var b strings.Builder
	for i := 0; i < len(val); i++ {
		c := val[i]
		if c != '\\' || i+1 == len(val) {
			b.WriteByte(c)
			continue
		}
		i++
		switch val[i] {
		case 's':
			b.WriteByte(' ')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '\\':
			b.WriteByte('\\')
		default:
			b.WriteByte('\\')
			b.WriteByte(val[i])
		}
	}
	return b.String()
}
