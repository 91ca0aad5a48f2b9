package fleet

import (
	"math"
	"strconv"
	"time"
)

// A moment is kept in milliseconds since 1970; the ends of time stand for
// since ever and open.
const (
	ever = int64(math.MinInt64)
	open = int64(math.MaxInt64)
)

// The day numbers that Excel gives dates between 1954 and 2119.
const minDay, maxDay = 20000, 80000

// parseDate reads a day in loc (2026-06-01, 01/06/2026, or Excel's number of a
// day) or a moment (RFC 3339).
func parseDate(s string, loc *time.Location) (time.Time, string) {
	for _, layout := range []string{time.DateOnly, "02/01/2006", "2/1/2006"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t.UTC(), ""
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC().Truncate(time.Millisecond), ""
	}
	if n, err := strconv.Atoi(s); err == nil && n >= minDay && n <= maxDay {
		return time.Date(1899, 12, 30+n, 0, 0, 0, 0, loc).UTC(), ""
	}
	return time.Time{}, "\"" + s + "\" is no date: write it as 2026-06-01 or 01/06/2026"
}

// formatDate writes a day where t starts one in loc, and else the moment.
func formatDate(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	l := t.In(loc)
	if h, m, s := l.Clock(); h == 0 && m == 0 && s == 0 && l.Nanosecond() == 0 {
		return l.Format(time.DateOnly)
	}
	return l.Format(time.RFC3339Nano)
}

func fromMillis(ms int64) time.Time {
	if ms == ever || ms == open {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// toMillis gives the moment, or what a zero one stands for.
func toMillis(t time.Time, zero int64) int64 {
	if t.IsZero() {
		return zero
	}
	return t.UnixMilli()
}
