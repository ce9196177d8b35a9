package main

import (
	"fmt"
	"time"
)

// clockwork tells times as people do. Now is the agent's, which made the other times too.
type clockwork struct {
	now  time.Time
	zone *time.Location
}

// ago writes a time in the past, such as "3 minutes ago, at 17:05".
func (c clockwork) ago(t time.Time) string {
	past := c.now.Sub(t)
	if past < 0 {
		return "at " + c.at(t) // clocks were set
	}
	if past < 2*time.Second {
		return "just now"
	}
	return span(past) + " ago, at " + c.at(t)
}

// until writes a time in the future, such as "in 57 minutes".
func (c clockwork) until(t time.Time) string {
	if left := t.Sub(c.now); left > 0 {
		return "in " + span(left)
	}
	return "due now"
}

// at writes a time in the reader's zone, without the day if that is today.
func (c clockwork) at(t time.Time) string {
	t = t.In(c.zone)
	if t.Format(time.DateOnly) == c.now.In(c.zone).Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// stamp writes a time to the second, for lists.
func (c clockwork) stamp(t time.Time) string { return t.In(c.zone).Format("2006-01-02 15:04:05") }

// given writes a time that an argument holds, or the argument if it is none. The day is
// there always: such times are compared with others.
func (c clockwork) given(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.In(c.zone).Format("2006-01-02 15:04")
}

// span writes how long something takes, in one unit.
func span(d time.Duration) string {
	seconds := int(d.Round(time.Second) / time.Second)
	switch {
	case seconds < 90:
		return plural(seconds, "second", "seconds")
	case seconds < 90*60:
		return plural((seconds+30)/60, "minute", "minutes")
	case seconds < 36*3600:
		return plural((seconds+1800)/3600, "hour", "hours")
	}
	return plural((seconds+43200)/86400, "day", "days")
}

// bytesText writes an amount of storage as people do.
func bytesText(n uint64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	value, prefix := float64(n)/unit, 0
	for value >= unit && prefix < 4 {
		value /= unit
		prefix++
	}
	return fmt.Sprintf("%.1f %ciB", value, "KMGTP"[prefix])
}

// daysOld says how old something of a day is.
func daysOld(day string, now time.Time) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "of an unknown age"
	}
	switch days := int(now.Sub(t).Hours() / 24); {
	case days < 1:
		return "new"
	default:
		return plural(days, "day", "days") + " old"
	}
}
