package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one line of the table.
type row struct {
	what, ours, theirs, ratio, memory string
	goal                              *goal // nil where the design sets none
	note                              string
}

// goal is one line of the design's table of speed: value has to keep to the limit.
type goal struct {
	text string
	met  bool
}

func atMost(value, limit float64, format string) *goal {
	return &goal{fmt.Sprintf("≤ "+format, limit), value <= limit}
}

func atLeast(value, limit float64, format string) *goal {
	return &goal{fmt.Sprintf("≥ "+format, limit), value >= limit}
}

func (g *goal) cells() (text, met string) {
	switch {
	case g == nil:
		return "–", "–"
	case g.met:
		return g.text, "yes"
	}
	return g.text, "NO"
}

func printTable(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\tours\ttheirs\tratio (min–max)\tpeak ratio\tgoal\tmet")
	for i := range rows {
		r := &rows[i]
		text, met := r.goal.cells()
		fmt.Fprintln(t, strings.Join([]string{
			r.what, cmp.Or(r.ours, "–"), cmp.Or(r.theirs, "–"), cmp.Or(r.ratio, "–"), cmp.Or(r.memory, "–"), text, met,
		}, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for i := range rows {
		if rows[i].note != "" {
			fmt.Fprintf(w, "%s: %s\n", rows[i].what, rows[i].note)
		}
	}
	return nil
}

// missedError names the rows whose goal is missed.
type missedError []string

func (m missedError) Error() string { return "goal missed: " + strings.Join(m, ", ") }

func missed(rows []row) error {
	var names missedError
	for i := range rows {
		if g := rows[i].goal; g != nil && !g.met {
			names = append(names, rows[i].what)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

// compared is what two programs' samples say of one another, round by round.
type compared struct {
	ours, theirs sample
	cpu, peak    spread
}

func compare(ours, theirs []sample) compared {
	c := compared{ours: middle(ours), theirs: middle(theirs)}
	var cpus, peaks []float64
	for i := range ours {
		cpus = append(cpus, float64(ours[i].CPU)/float64(theirs[i].CPU))
		peaks = append(peaks, float64(ours[i].Peak)/float64(theirs[i].Peak))
	}
	c.cpu, c.peak = spreadOf(cpus), spreadOf(peaks)
	return c
}

// row is a line about a comparison.
func (c *compared) row(what string) row {
	return row{what: what, ours: c.ours.String(), theirs: c.theirs.String(), ratio: c.cpu.String(), memory: number(c.peak.median)}
}

// middle takes the median of each figure by itself.
func middle(samples []sample) sample {
	return sample{
		CPU:  median(samples, func(s sample) time.Duration { return s.CPU }),
		Wall: median(samples, func(s sample) time.Duration { return s.Wall }),
		Peak: median(samples, func(s sample) int64 { return s.Peak }),
	}
}

func median[T any, N cmp.Ordered](list []T, of func(T) N) N {
	values := make([]N, 0, len(list))
	for _, v := range list {
		values = append(values, of(v))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (s sample) String() string { return milliseconds(s.CPU) + " " + mebibytes(s.Peak) }

func milliseconds(d time.Duration) string {
	return number(float64(d)/float64(time.Millisecond)) + " ms"
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// spread is a series of ratios in short.
type spread struct{ median, low, high float64 }

func spreadOf(values []float64) spread {
	same := func(v float64) float64 { return v }
	return spread{median(values, same), slices.Min(values), slices.Max(values)}
}

func (s spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", number(s.median), number(s.low), number(s.high))
}

// number keeps three digits that mean something.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
