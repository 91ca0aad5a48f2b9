package fleet

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	grouped   = regexp.MustCompile(`^-?\d{1,3}([.,]\d{3})+$`)
	mixedDot  = regexp.MustCompile(`^-?\d{1,3}(,\d{3})+\.\d+$`)
	mixedDash = regexp.MustCompile(`^-?\d{1,3}(\.\d{3})+,\d+$`)
	plain     = regexp.MustCompile(`^[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?$`)
)

// parseNumber reads a figure with a decimal point or a decimal comma. Where a
// separator before three digits may as well group thousands, a limit above
// which no figure of the column lies decides, and else it is for the writer to
// say. exact tells that a point is known to be decimal.
func parseNumber(s string, limit float64, exact bool) (x float64, problem string) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "\u00a0", "")
	switch {
	case exact && plain.MatchString(s):
	case mixedDot.MatchString(s):
		s = strings.ReplaceAll(s, ",", "")
	case mixedDash.MatchString(s):
		s = strings.ReplaceAll(s, ".", "")
	case strings.Count(s, ".")+strings.Count(s, ",") > 1 && grouped.MatchString(s):
		if strings.Contains(s, ".") && strings.Contains(s, ",") {
			return 0, "\"" + s + "\" cannot be read: write digits and one decimal point"
		}
		s = strings.NewReplacer(".", "", ",", "").Replace(s)
	case grouped.MatchString(s) && !strings.HasPrefix(strings.TrimPrefix(s, "-"), "0"):
		whole := strings.NewReplacer(".", "", ",", "").Replace(s)
		if v, _ := strconv.ParseFloat(whole, 64); limit <= 0 || math.Abs(v) <= limit {
			decimal := strings.TrimRight(strings.Replace(s, ",", ".", 1), "0")
			return 0, "\"" + s + "\" can mean " + whole + " or " + strings.TrimSuffix(decimal, ".") + ": write one of the two"
		}
	case !plain.MatchString(s):
		return 0, "\"" + s + "\" is no number: write digits and one decimal point"
	}
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0, "\"" + s + "\" is no number: write digits and one decimal point"
	}
	if limit > 0 && math.Abs(x) > limit {
		return x, "\"" + s + "\" is beyond " + strconv.FormatFloat(limit, 'f', -1, 64) + ": check the unit"
	}
	return x, ""
}

// formatNumber writes a figure so that parseNumber reads the same one: three
// decimals get a zero more, since they could be taken for thousands.
func formatNumber(x float64) string {
	if x == 0 {
		return ""
	}
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if i := strings.IndexByte(s, '.'); i >= 0 && len(s)-i == 4 {
		s += "0"
	}
	return s
}
