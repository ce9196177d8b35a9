package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Index is a catalog made ready for matching. It is immutable and safe for concurrent use.
type Index struct {
	version    string
	date       string
	apps       []App
	byID       map[string]int
	carried    map[string][]int // carrier id → indexes of the apps it carries
	indicators []compiled
	table      map[uint64][]int32
	filter     bits
	slots      map[stage][]slot
	names      map[OS]*nameSet
}

// stage is a kind of evidence under the rules of one OS.
type stage struct {
	os   OS
	kind Kind
}

// compiled is an indicator with its patterns folded and split.
type compiled struct {
	app    int
	source *Indicator
	fold   bool
	value  []glob
	path   []glob
	where  []compiledCondition
	beside []string
}

type compiledCondition struct {
	attribute string
	globs     []glob
}

// New compiles apps into an index. The error names the app and the indicator that cannot be
// compiled; [Lint] finds what is merely unwise.
func New(version string, apps []App) (*Index, error) {
	ix := &Index{
		version: version,
		apps:    apps,
		byID:    make(map[string]int, len(apps)),
		carried: map[string][]int{},
		table:   map[uint64][]int32{},
		slots:   map[stage][]slot{},
		names:   map[OS]*nameSet{},
	}
	for i := range apps {
		if _, twice := ix.byID[apps[i].ID]; twice {
			return nil, fmt.Errorf("app %q: the id is used twice", apps[i].ID)
		}
		ix.byID[apps[i].ID] = i
	}
	var hashes []uint64
	for i := range apps {
		if err := ix.carry(i); err != nil {
			return nil, fmt.Errorf("app %q: %w", apps[i].ID, err)
		}
		for _, os := range Systems() {
			list := apps[i].Indicators.For(os)
			for n := range list {
				added, err := ix.add(os, i, &list[n])
				if err != nil {
					return nil, fmt.Errorf("app %q, %s indicator %d: %w", apps[i].ID, os, n+1, err)
				}
				hashes = append(hashes, added...)
			}
		}
	}
	ix.filter = newBits(hashes)
	return ix, nil
}

// carry notes the carriers of an app. A carrier must be found itself: what is implied
// implies nothing, so a chain would end in silence and a circle is a mistake.
func (ix *Index) carry(app int) error {
	for _, id := range ix.apps[app].CarriedBy {
		carrier, known := ix.byID[id]
		switch {
		case !known:
			return fmt.Errorf("carried_by names %q, which is no app of this catalog", id)
		case carrier == app:
			return errors.New("carried_by names the app itself")
		case len(ix.apps[carrier].CarriedBy) > 0:
			return fmt.Errorf("carried_by names %q, which is carried itself: name the app that carries both", id)
		case slices.Contains(ix.carried[id], app):
			return fmt.Errorf("carried_by names %q twice", id)
		}
		ix.carried[id] = append(ix.carried[id], app)
	}
	return nil
}

func (ix *Index) add(os OS, app int, in *Indicator) ([]uint64, error) {
	fold := foldsCase(in.Kind, os)
	c := compiled{
		app: app, source: in, fold: fold,
		value: compileGlobs(in.Value, fold), path: compileGlobs(in.Path, fold),
	}
	for _, cond := range in.Where {
		c.where = append(c.where, compiledCondition{cond.Attribute, compileGlobs(cond.Matches, fold)})
	}
	for _, name := range in.Beside {
		c.beside = append(c.beside, string(compileGlob(name, fold)))
		ix.nameSet(os).beside[string(compileGlob(name, fold))] = true
	}
	anchors, err := c.anchors(in)
	if err != nil {
		return nil, err
	}
	id := int32(len(ix.indicators))
	ix.indicators = append(ix.indicators, c)
	var hashes []uint64
	for _, a := range anchors {
		s := newSlot(os, in.Kind, a.field, a.form)
		key := stage{os, in.Kind}
		if !slices.Contains(ix.slots[key], s) {
			ix.slots[key] = append(ix.slots[key], s)
		}
		h := s.hash(a.text)
		ix.table[h] = append(ix.table[h], id)
		hashes = append(hashes, h)
		if in.Kind == KindFile {
			ix.nameSet(os).files[a.text] = true
		}
	}
	return hashes, nil
}

func compileGlobs(patterns Patterns, fold bool) []glob {
	globs := make([]glob, 0, len(patterns))
	for _, p := range patterns {
		globs = append(globs, compileGlob(p, fold))
	}
	return globs
}

// Version is the version of the catalog.
func (ix *Index) Version() string { return ix.version }

// Date is the day on which the catalog was released, as 2006-01-02; "" if it does not say.
func (ix *Index) Date() string { return ix.date }

// Apps returns every app, ordered as loaded. The caller must not change them.
func (ix *Index) Apps() []App { return ix.apps }

// App returns the app with this id.
func (ix *Index) App(id string) (*App, bool) {
	i, ok := ix.byID[id]
	if !ok {
		return nil, false
	}
	return &ix.apps[i], true
}

// Find returns the app that a person means: by id, name, native name or alias, without
// regard to case. An empty name means no app.
func (ix *Index) Find(name string) (*App, bool) {
	for i := range ix.apps {
		app := &ix.apps[i]
		for _, known := range app.names() {
			if known != "" && strings.EqualFold(known, name) {
				return app, true
			}
		}
	}
	return nil, false
}

func (app *App) names() []string {
	return append([]string{app.ID, app.Name, app.NativeName}, app.Aliases...)
}

// holds reports whether everything the indicator names is true of the evidence.
func (c *compiled) holds(ev *Evidence) bool {
	if len(c.value) > 0 && !matchAny(c.value, ev.Value, c.fold) {
		return false
	}
	if len(c.path) > 0 && !matchAny(c.path, ev.Path, c.fold) {
		return false
	}
	for i := range c.where {
		value, ok := ev.Attributes[c.where[i].attribute]
		if !ok || !matchAny(c.where[i].globs, value, c.fold) {
			return false
		}
	}
	return len(c.beside) == 0 || besideHolds(ev.Attributes[AttrBeside], c.beside, c.fold)
}

func besideHolds(present string, wanted []string, fold bool) bool {
	for _, name := range wanted {
		found := false
		for have := range strings.SplitSeq(present, "/") {
			if glob(name).match(have, fold) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// bits is a Bloom filter with one hash. Nearly all evidence matches nothing, and a filter
// that stays in the processor's cache answers that without touching the large table; so
// the cost per evidence stays flat when the catalog grows a hundredfold.
type bits struct {
	words []uint64
	shift uint
}

func newBits(hashes []uint64) bits {
	size := uint(12) // 4096 bits at the least
	for size < 24 && 1<<size < 16*len(hashes) {
		size++
	}
	b := bits{words: make([]uint64, 1<<(size-6)), shift: 64 - size}
	for _, h := range hashes {
		b.words[h>>b.shift>>6] |= 1 << (h >> b.shift & 63)
	}
	return b
}

func (b bits) has(h uint64) bool {
	return b.words[h>>b.shift>>6]&(1<<(h>>b.shift&63)) != 0
}
