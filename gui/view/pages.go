package view

import "beagle/agent/api"

// Subject is everything known about one record. What is nil is not known, since the agent is
// too old or did not answer; the page is true without it.
type Subject struct {
	Record   api.Stored
	App      *api.AppPage
	Policies []api.PolicyPage
	History  []api.HistoryEntry
	// TakesRequests says that the agent takes disputes and wishes for an exemption: an older one
	// does not know [api.Client.Dispute]. Those made are in the record.
	TakesRequests bool
}

// Page explains one record.
type Page struct {
	ID      string
	Title   string
	About   string // what the app is, in a sentence; "" if not known
	Badges  []Badge
	Verdict Badge  // also the first of Badges
	Summary string // whether it must go, in a sentence
	Closed  bool   // it is gone
	Facts   []Fact // whose, since when, last seen, how sure
	Copies  []Copy
	Rules   []Rule
	Others  []Rule // those that bind other organisations, for the legal history
	Removal Removal
	Appeal  *Appeal // nil where the agent takes no requests
	History []HistoryRow
}

// Copy is one copy of the app.
type Copy struct {
	Title    string // where
	Facts    []Fact
	Evidence []EvidenceLine
	Open     *Action // opens the folder around it; nil if that is not possible
}

// EvidenceLine is one fact seen, in plain words.
type EvidenceLine struct {
	Text     string
	Place    string // a path, "" if there is none
	Strength Badge
}

// Rule is the answer of one policy.
type Rule struct {
	Policy  string // id
	Title   string
	Verdict Badge
	Reason  string // why, in a sentence
	Legal   string // the legal state today, "" if not known
	Facts   []Fact // authority, citation, newest source
	Events  []RuleEvent
}

// RuleEvent is one dated step in the life of a rule.
type RuleEvent struct {
	Date string
	Word string // what happened, such as "revoked"
	Text string // as the policy's file says it, in English
}

// Removal is how to get rid of the app.
type Removal struct {
	Intro   string
	Steps   []Step
	Recheck *Button // "I have removed it: look again"; nil for what is gone
}

// Step is one removal step, with a button where there is something to press.
type Step struct {
	Text   string
	Action *Action
}

// ActionKind is what a button does outside of Beagle. None of them needs or gives rights.
type ActionKind string

// The kinds of actions.
const (
	ActionSettings ActionKind = "settings" // Payload is a URI of the system's settings
	ActionFolder   ActionKind = "folder"   // Payload is the path of a folder to show; never a file, never a bundle
	ActionCopy     ActionKind = "copy"     // Payload is text for the clipboard
)

// Action is something to do outside of Beagle. Payload is exact; hand it over as one argument,
// never to a shell.
type Action struct {
	Kind    ActionKind
	Label   string // the text of the button
	Payload string
}

// Appeal is "this is wrong" and "I need it", with what became of both.
type Appeal struct {
	Note      string // who gets to read it
	Dispute   Button
	Exemption Button
	Requests  []RequestRow
}

// RequestRow is one request made.
type RequestRow struct {
	Kind   string
	Title  string
	Text   string // what the reader wrote
	When   string
	Status Badge
}

// HistoryRow is one change.
type HistoryRow struct {
	Record string // id
	When   string
	Title  string // the app and whose; "" within the page of a record
	Text   string // what happened
	Badge  Badge
}

// HistoryPage is the history of all records, the newest first.
type HistoryPage struct {
	Days  []HistoryDay
	Empty *Empty
}

// HistoryDay is what happened on one day.
type HistoryDay struct {
	Title string
	Rows  []HistoryRow
}

// CoveragePage says what was looked at and what cannot be seen.
type CoveragePage struct {
	Summary string
	Tone    Tone
	Probes  []ProbeRow
	Limits  []string // what this machine does not let Beagle see or notice
	Empty   *Empty
}

// ProbeRow is one probe with its areas.
type ProbeRow struct {
	Name   string // the probe's name, stable
	Title  string // what it looks at
	Badge  Badge
	Text   string // how many things, when
	Areas  []AreaRow
	Missed int // areas that were not looked at fully
}

// AreaRow is one area of a probe.
type AreaRow struct {
	Title string
	Badge Badge
	Text  string // how many things, when
	Why   string // why it was not looked at, "" if it was
}

// Section is a titled part of a page of text.
type Section struct {
	ID     string
	Title  string
	Text   []string // paragraphs
	Points []string
	Facts  []Fact
	Mono   string // a document, shown as it is
	Action *Action
}
