// Package dpkg reads the text database of Debian's package manager.
//
// It exists so that a probe can name every package on a host without starting a child
// process: [Parse] streams the stanzas of /var/lib/dpkg/status, [Files] the path lists
// under /var/lib/dpkg/info. Both take a reader, know no path and run on any OS.
//
// Promises: a broken stanza costs only itself, all others are delivered and a
// [*Malformed] at the end tells how many were lost. Reading stops after 512 MiB; a
// line longer than 64 KiB is skipped; memory stays at one line buffer and one package,
// whatever the input.
//
// Formats: deb822(5), dpkg-query(1) and the "Status" field as dpkg writes it.
package dpkg

import "fmt"

// Package is what one stanza of the status file says about one package.
type Package struct {
	// Name holds only letters, digits and "-+._", starting with a letter or digit, so
	// it is safe as a part of a file name.
	Name string
	// Version is as written, epoch and revision included; empty if the stanza has none.
	Version string
	// Architecture is such as "amd64" or "all", of letters, digits and "-"; or empty.
	Architecture string

	// Want is what the administrator asked for: install, hold, deinstall, purge, unknown.
	Want string
	// Flag is ok or reinstreq.
	Flag string
	// State is one of the words listed at [Package.OnDisk] and [Package.OnlyConfig], or
	// not-installed. It is empty, as Want and Flag are, in a stanza without a Status
	// field: the available file and the status.d files of minimal images have none.
	State string
}

// OnDisk tells whether dpkg has put files of the package on the disk, be it only in part.
func (p Package) OnDisk() bool {
	switch p.State {
	case "installed", "unpacked", "half-configured", "half-installed",
		"triggers-awaited", "triggers-pending":
		return true
	}
	return false
}

// OnlyConfig tells whether the package was removed and left nothing but its
// configuration files.
func (p Package) OnlyConfig() bool { return p.State == "config-files" }

// Malformed says that parts of the input could not be read. Everything else was
// delivered before it is returned.
type Malformed struct {
	// Count is the number of stanzas, or for [Files] of lines, that were left out.
	Count int
	// FirstLine is the number, from 1, of the first line left out.
	FirstLine int
}

// Error says how much was left out and where that began.
func (m *Malformed) Error() string {
	return fmt.Sprintf("%d malformed entries, the first at line %d", m.Count, m.FirstLine)
}

// note counts one more broken entry that began at the given line.
func (m *Malformed) note(line int) {
	if m.Count == 0 {
		m.FirstLine = line
	}
	m.Count++
}

// err returns m as an error if anything was noted.
func (m *Malformed) err() error {
	if m.Count == 0 {
		return nil
	}
	return m
}
