package catalog

import (
	"maps"
	"slices"
)

// App is one catalog entry: a product, its names and what it leaves on machines.
type App struct {
	ID         string   `yaml:"id" json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9-]*$"`
	Name       string   `yaml:"name" json:"name"`
	NativeName string   `yaml:"native_name,omitempty" json:"native_name,omitempty"`
	Aliases    []string `yaml:"aliases,omitempty" json:"aliases,omitempty"`
	// Vendor is the company id that policies cover; Affiliates are the companies the
	// vendor belongs to or is affiliated with, for rules that reach "any subsidiary or affiliate".
	Vendor     string   `yaml:"vendor" json:"vendor"`
	Affiliates []string `yaml:"affiliates,omitempty" json:"affiliates,omitempty"`
	Homepage   string   `yaml:"homepage,omitempty" json:"homepage,omitempty"`
	Summary    string   `yaml:"summary" json:"summary"`
	// CarriedBy names the apps this one lives inside. A carried app has no artifact of its
	// own: wherever its carrier is found, it is implied.
	CarriedBy  []string   `yaml:"carried_by,omitempty" json:"carried_by,omitempty"`
	Editions   []Edition  `yaml:"editions,omitempty" json:"editions,omitempty"`
	Indicators Indicators `yaml:"indicators,omitempty" json:"indicators,omitempty"`
	Removal    Removal    `yaml:"removal,omitempty" json:"removal,omitempty"`
	// Examples must be matched by this entry, near misses must not be matched by any.
	Examples   []Example `yaml:"examples,omitempty" json:"examples,omitempty"`
	NearMisses []Example `yaml:"near_misses,omitempty" json:"near_misses,omitempty"`
}

// Edition is a variant of an app that a policy or a removal step may name.
type Edition struct {
	ID   string `yaml:"id" json:"id"`
	Name string `yaml:"name" json:"name"`
}

// Indicators are the patterns of one app, by the OS whose rules they follow.
type Indicators struct {
	Linux   []Indicator `yaml:"linux,omitempty" json:"linux,omitempty"`
	MacOS   []Indicator `yaml:"macos,omitempty" json:"macos,omitempty"`
	Windows []Indicator `yaml:"windows,omitempty" json:"windows,omitempty"`
}

// For returns the indicators that apply to evidence of one OS.
func (in *Indicators) For(os OS) []Indicator {
	switch os {
	case Linux:
		return in.Linux
	case MacOS:
		return in.MacOS
	case Windows:
		return in.Windows
	}
	return nil
}

// Indicator is a pattern over one evidence. Everything it names must hold.
type Indicator struct {
	Kind Kind `yaml:"kind" json:"kind" jsonschema:"enum=dpkg,enum=desktop,enum=file,enum=process,enum=bundle,enum=uninstall"`
	// Value and Path list alternatives: exact text, or a glob of * (any run of characters,
	// separators too) and ? (one character). Windows paths may use either separator.
	Value Patterns `yaml:"value,omitempty" json:"value,omitempty"`
	Path  Patterns `yaml:"path,omitempty" json:"path,omitempty"`
	// Where demands attributes of the evidence.
	Where []Condition `yaml:"where,omitempty" json:"where,omitempty"`
	// Beside demands names in the same folder as Path, all of them.
	Beside []string `yaml:"beside,omitempty" json:"beside,omitempty"`
	// Root says how many levels above Path the folder of this copy lies; 0 leaves it to the probe.
	Root     int      `yaml:"root,omitempty" json:"root,omitempty" jsonschema:"minimum=0,maximum=8"`
	Edition  string   `yaml:"edition,omitempty" json:"edition,omitempty"`
	Strength Strength `yaml:"strength" json:"strength" jsonschema:"enum=proof,enum=strong,enum=hint"`
	Presence Presence `yaml:"presence" json:"presence" jsonschema:"enum=running,enum=installed,enum=portable,enum=webapp,enum=emulated,enum=installer,enum=residue"`
	// Grade is how well the fact behind the pattern is known; it caps Strength.
	Grade Grade `yaml:"grade" json:"grade" jsonschema:"enum=manifest,enum=code-multi,enum=code-single,enum=forensic-tool,enum=pattern,enum=derived"`
	// Source says where the fact comes from, so that a reader can check it.
	Source string `yaml:"source" json:"source"`
	Note   string `yaml:"note,omitempty" json:"note,omitempty"`
}

// Condition demands that one attribute of the evidence matches a pattern.
type Condition struct {
	Attribute string   `yaml:"attribute" json:"attribute"`
	Matches   Patterns `yaml:"matches" json:"matches"`
}

// Grade is how well a fact is known.
type Grade string

// The grades. A package manifest or the project's own source outweighs mentions in
// unrelated public code; "pattern" means that a verified rule was filled in by us.
const (
	GradeManifest   Grade = "manifest"
	GradeCodeMulti  Grade = "code-multi"
	GradeCodeSingle Grade = "code-single"
	GradeForensic   Grade = "forensic-tool"
	GradePattern    Grade = "pattern"
	GradeDerived    Grade = "derived"
)

// cap is the greatest strength an indicator of this grade may claim.
func (g Grade) cap() Strength {
	switch g {
	case GradeManifest:
		return Proof
	case GradeCodeMulti, GradeForensic, GradePattern:
		return Strong
	case GradeCodeSingle, GradeDerived:
		return Hint
	}
	return ""
}

// Removal is how to get rid of an app, by OS.
type Removal struct {
	Linux   []Step `yaml:"linux,omitempty" json:"linux,omitempty"`
	MacOS   []Step `yaml:"macos,omitempty" json:"macos,omitempty"`
	Windows []Step `yaml:"windows,omitempty" json:"windows,omitempty"`
}

// For returns the removal steps for one OS.
func (r *Removal) For(os OS) []Step {
	switch os {
	case Linux:
		return r.Linux
	case MacOS:
		return r.MacOS
	case Windows:
		return r.Windows
	}
	return nil
}

// Step is one removal step as data; wording and translation live with whoever shows it.
type Step struct {
	Code string `yaml:"code" json:"code" jsonschema:"enum=quit_app,enum=remove_package,enum=uninstall_settings,enum=move_to_trash,enum=delete_folder,enum=remove_web_app,enum=remove_android_app,enum=remove_carrier"`
	Args Args   `yaml:"args,omitempty" json:"args,omitempty"`
	// When limits the step to findings with one of these presences; empty means always.
	When []Presence `yaml:"when,omitempty" json:"when,omitempty"`
}

// StepCodes lists every code of a removal step.
func StepCodes() []string {
	return []string{
		"quit_app", "remove_package", "uninstall_settings", "move_to_trash",
		"delete_folder", "remove_web_app", "remove_android_app", "remove_carrier",
	}
}

// Args are the arguments of a step, in YAML a mapping of texts. They are no Go map, so that
// the compiled catalog needs no start-up code.
type Args []Arg

// Arg is one argument.
type Arg struct{ Name, Value string }

// Get returns the argument of this name, "" if there is none.
func (a Args) Get(name string) string {
	for _, arg := range a {
		if arg.Name == name {
			return arg.Value
		}
	}
	return ""
}

// UnmarshalYAML reads a mapping.
func (a *Args) UnmarshalYAML(unmarshal func(any) error) error {
	var m map[string]string
	if err := unmarshal(&m); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		*a = append(*a, Arg{name, m[name]})
	}
	return nil
}

// Example is evidence with what must come of it.
type Example struct {
	OS         OS                `yaml:"os" json:"os" jsonschema:"enum=linux,enum=macos,enum=windows"`
	Kind       Kind              `yaml:"kind" json:"kind"`
	Value      string            `yaml:"value" json:"value"`
	Path       string            `yaml:"path,omitempty" json:"path,omitempty"`
	Attributes map[string]string `yaml:"attributes,omitempty" json:"attributes,omitempty"`
	// Confidence and Presence are what an example must yield on its own; unused in near misses.
	Confidence Confidence `yaml:"confidence,omitempty" json:"confidence,omitempty" jsonschema:"enum=certain,enum=likely,enum=possible"`
	Presence   Presence   `yaml:"presence,omitempty" json:"presence,omitempty"`
	// Why says what a near miss really is.
	Why string `yaml:"why,omitempty" json:"why,omitempty"`
}

// Evidence turns an example into what a probe would have reported.
func (ex *Example) Evidence() Evidence {
	return Evidence{
		Kind: ex.Kind, OS: ex.OS, Value: ex.Value, Path: ex.Path,
		Owner: MachineOwner, Area: MachineOwner, Attributes: ex.Attributes,
	}
}
