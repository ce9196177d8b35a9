package view

import (
	"strconv"
	"strings"
	"time"
)

// number writes a whole number with the marks between thousands that the language uses.
func (p *Printer) number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	// Spanish leaves four digits together (https://cldr.unicode.org, minimumGroupingDigits).
	least := 4
	if p.tag == "es" {
		least = 5
	}
	if len(digits) < least {
		return sign + digits
	}
	mark := p.bare("number.group")
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// bare is a message that is no text but a form, and so is never made longer for tests.
func (p *Printer) bare(key string) string {
	text := p.say(key)
	if p.strange {
		text = strings.TrimPrefix(strings.TrimRight(text, " ~]"), "[")
	}
	return text
}

// date writes a day given as 2006-01-02 or a month given as 2006-01; anything else stays as
// it is.
func (p *Printer) date(text string) string {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return p.day(t)
	}
	if t, err := time.Parse("2006-01", text); err == nil {
		return p.say("date.month", "month", said(p.month(t)), "year", said(strconv.Itoa(t.Year())))
	}
	return clean(text)
}

// day writes the day of t in t's own zone.
func (p *Printer) day(t time.Time) string {
	return p.say("date.day", "day", said(strconv.Itoa(t.Day())), "month", said(p.month(t)), "year", said(strconv.Itoa(t.Year())))
}

func (p *Printer) month(t time.Time) string { return p.say("month." + strconv.Itoa(int(t.Month()))) }

// moment writes a time in the reader's zone, without the day if that is today.
func (p *Printer) moment(t, now time.Time) string {
	t = t.In(p.zone)
	if sameDay(t, now.In(p.zone)) {
		return p.clock(t)
	}
	return p.say("date.moment", "date", said(p.day(t)), "time", said(p.clock(t)))
}

// clock writes the time of day of t in t's own zone.
func (p *Printer) clock(t time.Time) string {
	if p.tag == "en" || p.strange {
		return t.Format("3:04\u00a0PM")
	}
	return t.Format("15:04")
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// given writes a time that an argument holds, or the argument if it is none.
func (p *Printer) given(text string, now time.Time) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return p.date(text)
	}
	return p.moment(t, now)
}

// ago writes a time in the past, such as "3 minutes ago". One in the future, after clocks
// were set, is written as it is.
func (p *Printer) ago(t, now time.Time) string {
	past := now.Sub(t)
	if past < -time.Minute {
		return p.moment(t, now)
	}
	if past < time.Minute {
		return p.say("ago.now")
	}
	unit, n := inUnit(past)
	return p.count("ago."+unit, n)
}

// until writes a time in the future, such as "in 57 minutes".
func (p *Printer) until(t, now time.Time) string {
	left := t.Sub(now)
	if left < time.Minute {
		return p.say("until.now")
	}
	unit, n := inUnit(left)
	return p.count("until."+unit, n)
}

// span writes how long something takes or how old it is, in one unit.
func (p *Printer) span(d time.Duration) string {
	unit, n := inUnit(max(d, time.Minute))
	return p.count("span."+unit, n)
}

const (
	day   = 24 * time.Hour
	month = 30 * day
	year  = 365 * day
)

func inUnit(d time.Duration) (unit string, n int) {
	round := func(unit time.Duration) int { return int((d + unit/2) / unit) }
	switch {
	case d < 90*time.Minute:
		return "minutes", round(time.Minute)
	case d < 36*time.Hour:
		return "hours", round(time.Hour)
	case d < 2*month:
		return "days", round(day)
	case d < 2*year:
		return "months", round(month)
	}
	return "years", round(year)
}

// age writes how old something of a day or month is, "" if that is not known.
func (p *Printer) age(date string, now time.Time) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		if t, err = time.Parse("2006-01", date); err != nil {
			return ""
		}
	}
	days := now.In(p.zone).Sub(t) / day // whole ones: of yesterday is one day old, at any time of the day
	if days < 1 {
		return p.say("age.new")
	}
	span := p.count("span.days", int(days))
	if days*day >= 2*month {
		span = p.span(days * day)
	}
	return p.say("age.old", "span", said(span))
}
