package catalog

import (
	"fmt"
	"slices"

	"beagle/detectors/catalog/yamldoc"
)

// check finds what makes an entry unusable: a word the matcher does not know would
// otherwise be an indicator that never speaks, or a finding nobody can read.
func check(app *App) []yamldoc.Fault {
	var c checker
	c.demand(app.ID != "", "id", "", "is missing")
	c.demand(app.Name != "", "name", "", "is missing")
	for _, os := range Systems() {
		for n := range app.Indicators.For(os) {
			c.indicator(os, n, &app.Indicators.For(os)[n])
		}
		for n := range app.Removal.For(os) {
			c.step(os, n, &app.Removal.For(os)[n])
		}
	}
	for n := range app.Examples {
		ex, field, where := &app.Examples[n], fmt.Sprintf("examples[%d]", n), fmt.Sprintf("example %d", n+1)
		c.example(ex, field, where)
		word(&c, Presences(), ex.Presence, field, where, "presence")
		word(&c, []Confidence{Certain, Likely, Possible}, ex.Confidence, field, where, "confidence")
	}
	for n := range app.NearMisses {
		c.example(&app.NearMisses[n], fmt.Sprintf("near_misses[%d]", n), fmt.Sprintf("near miss %d", n+1))
	}
	return c.faults
}

type checker struct{ faults []yamldoc.Fault }

func (c *checker) demand(ok bool, field, where, text string) {
	if !ok {
		c.faults = append(c.faults, yamldoc.Fault{Field: field, Where: where, Text: text})
	}
}

// word demands that a field of a part of the entry is one of the known words.
func word[T ~string](c *checker, known []T, got T, part, where, field string) {
	if !slices.Contains(known, got) {
		c.demand(false, part+"."+field, where, fmt.Sprintf("unknown %s %.40q, want one of %v", field, got, known))
	}
}

func (c *checker) indicator(os OS, n int, in *Indicator) {
	part, where := fmt.Sprintf("indicators.%s[%d]", os, n), fmt.Sprintf("%s indicator %d", os, n+1)
	word(c, Kinds(), in.Kind, part, where, "kind")
	word(c, []Strength{Proof, Strong, Hint}, in.Strength, part, where, "strength")
	word(c, Presences(), in.Presence, part, where, "presence")
	word(c, grades(), in.Grade, part, where, "grade")
}

func grades() []Grade {
	return []Grade{GradeManifest, GradeCodeMulti, GradeCodeSingle, GradeForensic, GradePattern, GradeDerived}
}

func (c *checker) step(os OS, n int, step *Step) {
	part, where := fmt.Sprintf("removal.%s[%d]", os, n), fmt.Sprintf("%s removal step %d", os, n+1)
	word(c, StepCodes(), step.Code, part, where, "code")
	for i, p := range step.When {
		c.demand(slices.Contains(Presences(), p), fmt.Sprintf("%s.when[%d]", part, i), where,
			fmt.Sprintf("unknown presence %.40q, want one of %v", p, Presences()))
	}
}

func (c *checker) example(ex *Example, part, where string) {
	word(c, Systems(), ex.OS, part, where, "os")
	word(c, Kinds(), ex.Kind, part, where, "kind")
}
