package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"beagle/detectors"
)

// meter draws how far a scan is on the last line of a terminal: the share of the work that
// is done, the current probe, how many things it has looked at and how fast.
type meter struct {
	w      io.Writer
	width  int
	probe  string
	began  time.Time
	drawn  time.Time
	active bool
}

// redraw limits how often the line changes: faster is unreadable and slows the scan.
const redraw = 100 * time.Millisecond

func newMeter(env Env, off bool) *meter {
	m := &meter{w: env.Stderr, width: env.Width}
	if off || env.Width < 20 {
		m.w = nil
	}
	return m
}

func (m *meter) show(p detectors.Progress) {
	if m.w == nil || p.Probe == "" {
		return
	}
	now := time.Now()
	if p.Probe != m.probe {
		m.probe, m.began = p.Probe, now
	} else if now.Sub(m.drawn) < redraw {
		return
	}
	m.drawn, m.active = now, true
	text := fmt.Sprintf(" %3.0f%%  %s", 100*p.Share, clean(p.Probe))
	if p.Examined > 0 {
		text += fmt.Sprintf("  %s %s", grouped(p.Examined), clean(p.Unit))
		if took := now.Sub(m.began).Seconds(); took > 0.5 {
			text += fmt.Sprintf("  %s/s", grouped(int64(float64(p.Examined)/took)))
		}
	}
	if len(text) > m.width-12 {
		text = text[:m.width-12]
	}
	bar := 10
	full := int(p.Share * float64(bar))
	fmt.Fprintf(m.w, "\r%s%s%s\x1b[K", strings.Repeat("█", full), strings.Repeat("░", bar-full), text)
}

func (m *meter) clear() {
	if m.active {
		fmt.Fprint(m.w, "\r\x1b[K")
		m.active = false
	}
}

// grouped writes 1234567 as 1 234 567.
func grouped(n int64) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	return b.String()
}

func milliseconds(ms float64) string {
	if ms < 1000 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}
