package view

import (
	"time"

	"beagle/agent/api"
)

// Now is what is known at one moment.
type Now struct {
	// At is the reader's time; agent and reader share one clock. Zero takes that of the snapshot.
	At         time.Time
	Connection Connection
	// Snapshot is the newest one, nil if none came yet. It stays when the connection is lost.
	Snapshot *api.Snapshot
	// Coverage is how looking at every area ended, for its page; nil if it was not asked for.
	Coverage []api.Coverage
	// Viewer is the owner as whom the reader appears in records, "" if that is not known; then
	// every record counts as theirs to hear of.
	Viewer string
	// OS is the reader's system, "linux", "macos" or "windows"; "" takes that of the snapshot.
	OS string
	// Apps are pages of the catalog that were asked for already, by app id: they let the search
	// know other names. Nil is fine.
	Apps map[string]api.AppPage
}

// Line says how good the connection to the agent is.
type Line string

// The lines.
const (
	LineConnecting  Line = "connecting"  // nothing came yet, and it has not failed
	LineLive        Line = "live"        // the agent answers
	LineStale       Line = "stale"       // it was lost; Since is when the last word came
	LineUnreachable Line = "unreachable" // nothing answers, or not what should
)

// Cause says why a connection is not live.
type Cause string

// The causes.
const (
	CauseNone      Cause = ""
	CauseNoAnswer  Cause = "no_answer"  // [api.ErrUnreachable]
	CauseUntrusted Cause = "untrusted"  // [api.ErrUntrusted]
	CauseBadAnswer Cause = "bad_answer" // [api.ErrBadAnswer]: an older or newer agent, or none
	CauseRefused   Cause = "refused"    // an [*api.Refusal]
	CauseOther     Cause = "other"      // anything else
)

// Connection is the line to the agent. Make one by [Connecting], [Live] or [Lost].
type Connection struct {
	Line  Line
	Since time.Time // since when the line is so; of a stale one, when the last word came
	Cause Cause
}

// Kind is what an icon shows.
type Kind string

// The kinds.
const (
	KindClean       Kind = "clean"
	KindAttention   Kind = "attention"   // something to look at: a ban to come, a likeness, a part not seen
	KindProhibited  Kind = "prohibited"  // something that must go
	KindUnprotected Kind = "unprotected" // nobody looks, or somebody who sees too little
	KindScanning    Kind = "scanning"    // not known yet: connecting, or the first look is under way
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{KindClean, KindAttention, KindProhibited, KindUnprotected, KindScanning}
}

// TrayState is the state of this machine in words. It holds no ages, so that it changes only
// when something does.
type TrayState struct {
	Kind  Kind
	Title string // a few words, such as "2 banned apps found"
	Text  string // one sentence more: why, or what to do; "" if there is nothing to add
	// Busy says that a look is under way, whatever the state is.
	Busy bool
}

// What an item of the menu does when clicked.
const (
	ItemState   = "state"   // opens the window
	ItemFinding = "finding" // opens the detail of Record
	ItemMore    = "more"    // opens the findings
	ItemLine    = "line"    // a separating line, without text
	ItemLook    = "look"    // asks for a look
	ItemOpen    = "open"    // opens the window
	ItemSent    = "sent"    // opens the window at Privacy
	ItemAbout   = "about"   // opens the window at About
	ItemQuit    = "quit"    // ends the tray
)

// Item is one line of the menu.
type Item struct {
	ID      string
	Record  string // of a finding, the id of its record
	Text    string
	Tip     string // more, where the system shows tips; such as why a look cannot be asked for
	Enabled bool
}

// Menu is the menu of the tray.
type Menu struct {
	State   TrayState
	Tooltip string // of the icon, on one line
	Items   []Item
}

// Tone is how something is coloured.
type Tone string

// The tones.
const (
	ToneBad   Tone = "bad"
	ToneWarn  Tone = "warn"
	ToneGood  Tone = "good"
	TonePlain Tone = "plain"
)

// Badge is a word or two in a coloured field.
type Badge struct {
	Code string // what it stands for, such as "prohibited", for choosing an icon
	Text string
	Tone Tone
}

// Fact is a labelled value. Value may be long and is to be wrapped; Mono marks paths and ids.
type Fact struct {
	Label string
	Value string
	Mono  bool
}

// Header stands above all tabs.
type Header struct {
	State TrayState
	// Lines say when the last full look was, when the next one is, and, where the data is not
	// fresh, how old it is. They hold ages: ask again every minute.
	Lines    []string
	Progress *Progress // while a look is under way
	Look     Button
	Notices  []Notice // what a person should know about the agent itself, the gravest first
}

// Progress is how far a look is.
type Progress struct {
	Share float64 // from 0 to 1
	Text  string  // such as "Looking at processes: 1,234 so far"
}

// Button is a thing to press. A disabled one says why in Tip.
type Button struct {
	Text    string
	Tip     string
	Enabled bool
}

// Notice is one condition of the agent.
type Notice struct {
	Code  string
	Tone  Tone
	Text  string
	Todo  string // what helps; "" if nothing needs to be done
	Since string
	// Open is the screen of the system where that can be done; nil if there is none.
	Open *Action
}

// Filter selects findings.
type Filter string

// The filters.
const (
	FilterAll     Filter = "all"
	FilterAction  Filter = "action"  // somebody has to do something, now or soon
	FilterMine    Filter = "mine"    // of the reader
	FilterMachine Filter = "machine" // of the whole machine
)

// List is the list of findings.
type List struct {
	Rows    []Row
	Filters []FilterChoice
	// Empty is shown instead of rows where there are none.
	Empty *Empty
}

// FilterChoice is one filter with how many findings it lets through, whatever is searched for.
type FilterChoice struct {
	Filter Filter
	Text   string
	Count  int
}

// Empty is what an empty list says. Kind chooses a picture.
type Empty struct {
	Kind  Kind
	Title string
	Text  string
}

// Row is one finding in a list.
type Row struct {
	ID       string // of the record
	Title    string // the app by both names
	Text     string // whose, since when
	Place    string // the first folder, "" if there is none
	Verdict  Badge
	Presence []Badge
}

// Reporting is what is known about reports to the organisation.
type Reporting struct {
	// Known is false where the agent could not be asked or is too old to say.
	Known bool
	// Endpoint is where reports go, "" if nowhere: findings then stay on this machine.
	Endpoint string
	// Sent is the last report about the reader and the machine, as it was sent; "" if none was.
	Sent string
	At   time.Time
}

// Program is what a program of Beagle knows about itself and its organisation.
type Program struct {
	Version string
	// Organisation and Contact come from settings; "" if the agent does not say.
	Organisation string
	Contact      string
	// Credits are the licences of what is built in, as text; "" leaves them out.
	Credits string
}

// Urgency is how loud a notification is.
type Urgency string

// The urgencies.
const (
	UrgencyLow    Urgency = "low"    // something ended well
	UrgencyNormal Urgency = "normal" // something was found
	UrgencyHigh   Urgency = "high"   // it runs
)

// Notification is one message to the reader. One with the ID of an earlier one replaces it.
type Notification struct {
	ID      string
	Urgency Urgency
	Title   string
	Body    string
	Record  string // what a click opens; "" opens the findings
}

// Words are the fixed words of the window.
type Words struct {
	App                                                             string // the program's name, as in a title bar
	TabFindings, TabHistory, TabCoverage, TabPrivacy, TabAbout      string
	Search, NothingChosen                                           string
	What, Where, Why, Removal, Wrong, Past, OtherRules              string // titles of a record's parts
	Back, Close, Cancel, Send, Copied, Export, Saved, Refresh       string
	DisputeTitle, DisputeHint, ExemptionTitle, ExemptionHint, Until string
	TrayHint                                                        string // how to get the icon where the desktop has no tray
	RecheckDone, LookAsked, RequestSent, RequestNote                string // said after an action went well
}
