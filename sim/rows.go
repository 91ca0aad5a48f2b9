package sim

import (
	"time"

	"phutai/grid"
)

// Period is the interval of the meters' load profiles.
const Period = 30 * time.Minute

const periodKnots = int64(Period / (knotSeconds * time.Second))

// rows gives the rows of the load profile whose interval ends after from and
// not after to, oldest first: means over the interval, and the counters at its
// end. The mean of a power is what the counters say.
func (s *station) rows(from, to time.Time) []grid.Sample {
	first := floorDiv(momentSeconds(from), int64(Period/time.Second)) + 1
	last := floorDiv(momentSeconds(to), int64(Period/time.Second))
	first = max(first, s.epoch/periodKnots+1)
	if last < first {
		return nil
	}
	out := make([]grid.Sample, 0, last-first+1)
	k := (first - 1) * periodKnots
	sum := s.totalsAt(k)
	state := s.seen(k)
	for n := first; n <= last; n++ {
		out = append(out, s.row(&k, &sum, &state))
	}
	return out
}

// momentSeconds is local time in whole seconds, as the knots count it.
func momentSeconds(t time.Time) int64 { return int64(momentOf(t)) }

// row makes one row from the knot k, the totals and the state there, and
// leaves all three at the row's end.
func (s *station) row(k *int64, sum *counterTotals, state *knot) grid.Sample {
	begin := *sum
	var amps, volts [3]float64
	for range periodKnots {
		next := s.seen(*k + 1)
		middle := between(state, &next, .5)
		for i := range 3 {
			// Simpson's rule: currents are not quite straight between knots.
			amps[i] += (state.amps(i) + 4*middle.amps(i) + next.amps(i)) / 6
			volts[i] += (state.u[i] + next.u[i]) / 2
		}
		sum.add(state, &next, 1)
		*state = next
		*k++
	}
	var v grid.Values
	for i := range 3 {
		v.Set(grid.Ua+grid.Quantity(i), volts[i]/float64(periodKnots)/s.ratio.VT)
		v.Set(grid.Ia+grid.Quantity(i), amps[i]/float64(periodKnots)/s.ratio.CT)
	}
	perHour := Period.Hours() * s.ratio.Product()
	v.Set(grid.P, (sum[0]-begin[0]-sum[1]+begin[1])/perHour)
	v.Set(grid.Q, (sum[2]-begin[2]-sum[3]+begin[3])/perHour)
	end := time.Unix(*k*knotSeconds-zoneSeconds, 0).UTC()
	s.show(&v, sum, end)
	return grid.Sample{
		End:      end,
		Interval: Period,
		Values:   v,
	}
}
