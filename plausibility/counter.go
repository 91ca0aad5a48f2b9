package plausibility

import (
	"math"
	"time"

	"phutai/grid"
)

// counters are the highest figures that the energy counters showed, kWh, kvarh.
type counters struct {
	Top    [4]float64
	Known  [4]bool
	Lower  [4]int // good readings below Top, one after the other
	Watch  watch
	Before float64 // of what was found
	After  float64
	Which  string
}

// confirmBack: one figure below the others may be a slip of the line.
const confirmBack = 2

// counters needs energy counters. A counter that was full and begins anew is no
// fault: its last figure was close below a power of ten or of 2³² tenths of a
// watt-hour, as counters of 32 bits have it, and the new one is small.
func (p *Point) counters(v figures) []Verdict {
	c, at := &p.Count, v.r.At
	back, seen := false, false
	for n := range 4 {
		x, ok := v.get(grid.EaImp + grid.Quantity(n))
		if !ok {
			continue
		}
		seen = true
		top := c.Top[n]
		switch {
		case !c.Known[n] || x >= top*(1-1e-6):
			c.Top[n], c.Known[n], c.Lower[n] = max(x, top), true, 0
			continue
		case rolled(top, x, v.r.Ratio):
			c.Top[n], c.Lower[n] = x, 0
			continue
		}
		if c.Lower[n]++; c.Lower[n] >= confirmBack {
			back = true
			c.Before, c.After, c.Which = top, x, (grid.EaImp + grid.Quantity(n)).String()
			c.Top[n], c.Lower[n] = x, 0
		}
	}
	if !seen {
		return nil
	}
	return c.Watch.judge(back, needs{0, 1}, Verdict{Check: grid.CounterBack, At: at}, func() []grid.Figure {
		return []grid.Figure{figure("counter", "%s", c.Which), figure("before", "%.1f", c.Before), figure("after", "%.1f", c.After)}
	})
}

func rolled(top, now, ratio float64) bool {
	if ratio <= 0 {
		ratio = 1
	}
	shown, small := top/ratio, now/ratio
	if small > 0.05*shown {
		return false
	}
	if next := math.Pow(10, math.Ceil(math.Log10(shown))); shown >= 0.95*next {
		return true
	}
	const full = 1 << 32 / 1e4 // kWh
	return shown >= 0.95*full && shown <= full
}

// balance compares a day's energy with the integral of its power.
type balance struct {
	From, Last time.Time
	P          float64 // kW, of the last reading
	Counter    float64 // kWh, import less export
	Power      float64 // kWh
	Gross      float64 // kWh, of the magnitude of the power
	Energy     float64 // kWh, by the counters
	Covered    time.Duration
	Watch      watch
}

const (
	balanceOver   = 24 * time.Hour
	balanceGap    = time.Hour // beyond that nobody knows the power in between
	balanceShare  = 0.8       // of the day that has to be covered
	balanceLeast  = 0.02      // of what the CT's rated current would make of the day
	balanceSlack  = 0.2       // readings a quarter of an hour apart are right within a few percent
	balanceOneWay = 0.7       // of the power must flow in one direction
)

// balance needs P, the energy counters and the CT.
func (p *Point) balance(f *Facts, v figures) []Verdict {
	b, at := &p.Balance, v.r.At
	power, ok1 := v.get(grid.P)
	imp, ok2 := v.get(grid.EaImp)
	u, ok3 := v.three(grid.Ua)
	if !ok1 || !ok2 || !ok3 || f.amps() == 0 {
		return nil
	}
	exp, _ := v.get(grid.EaExp)
	counter := imp - exp
	if gap := at.Sub(b.Last); !b.Last.IsZero() && gap <= balanceGap {
		hours := gap.Hours()
		b.Power += (power + b.P) / 2 * hours
		b.Gross += (math.Abs(power) + math.Abs(b.P)) / 2 * hours
		b.Energy += counter - b.Counter
		b.Covered += gap
	}
	full := (u[0] + u[1] + u[2]) / 1000 * f.amps() // kW at the CT's rated current
	if counter-b.Counter < -2*full*max(time.Minute, at.Sub(b.Last)).Hours() {
		*b = balance{Watch: b.Watch} // another counter: that is a case of its own
	}
	if b.From.IsZero() {
		b.From = at
	}
	b.Last, b.P, b.Counter = at, power, counter
	if at.Sub(b.From) < balanceOver {
		return nil
	}
	sum, gross, energy, covered := b.Power, b.Gross, b.Energy, b.Covered
	*b = balance{From: at, Last: at, P: power, Counter: counter, Watch: b.Watch}
	if covered < time.Duration(balanceShare*float64(balanceOver)) || gross < balanceLeast*full*balanceOver.Hours() || math.Abs(sum) < balanceOneWay*gross {
		return nil
	}
	wrong := math.Abs(energy-sum) > balanceSlack*math.Abs(sum)
	if !wrong && b.Watch.Found { // a day that fits is as long as clearAfter
		b.Watch = watch{}
		return []Verdict{{Outcome: Gone, Check: grid.EnergyBalance, At: at}}
	}
	if !wrong {
		return nil
	}
	return b.Watch.judge(true, needs{0, 1}, Verdict{Check: grid.EnergyBalance, At: at}, func() []grid.Figure {
		return []grid.Figure{figure("counter", "%.1f kWh", energy), figure("power", "%.1f kWh", sum), figure("ratio", "%.2f", energy/sum)}
	})
}
