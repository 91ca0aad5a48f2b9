package fleet

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What a spreadsheet makes of a code is an image of it: 0471 becomes 471,
// 471E11 becomes 4.71E+13, and 1-2 the first of February. Two codes may have
// the same image; where of all that are known one alone has it, that one is
// meant.

// wholeSignificant is how many digits of a number a spreadsheet keeps.
const wholeSignificant = 15

var (
	allDigits = regexp.MustCompile(`^\d+$`)
	looksLike = regexp.MustCompile(`^(\d+)(?:[.,](\d+))?(?:[eE]\+?(\d{1,3}))?$`)
	twoParts  = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})$`)
	dayMonth  = regexp.MustCompile(`(?i)^(\d{1,2})[- ](?:(?:thg|th) ?(\d{1,2})|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))$`)
)

// figure gives the image of a code, or of what became of one, as a number: its
// significant digits and its power of ten.
func figure(s string) (string, bool) {
	m := looksLike.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	power, _ := strconv.Atoi(m[3])
	power += len(m[1])
	digits := strings.TrimLeft(m[1]+m[2], "0")
	power -= len(m[1]) + len(m[2]) - len(digits)
	digits = strings.TrimRight(digits[:min(len(digits), wholeSignificant)], "0")
	return digits + "e" + strconv.Itoa(power), digits != ""
}

// imagesOf gives what a spreadsheet may make of a sound code.
func imagesOf(code string) (images []string) {
	if f, ok := figure(code); ok && !strings.ContainsAny(code, ".,+") {
		images = append(images, f)
	}
	if m := twoParts.FindStringSubmatch(code); m != nil {
		images = append(images, dateKey(m[1], m[2]))
	}
	return images
}

// readings gives the images that a cell can be. Numeric tells that a workbook
// stores it as a number, which may be that of a day.
func readings(cell string, numeric bool) (images []string) {
	if f, ok := figure(cell); ok {
		images = append(images, f)
	}
	day, ok := time.Time{}, false
	for _, layout := range []string{time.DateOnly, "2/1/2006", "2006-01-02T15:04:05Z"} {
		if t, err := time.Parse(layout, cell); err == nil {
			day, ok = t, true
		}
	}
	if n, err := strconv.Atoi(cell); err == nil && numeric && n >= minDay && n <= maxDay {
		day, ok = time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC), true
	}
	if m := dayMonth.FindStringSubmatch(cell); m != nil {
		layout := "2-1"
		if m[3] != "" {
			layout = "2-Jan"
		}
		if t, err := time.Parse(layout, m[1]+"-"+m[2]+m[3]); err == nil {
			day, ok = t, true
		}
	}
	if ok {
		d, m := strconv.Itoa(day.Day()), strconv.Itoa(int(day.Month()))
		if images = append(images, dateKey(d, m)); d != m {
			images = append(images, dateKey(m, d))
		}
	}
	return images
}

func dateKey(a, b string) string {
	return "day " + strings.TrimLeft(a, "0") + " " + strings.TrimLeft(b, "0")
}

// harmed tells whether a cell looks like what a spreadsheet makes of a code, so
// that it cannot be taken for a new one.
func harmed(cell string, numeric bool) string {
	if numeric {
		return numbered(cell)
	}
	if _, err := time.Parse(time.DateOnly, cell); err == nil || dayMonth.MatchString(cell) {
		return "\"" + cell + "\" is a date, which Excel makes of a code such as 1-2: format the column as Text and type the code again"
	}
	return broken(cell)
}
