package app

import (
	"fmt"
	"time"

	"phutai/grid"
)

// Bounds within which a new meter's figures are believed.
const (
	leastVoltage  = 0.5 // of the highest phase; below it a phase is missing
	mostSecondary = 1.2 // of the current transformers' rated current
	leastCT       = 0.5 // of the transformers' rated current together
	mostCT        = 2.0
)

// doubts says what in a sample does not fit its meter's place.
func (c *commissioning) doubts(x *commissioned, at time.Time) []string {
	var all []string
	doubt := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if x.asked != nil {
		doubt(c.words.partly, x.asked)
	}
	v := &x.sample.Values
	for q, figure := range v.All() {
		if x.sample.Quality.Of(q) != grid.Good {
			doubt(c.words.suspect, q, figure, q.Unit())
		}
	}
	if off := x.sample.Clock.Sub(at).Round(time.Second); !x.sample.Clock.IsZero() && off.Abs() > c.cfg.Store.Audit.ClockOff {
		doubt(c.words.clock, off)
	}
	highest := 0.0
	for _, q := range [...]grid.Quantity{grid.Ua, grid.Ub, grid.Uc} {
		u, _ := v.Get(q)
		highest = max(highest, u)
	}
	for _, q := range [...]grid.Quantity{grid.Ua, grid.Ub, grid.Uc} {
		if u, ok := v.Get(q); ok && u < leastVoltage*highest {
			doubt(c.words.voltage, q, u)
		}
	}
	point, _ := c.view.Point(x.meter.Point)
	for _, q := range [...]grid.Quantity{grid.Ia, grid.Ib, grid.Ic} {
		if a, ok := v.Get(q); ok && point.CTSecondary > 0 && a > mostSecondary*point.CTSecondary {
			doubt(c.words.current, q, a, point.CTSecondary)
		}
	}
	rated := 0.0
	for _, id := range point.Transformers {
		t, _ := c.view.Transformer(id)
		one := t.RatedCurrent(point.Side)
		if one == 0 {
			return all // without a rating there is nothing to compare with
		}
		rated += one
	}
	if rated > 0 && point.CTPrimary > 0 && point.Side != grid.MV && // small CTs are rare at 22 kV
		(point.CTPrimary < leastCT*rated || point.CTPrimary > mostCT*rated) {
		doubt(c.words.ct, point.CTPrimary, point.CTSecondary, rated)
	}
	return all
}

// commissionWords are the words of fleet commission in one language.
type commissionWords struct {
	head                                          [5]string
	notReached, notRead, doubtful, plausible, sum string
	partly, suspect, clock, voltage, current, ct  string
}

func commissionWordsOf(lang string) *commissionWords {
	if lang == "en" {
		return &commissionWords{
			head:       [5]string{"point", "meter", "substation", "state", "why"},
			notReached: "not reached", notRead: "reached, not read", doubtful: "read, not plausible", plausible: "plausible",
			sum:     "%d new meters: %d reached, %d read, %d plausible\n",
			partly:  "not all of it came: %v",
			suspect: "%s of %.4g %s is out of its range",
			clock:   "its clock is off by %v",
			voltage: "%s of %.4g V: the phase is missing, or its fuse is gone",
			current: "%s of %.4g A is more than current transformers of %v A can give: another multiplier, or the wrong meter",
			ct:      "CT %v/%v A does not suit a rated current of %.0f A: check plate and rating",
		}
	}
	return &commissionWords{
		head:       [5]string{"điểm đo", "công tơ", "TBA", "kết quả", "lý do"},
		notReached: "không kết nối được", notRead: "kết nối được, không đọc được", doubtful: "đọc được, chưa hợp lý", plausible: "hợp lý",
		sum:     "%d công tơ mới: %d kết nối được, %d đọc được, %d hợp lý\n",
		partly:  "số liệu chưa đủ: %v",
		suspect: "%s bằng %.4g %s ngoài miền giá trị",
		clock:   "đồng hồ lệch %v",
		voltage: "%s bằng %.4g V: mất pha hoặc đứt cầu chì",
		current: "%s bằng %.4g A vượt quá khả năng của TI thứ cấp %v A: sai hệ số nhân hoặc nhầm công tơ",
		ct:      "TI %v/%v A không hợp với dòng định mức %.0f A: kiểm tra nhãn TI và công suất MBA",
	}
}
