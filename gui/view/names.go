package view

import (
	"strings"

	"beagle/agent/api"
)

// The words of the agent that this package tells apart.
const (
	areaUser  = "user:"
	areaDrive = "drive:"

	statusFinished    = "finished"
	statusPartial     = "partial"
	statusFailed      = "failed"
	statusSkipped     = "skipped"
	statusUnreachable = "unreachable"

	presenceRunning   = "running"
	presenceInstaller = "installer"
	presenceResidue   = "residue"

	osLinux   = "linux"
	osMacOS   = "macos"
	osWindows = "windows"
)

// appName writes the name of an app and, if it has another there, that of its home. It is not
// cleaned yet.
func appName(app *api.App) string {
	name := app.Name
	if name == "" {
		name = app.ID
	}
	if app.NativeName != "" && app.NativeName != name {
		name += " " + app.NativeName
	}
	return name
}

// os is the reader's system.
func (n *Now) os() string {
	if n.OS == "" && n.Snapshot != nil {
		return n.Snapshot.Host.OS
	}
	return n.OS
}

// sameOwner compares the names of users as the system does.
func sameOwner(os, a, b string) bool {
	return a == b || os == osWindows && strings.EqualFold(a, b)
}

// ownerText says whose something is.
func (p *Printer) ownerText(n *Now, owner string) string {
	switch {
	case owner == api.MachineOwner:
		return p.say("owner.machine")
	case owner == "":
		return p.say("owner.unknown")
	case n.Viewer != "" && sameOwner(n.os(), owner, n.Viewer):
		return p.say("owner.you")
	}
	return p.say("owner.user", "name", owner)
}

// areaText names an area for people.
func (p *Printer) areaText(n *Now, area string) string {
	if area == api.MachineOwner {
		return p.say("area.machine")
	}
	if user, ok := strings.CutPrefix(area, areaUser); ok {
		if n.Viewer != "" && sameOwner(n.os(), user, n.Viewer) {
			return p.say("area.you")
		}
		return p.say("area.user", "name", user)
	}
	if drive, ok := strings.CutPrefix(area, areaDrive); ok {
		return p.say("area.drive", "name", drive)
	}
	return clean(area)
}

// probeText says what a probe looks at.
func (p *Printer) probeText(probe string) string { return p.word("probe", probe) }

// appOf names an app by its id, from what is known.
func (n *Now) appOf(id string) string {
	if page, ok := n.Apps[id]; ok && page.Name != "" {
		return appName(&page.App)
	}
	if n.Snapshot != nil {
		for i := range n.Snapshot.Records {
			if app := &n.Snapshot.Records[i].App; app.ID == id {
				return appName(app)
			}
		}
	}
	return id
}

func verdictTone(verdict string) Tone {
	switch verdict {
	case api.VerdictProhibited:
		return ToneBad
	case api.VerdictPending, api.VerdictUnconfirmed:
		return ToneWarn
	case api.VerdictExempt, api.VerdictLifted, api.VerdictAllowed:
		return ToneGood
	case api.VerdictSuspended, api.VerdictNotApplicable:
		return TonePlain
	}
	return ToneWarn // of a newer agent
}

func (p *Printer) verdictBadge(verdict string) Badge {
	return Badge{Code: verdict, Text: p.word("verdict", verdict), Tone: verdictTone(verdict)}
}

func (p *Printer) presenceBadges(presence []string) []Badge {
	badges := make([]Badge, 0, len(presence))
	for _, code := range presence {
		tone := TonePlain
		if code == presenceRunning {
			tone = ToneWarn
		}
		badges = append(badges, Badge{Code: code, Text: p.word("presence", code), Tone: tone})
	}
	return badges
}

// companyName writes the id of a company as a name: "kingsoft-office" as "Kingsoft Office".
func companyName(id string) string {
	words := strings.FieldsFunc(id, func(r rune) bool { return r == '-' || r == '_' })
	for i, word := range words {
		if c := word[0]; c >= 'a' && c <= 'z' {
			words[i] = string(c-'a'+'A') + word[1:]
		}
	}
	return strings.Join(words, " ")
}

// editionName is the name of an edition where the page of the app is there, and else its id.
func editionName(app *api.AppPage, id string) string {
	if app != nil {
		for _, e := range app.Editions {
			if e.ID == id && e.Name != "" {
				return e.Name
			}
		}
	}
	return id
}
