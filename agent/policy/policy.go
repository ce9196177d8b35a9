// Package policy answers whether an app is banned here, today.
//
// A ban is data with a legal timeline: a [Policy] is a file with dated events. [Policy.StateOn]
// folds the events for one kind of organisation into the legal state on a date; [Judge] turns
// finding and state into a [Verdict] with its reason. Two clocks are kept apart: the date the
// law speaks about, and the date by which the data had learnt of it, since courts and
// agencies act retroactively and an auditor asks what could have been known.
//
// The package is pure: it reads no clock and no file of the host. The strings of verdicts,
// statuses and reason codes travel in reports and never change their meaning.
package policy

//go:generate go run ./internal/generate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"beagle/detectors/catalog"
)

// Date is a day, written 2006-01-02. The zero value means "no date". Dates compare as text.
type Date string

// ParseDate reads a day and refuses what is not in the calendar.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return "", fmt.Errorf("%.40q is no date: write it as 2021-02-19", text)
	}
	return DateOf(t), nil
}

// DateOf returns the day of t in t's own time zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// UnmarshalText reads a day from JSON.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	*d = parsed
	return err
}

// UnmarshalYAML reads a day from YAML; its error knows the line and column.
func (d *Date) UnmarshalYAML(node ast.Node) error {
	var text string
	if err := yaml.NodeToValue(node, &text); err != nil {
		text = node.GetToken().Value
	}
	parsed, err := ParseDate(text)
	if err != nil {
		return &yaml.SyntaxError{Message: err.Error(), Token: node.GetToken()}
	}
	*d = parsed
	return nil
}

// next returns the day after d.
func (d Date) next() Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return DateOf(t.AddDate(0, 0, 1))
}

// Nature tells a rule of law from a rule of the organisation.
type Nature string

// The natures of a policy. Only the law outlives a company's waiver.
const (
	Law     Nature = "law"
	Company Nature = "company"
)

// Policy is one ban.
type Policy struct {
	ID           string `yaml:"id" json:"id"`
	Title        string `yaml:"title" json:"title"`
	Nature       Nature `yaml:"nature" json:"nature" jsonschema:"enum=law,enum=company"`
	Authority    string `yaml:"authority" json:"authority"`
	Jurisdiction string `yaml:"jurisdiction" json:"jurisdiction"`
	Citation     string `yaml:"citation" json:"citation"`
	// OrgKinds are the kinds of organisation bound, such as us-state-agency:TX; any:IN binds
	// every kind that ends in :IN, and "any" binds all.
	OrgKinds       []string `yaml:"org_kinds" json:"org_kinds"`
	Binds          string   `yaml:"binds,omitempty" json:"binds,omitempty"`
	Acts           []string `yaml:"acts" json:"acts"`
	DeviceRelevant bool     `yaml:"device_relevant" json:"device_relevant"`
	Apps           []Named  `yaml:"apps,omitempty" json:"apps,omitempty"`
	// AppsIncomplete says that the authority's list holds more than Apps.
	AppsIncomplete bool      `yaml:"apps_incomplete,omitempty" json:"apps_incomplete,omitempty"`
	Companies      []Covered `yaml:"companies,omitempty" json:"companies,omitempty"`
	Classes        []string  `yaml:"classes,omitempty" json:"classes,omitempty"`
	// Matching tells in words how the rule picks what it covers.
	Matching     string  `yaml:"matching,omitempty" json:"matching,omitempty"`
	Events       []Event `yaml:"events" json:"events"`
	LatestSource string  `yaml:"latest_source" json:"latest_source"`
	Notes        string  `yaml:"notes,omitempty" json:"notes,omitempty"`
}

// Named is a product that a policy names. It need not be in the catalog.
type Named struct {
	ID    string `yaml:"id" json:"id"`
	Name  string `yaml:"name,omitempty" json:"name,omitempty"`
	Since Date   `yaml:"since,omitempty" json:"since,omitempty"`
	// Note is why this product is named, in the words of the authority.
	Note string `yaml:"note,omitempty" json:"note,omitempty"`
}

// Covered is a company whose products a policy covers.
type Covered struct {
	ID         string `yaml:"id" json:"id"`
	Since      Date   `yaml:"since,omitempty" json:"since,omitempty"`
	Affiliates bool   `yaml:"affiliates,omitempty" json:"affiliates,omitempty"`
}

// Event is one dated step in the life of a policy.
type Event struct {
	Date   Date   `yaml:"date" json:"date"`
	Status Status `yaml:"status" json:"status" jsonschema:"enum=signed,enum=announced,enum=amended,enum=effective,enum=enjoined,enum=vacated,enum=suspended,enum=revoked,enum=superseded,enum=expired,enum=extended"`
	// Learnt is the day the data could first say so; Date if left out.
	Learnt Date `yaml:"learnt,omitempty" json:"learnt,omitempty"`
	// Subtype refines the status, such as nominal_start, compliance_deadline or published.
	Subtype string `yaml:"subtype,omitempty" json:"subtype,omitempty"`
	// Starts is the day on which a signed or announced rule is to begin. Condition is what
	// must happen besides; a start whose condition is not met brings nothing into force. An
	// event that sets Starts again restates the condition too: left out, it has been met.
	Starts    Date   `yaml:"starts,omitempty" json:"starts,omitempty"`
	Condition string `yaml:"condition,omitempty" json:"condition,omitempty"`
	Until     Date   `yaml:"until,omitempty" json:"until,omitempty"`
	Scope     string `yaml:"scope,omitempty" json:"scope,omitempty"`
	// OrgKind limits the event to one kind of organisation.
	OrgKind string `yaml:"org_kind,omitempty" json:"org_kind,omitempty"`
	Text    string `yaml:"text" json:"text"`
	// By names the policy or case that did it, such as the order that revoked this one.
	By         string `yaml:"by,omitempty" json:"by,omitempty"`
	Source     string `yaml:"source" json:"source"`
	Confidence string `yaml:"confidence" json:"confidence" jsonschema:"enum=high,enum=medium,enum=low,enum=unsourced"`
}

// Status is what an event does.
type Status string

// The statuses. Signed, announced and amended never bring a rule into force.
const (
	Signed     Status = "signed"
	Announced  Status = "announced"
	Amended    Status = "amended"
	Effective  Status = "effective"
	Enjoined   Status = "enjoined"
	Vacated    Status = "vacated"
	Suspended  Status = "suspended"
	Revoked    Status = "revoked"
	Superseded Status = "superseded"
	Expired    Status = "expired"
	Extended   Status = "extended"
)

// Statuses lists every status.
func Statuses() []Status {
	return []Status{Signed, Announced, Amended, Effective, Enjoined, Vacated, Suspended, Revoked, Superseded, Expired, Extended}
}

// BindsKind reports whether the policy binds this kind of organisation.
func (p *Policy) BindsKind(kind string) bool {
	return slices.ContainsFunc(p.OrgKinds, func(bound string) bool { return kindMatches(bound, kind) })
}

func kindMatches(bound, kind string) bool {
	if bound == kind || bound == "any" {
		return true
	}
	place, anyone := strings.CutPrefix(bound, "any:")
	return anyone && strings.HasSuffix(kind, ":"+place)
}

// coverage says why an app falls under a policy, and since when.
type coverage struct {
	code  string // a reason code, "" if the app is not covered
	since Date
	by    string
	note  string
}

// covers finds out whether the policy covers the app on a day. Of several ways the name
// outweighs the maker and the maker its group, but only among those that have begun: an app
// may be named long after its maker was. Where none has begun, the earliest to begin counts.
func (p *Policy) covers(app *catalog.App, on Date) coverage {
	var best coverage
	consider := func(c coverage) {
		if best.code == "" || best.since > on && c.since < best.since {
			best = c
		}
	}
	for _, named := range p.Apps {
		if named.ID == app.ID {
			consider(coverage{code: CodeNamed, since: named.Since, note: named.Note})
		}
	}
	for _, company := range p.Companies {
		if company.ID == app.Vendor {
			consider(coverage{code: CodeByCompany, since: company.Since, by: company.ID})
		}
	}
	for _, company := range p.Companies {
		if company.Affiliates && slices.Contains(app.Affiliates, company.ID) {
			consider(coverage{code: CodeByAffiliate, since: company.Since, by: company.ID})
		}
	}
	return best
}

// Names reports whether the policy covers the app by its name or its maker.
func (p *Policy) Names(app *catalog.App) bool { return p.covers(app, "").code != "" }

// Detected counts how many of the named products some entry of the catalog describes.
func (p *Policy) Detected(index *catalog.Index) (detected, named int) {
	for _, n := range p.Apps {
		if _, ok := index.App(n.ID); ok {
			detected++
		}
	}
	return detected, len(p.Apps)
}
