package sim

import (
	"time"

	"phutai/grid"
)

// counterTotals are the energies since the epoch, primary, in kWh and kvarh:
// active imported and exported, reactive imported and exported.
type counterTotals [4]float64

// blockKnots is how many knots lie between two remembered totals, six hours: a
// compromise between memory and the work that an instant costs.
const blockKnots = 36

// knotHours is the distance of two knots in hours.
const knotHours = knotSeconds / 3600.0

// add moves the totals on from state a by the given part of the straight way
// to state b. Each total is an exact integral.
func (c *counterTotals) add(a, b *knot, part float64) {
	pa, qa := a.totals()
	pb, qb := b.totals()
	pb, qb = pa+(pb-pa)*part, qa+(qb-qa)*part
	hours := part * knotHours
	c[0] += above(pa, pb) * hours
	c[1] += above(-pa, -pb) * hours
	c[2] += above(qa, qb) * hours
	c[3] += above(-qa, -qb) * hours
}

// above gives the mean of the positive part of a straight line from a to b.
func above(a, b float64) float64 {
	switch {
	case a >= 0 && b >= 0:
		return (a + b) / 2
	case a <= 0 && b <= 0:
		return 0
	case a > 0:
		return a * a / (2 * (a - b))
	}
	return b * b / (2 * (b - a))
}

// totalsAt gives the totals at knot k: nothing before the epoch.
func (s *station) totalsAt(k int64) counterTotals {
	if k <= s.epoch {
		return counterTotals{}
	}
	block := (k - s.epoch) / blockKnots
	sum := s.totalsAtBlock(block)
	return s.sumUp(sum, s.epoch+block*blockKnots, k)
}

// totalsAtBlock gives the totals at the start of a block and remembers those
// on the way there.
func (s *station) totalsAtBlock(block int64) counterTotals {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sums) == 0 {
		s.sums = append(s.sums, counterTotals{})
	}
	for n := int64(len(s.sums)); n <= block; n++ {
		from := s.epoch + (n-1)*blockKnots
		s.sums = append(s.sums, s.sumUp(s.sums[n-1], from, from+blockKnots))
	}
	return s.sums[block]
}

func (s *station) sumUp(sum counterTotals, from, to int64) counterTotals {
	if from >= to {
		return sum
	}
	a := s.seen(from)
	for k := from; k < to; k++ {
		b := s.seen(k + 1)
		sum.add(&a, &b, 1)
		a = b
	}
	return sum
}

// show puts the totals at t into v as the meter's counters show them, secondary.
func (s *station) show(v *grid.Values, c *counterTotals, t time.Time) {
	gone, another := s.before(t)
	for i, q := range [4]grid.Quantity{grid.EaImp, grid.EaExp, grid.ErImp, grid.ErExp} {
		base, _ := s.base.Get(q)
		if another {
			base = 0
		}
		v.Set(q, base+(c[i]-gone[i])/s.ratio.Product())
	}
}
