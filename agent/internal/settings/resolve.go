package settings

import (
	"errors"
	"fmt"
)

// Layer is one of the levels at which a value can be given; a later one wins.
type Layer string

// The layers, the weakest first.
const (
	LayerDefault     Layer = "default"
	LayerFile        Layer = "file"
	LayerEnvironment Layer = "environment"
	LayerManaged     Layer = "managed"
)

// Origin says where the value in force comes from.
type Origin struct {
	Layer Layer
	Place string // file and line, variable, registry value, or property list; "" for a default
}

// Resolved are the settings in force and where each comes from.
type Resolved struct {
	Settings Settings
	Origins  map[string]Origin // of every key, such as schedule.inventory
}

// Value is what holds for one key, for people.
type Value struct {
	Key string
	// Text is the value as a settings file has it; of lists of entries only how many there
	// are, since they name people, and of a secret only whether there is one.
	Text   string
	Origin Origin
}

// Resolve reads all places. The error has one line for each [Problem] of each layer, also of
// those that a stronger layer would override: somebody believes in them. Whoever has settings
// already keeps them then.
func Resolve(p Places) (*Resolved, error) {
	r := &Resolved{Settings: Default()}
	var err error
	r.Origins, err = resolve(keys(&r.Settings), p)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Load reads one settings file that a person named, over the defaults, whoever wrote it.
func Load(path string) (*Resolved, error) {
	r := &Resolved{Settings: Default(), Origins: map[string]Origin{}}
	f, err := named(path)
	if err != nil {
		return nil, err
	}
	all := keys(&r.Settings)
	found, errs := f.values(all)
	errs = append(errs, take(layer{LayerFile, found}, all, r.Origins)...)
	if err := report(errs); err != nil {
		return nil, err
	}
	return r, nil
}

func named(path string) (*file, error) {
	f, err := readFile(path)
	if err == nil && f == nil {
		err = fmt.Errorf("settings %q: no such file", path)
	}
	return f, err
}

// layer is what one level gives.
type layer struct {
	name  Layer
	given given
}

// resolve brings the values of all places into the variables that the keys are bound to.
func resolve(keys []key, p Places) (map[string]Origin, error) {
	origins := map[string]Origin{}
	for i := range keys {
		origins[keys[i].name] = Origin{Layer: LayerDefault}
	}
	file, errs := p.file(keys)
	variables, more := fromEnvironment(p.Environ, keys)
	errs = append(errs, more...)
	layers := []layer{{LayerFile, file}, {LayerEnvironment, variables}}
	for _, read := range []func([]key) (given, []error){p.preferences, p.policy} {
		managed, more := read(keys)
		errs = append(errs, more...)
		layers = append(layers, layer{LayerManaged, managed})
	}
	for _, l := range layers {
		errs = append(errs, take(l, keys, origins)...)
	}
	return origins, report(errs)
}

// take takes over the values of one layer.
func take(l layer, keys []key, origins map[string]Origin) []error {
	var errs []error
	for i := range keys {
		n := l.given[keys[i].name]
		if n == nil {
			continue
		}
		if keys[i].secret {
			n.hide()
		}
		if err := keys[i].shape.read(n, keys[i].name); err != nil {
			errs = append(errs, err)
			continue
		}
		origins[keys[i].name] = Origin{l.name, n.place}
	}
	return errs
}

func (n *node) hide() {
	n.secret = true
	for _, item := range n.items {
		item.hide()
	}
	for _, f := range n.fields {
		f.value.hide()
	}
}

func (p *Places) file(keys []key) (given, []error) {
	read := readFile
	if p.Named {
		read = named
	}
	f, err := trustedFile(p.File, read)
	if err != nil {
		return nil, []error{err}
	}
	if f == nil {
		return nil, nil
	}
	return f.values(keys)
}

// trustedFile reads a file, which only those may have written who may decide. It returns nil
// where there is none.
func trustedFile(path string, read func(string) (*file, error)) (*file, error) {
	if path == "" {
		return nil, nil
	}
	f, err := read(path)
	if err != nil || f == nil {
		return nil, err
	}
	return f, f.trusted()
}

func (p *Places) preferences(keys []key) (given, []error) {
	f, err := trustedFile(p.Preferences, readFile)
	if err != nil {
		return nil, []error{err}
	}
	if f == nil {
		return nil, nil
	}
	root, err := fromPlist(f.path, f.data)
	if err != nil {
		return nil, []error{err}
	}
	return sort(root, keys)
}

func (p *Places) policy(keys []key) (given, []error) {
	if p.Policy == "" {
		return nil, nil
	}
	key, err := readRegistry(p.Policy)
	if err != nil {
		return nil, []error{&Problem{Place: p.Policy, Text: "read it: " + err.Error()}}
	}
	if key == nil {
		return nil, nil
	}
	return sort(fromRegistry(p.Policy, key), keys)
}

// maxProblems bounds the report: a large file can be wrong in every line.
const maxProblems = 20

func report(errs []error) error {
	lines := single(errors.Join(errs...))
	if len(lines) > maxProblems {
		more := fmt.Errorf("settings: %d more problems", len(lines)-maxProblems)
		lines = append(lines[:maxProblems:maxProblems], more)
	}
	return errors.Join(lines...)
}

// single takes joined errors apart.
func single(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	var lines []error
	for _, one := range joined.Unwrap() {
		lines = append(lines, single(one)...)
	}
	return lines
}

// Values lists every key with the value in force, in the order of the documentation.
func (r *Resolved) Values() []Value { return values(keys(&r.Settings), r.Origins) }

func values(keys []key, origins map[string]Origin) []Value {
	var all []Value
	for i := range keys {
		origin := origins[keys[i].name]
		all = append(all, Value{keys[i].name, keys[i].shown(origin), origin})
	}
	return all
}

func (k *key) shown(origin Origin) string {
	switch {
	case k.secret && origin.Layer == LayerDefault:
		return "not set"
	case k.secret:
		return "set (secret)"
	}
	if entries, ok := k.shape.(interface{ brief() string }); ok {
		return entries.brief()
	}
	return k.shape.show()
}

// Changed names the keys whose values differ between two settings.
func (r *Resolved) Changed(since *Resolved) []string {
	before, after := keys(&since.Settings), keys(&r.Settings)
	var names []string
	for i := range after {
		if before[i].shape.show() != after[i].shape.show() {
			names = append(names, after[i].name)
		}
	}
	return names
}
