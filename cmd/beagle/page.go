package main

import (
	"fmt"
	"io"
	"strings"
)

// page writes lines and remembers the first error, so that printing reads as a list.
type page struct {
	w     io.Writer
	style style
	// terminal is how many columns the reader's terminal has, 0 where there is none.
	terminal int
	err      error
}

// page begins a page for whoever reads what a command writes.
func (env Env) page() page {
	return page{w: env.Stdout, style: style{env.Color}, terminal: env.Columns}
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *page) blank() { p.line("") }

// How wide a page is: longer lines are hard to read, and in narrower ones hardly a word has
// room beside its label.
const (
	maxColumns = 88
	minColumns = 30
)

func (p *page) columns() int {
	if p.terminal == 0 {
		return maxColumns
	}
	return min(max(p.terminal, minColumns), maxColumns)
}

// wrapped writes text in lines that fit the page, all indented alike.
func (p *page) wrapped(indent, text string) {
	for _, line := range wrap(text, p.columns()-len(indent)) {
		p.line("%s%s", indent, line)
	}
}

// beside writes text beside its label; further lines begin under the first.
func (p *page) beside(label, text string) { p.hanging(label, text, p.columns()) }

// hanging writes text beside its label in lines of at most so many columns.
func (p *page) hanging(label, text string, columns int) {
	room := width(label)
	for i, line := range wrap(text, columns-room) {
		if i > 0 {
			label = strings.Repeat(" ", room)
		}
		p.line("%s%s", label, line)
	}
}

// long writes a sentence that programs look for: it stays on one line, however long, but on a
// terminal that has no room for it.
func (p *page) long(label, text string) {
	if p.terminal == 0 || width(label)+width(text) <= p.terminal {
		p.line("%s%s", label, text)
		return
	}
	p.hanging(label, text, max(p.terminal, minColumns))
}

// advice writes what to know beside its label, then each of the particulars, and what to do.
func (p *page) advice(label, what string, particulars []string, todo string) {
	p.beside(label, what)
	under := strings.Repeat(" ", width(label))
	for _, text := range particulars {
		p.beside(under+"- ", clean(text))
	}
	if todo != "" {
		p.beside(under+p.style.dim("→ "), clean(todo))
	}
}

// wrap breaks text into lines between words; a word that is too long stays whole.
func wrap(text string, columns int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && width(line)+1+width(word) > columns {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// plural writes a count with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// padded fills text up to a number of columns.
func padded(text string, columns int) string {
	return text + strings.Repeat(" ", max(columns-width(text), 0))
}

// width is how many columns text takes; wide East Asian letters take two, colours none.
func width(text string) int {
	n, sequence := 0, false
	for _, r := range text {
		switch {
		case sequence:
			sequence = r != 'm'
			continue
		case r == 0x1b:
			sequence = true
			continue
		case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xffe6):
			n++
		}
		n++
	}
	return n
}
