package settings

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a time to wait, in whole milliseconds as far as a person can set it.
type Duration time.Duration

const (
	millisecond = Duration(time.Millisecond)
	second      = Duration(time.Second)
	minute      = Duration(time.Minute)
	hour        = Duration(time.Hour)
)

// Duration is the same for the standard library.
func (d Duration) Duration() time.Duration { return time.Duration(d) }

// Off reports whether there is nothing to wait for: it never happens.
func (d Duration) Off() bool { return d == 0 }

// String is the form in which settings are written, such as 7d or 1h30m.
func (d Duration) String() string {
	var out strings.Builder
	for _, u := range units() {
		if count := d / u.span; count > 0 {
			out.WriteString(strconv.FormatInt(int64(count), 10))
			out.WriteString(u.name)
			d -= count * u.span
		}
	}
	if out.Len() == 0 {
		return "0s"
	}
	return out.String()
}

// unit is one of the units in which a duration is written.
type unit struct {
	name string
	span Duration
}

// units are in the order in which they may follow each other.
func units() []unit {
	return []unit{{"d", day}, {"h", hour}, {"m", minute}, {"s", second}, {"ms", millisecond}}
}

// durationPattern is for the schema. Unlike parseDuration it does not mind the order.
const durationPattern = `([0-9]+(d|h|m|s|ms))+`

// parseDuration reads whole numbers with units, the larger unit first: 7d, 1h30m, 500ms. One
// that is beyond what can be counted becomes the longest that can.
func parseDuration(text string) (Duration, bool) {
	total := Duration(0)
	left := units()
	for rest := text; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 {
			return 0, false
		}
		name := rest[digits:]
		name = name[:len(name)-len(strings.TrimLeft(name, "dhms"))]
		for len(left) > 0 && left[0].name != name {
			left = left[1:]
		}
		if len(left) == 0 {
			return 0, false
		}
		span := left[0].span
		left = left[1:]
		count, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || count > int64((math.MaxInt64-total)/span) {
			total = math.MaxInt64
		} else {
			total += Duration(count) * span
		}
		rest = rest[digits+len(name):]
	}
	return total, text != ""
}
