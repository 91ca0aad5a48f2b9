package collector

import (
	"fmt"
	"time"

	"phutai/grid"
)

// began is when the interval of a row began. Of an interval of unknown length
// only the end is known.
func began(s grid.Sample) time.Time {
	return s.End.Add(-max(s.Interval, time.Millisecond))
}

// refusal is what one reading of a load profile brought of rows whose time
// cannot be true.
type refusal struct {
	n     int
	first grid.Sample
}

func (f *refusal) add(s grid.Sample) {
	if f.n++; f.n == 1 {
		f.first = s
	}
}

// absence is the word that stays in place of the rows. Where they belong nobody
// can tell, so that it stands at the time of the reading, once for all of them.
func (f *refusal) absence(p grid.PointID, now time.Time) grid.Reading {
	return grid.Reading{
		Point: p, Source: grid.Profile, At: stamp(now), PolledAt: stamp(now), Missing: grid.ClockOff,
		Detail: shorten(fmt.Sprintf("rows of the load profile refused because their time cannot be true: %d, the first of %s ending at %s by the meter's clock",
			f.n, f.first.Interval, f.first.End.UTC().Format(time.RFC3339))),
	}
}

// unkept is the absence, but for its time, of a row that is not there although
// the meter has answered for it. Where it gave rows under impossible times, the
// row may be among those.
func unkept(p grid.PointID, every time.Duration, now time.Time, refused refusal) grid.Reading {
	r := grid.Reading{
		Point: p, Source: grid.Profile, Interval: every, PolledAt: stamp(now), Missing: grid.GapInMeter,
		Detail: "the meter was asked once more and its load profile has no row for this interval",
	}
	if refused.n > 0 {
		r.Missing, r.Detail = grid.ClockOff, "the meter was asked once more and gave rows whose time cannot be true, and none for this interval"
	}
	return r
}

// row makes a reading of a profile row. A row whose time cannot be true is
// refused: under a wrong time it would be a wrong value.
func (o *owner) row(m *metered, s grid.Sample, now time.Time) (grid.Reading, bool) {
	if !plausible(s.End) || s.End.After(now.Add(clockTolerance)) || s.Interval < 0 {
		return grid.Reading{}, false
	}
	r := grid.Reading{
		Point: m.Point, Source: grid.Profile, At: s.End.UTC().Truncate(time.Millisecond), Interval: s.Interval, PolledAt: stamp(now),
		ClockKnown: m.clockKnown, ClockOffset: m.clockOffset, Values: s.Values, Quality: s.Quality,
		Detail: shorten(s.Detail),
	}
	if s.Values.Len() == 0 {
		if r.Missing = s.Missing; !r.Absent() {
			r.Missing, r.Detail = grid.GapInMeter, "the row of the load profile holds no values"
		}
		return r, true
	}
	if m.clockKnown && m.clockOffset.Abs() > clockTolerance {
		for q := range s.Values.All() {
			r.Quality = r.Quality.With(q, max(r.Quality.Of(q), grid.Suspect))
		}
	}
	return r, true
}

// plausible tells whether t lies in years that a set clock can show.
func plausible(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2100 }

// stamp is the resolution of the contracts.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
