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

// wrapped writes text in lines of at most 88 columns, all indented alike.
func (p *page) wrapped(indent, text string) {
	const columns = 88
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(indent)+len(line)+1+len(word) > columns {
			p.line("%s%s", indent, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		p.line("%s%s", indent, line)
	}
}

// plural writes a count with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// padded fills text up to a number of columns; wide East Asian letters count twice.
func padded(text string, columns int) string {
	width := 0
	for _, r := range text {
		width++
		if r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xffe6) {
			width++
		}
	}
	return text + strings.Repeat(" ", max(columns-width, 0))
}
