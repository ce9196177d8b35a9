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
	err   error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *page) blank() { p.line("") }

// columns is how wide a page is.
const columns = 88

// wrapped writes text in lines of at most 88 columns, all indented alike.
func (p *page) wrapped(indent, text string) {
	for _, line := range wrap(text, columns-len(indent)) {
		p.line("%s%s", indent, line)
	}
}

// beside writes text beside its label; further lines begin under the first.
func (p *page) beside(label, text string) {
	room := width(label)
	for i, line := range wrap(text, columns-room) {
		if i > 0 {
			label = strings.Repeat(" ", room)
		}
		p.line("%s%s", label, line)
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
