package sim

import (
	"math"
	"time"

	"phutai/grid"
)

// The faults that Config.Faults can put into a sound point, beside OtherRatio.
// They lie between the load and what the meter tells of it: the load itself, and
// what Expect makes of it, stays what it was.
const (
	ExchangedCT    Fault = "exchanged-ct"    // from a date on a CT of another ratio, while the register stays
	SwappedPhases  Fault = "swapped-phases"  // the currents of A and B are at each other's voltages
	ReversedPhase  Fault = "reversed-phase"  // the current of B flows the wrong way through its CT
	ExchangedMeter Fault = "exchanged-meter" // another meter, with counters of its own
	DriftingClock  Fault = "drifting-clock"  // the meter's clock gains
)

// Injection is a fault that the catalogue does not have.
type Injection struct {
	Fault Fault
	From  time.Time // when it begins; zero: ever. OtherRatio knows no date.
	CT    float64   // of OtherRatio, ExchangedCT: the other CT's primary current, A
	Gain  float64   // of DriftingClock: by how many seconds a day it gains
}

// inject takes up what the configuration wants of this point.
func (s *station) inject(c Config) {
	in, ok := c.Faults[s.point.ID]
	if !ok {
		return
	}
	s.injected = in
	if in.Fault == OtherRatio {
		s.ownCT = in.CT
	}
}

// wrongAt tells whether an injected fault is there at t.
func (s *station) wrongAt(f Fault, t time.Time) bool {
	return s.injected.Fault == f && !t.Before(s.injected.From)
}

// seen gives the state at knot k as the meter sees it, in the register's ratio.
func (s *station) seen(k int64) knot {
	out := s.knot(k)
	if s.injected.Fault == NoFault {
		return out
	}
	t := time.Unix(k*knotSeconds-zoneSeconds, 0)
	switch {
	case s.wrongAt(ExchangedCT, t):
		part := s.point.CTPrimary / s.injected.CT
		for i := range 3 {
			out.p[i] *= part
			out.q[i] *= part
		}
	case s.wrongAt(ReversedPhase, t):
		out.p[1], out.q[1] = -out.p[1], -out.q[1]
	case s.wrongAt(SwappedPhases, t):
		pa, qa := turn(out.p[1], out.q[1], out.u[0]/out.u[1], 2*math.Pi/3)
		out.p[1], out.q[1] = turn(out.p[0], out.q[0], out.u[1]/out.u[0], -2*math.Pi/3)
		out.p[0], out.q[0] = pa, qa
	}
	return out
}

// turn gives the power of a current at another voltage, which leads its own by
// the angle.
func turn(p, q, volts, angle float64) (float64, float64) {
	sin, cos := math.Sincos(angle)
	return volts * (p*cos - q*sin), volts * (p*sin + q*cos)
}

// before gives what ran through the counters of an earlier meter, and false
// where the first still stands.
func (s *station) before(t time.Time) (counterTotals, bool) {
	if !s.wrongAt(ExchangedMeter, t) {
		return counterTotals{}, false
	}
	k, _ := knotBefore(s.injected.From)
	return s.totalsAt(k), true
}

// plate gives what the meter says about itself at t; Modbus meters say nothing.
func (s *station) plate(t time.Time) grid.Plate {
	if s.modbus {
		return grid.Plate{}
	}
	return grid.Plate{
		Serial: s.serial(t),
		CTNum:  s.ownCT, CTDen: s.point.CTSecondary, VTNum: s.point.VTPrimary, VTDen: s.point.VTSecondary,
	}
}

func (s *station) serial(t time.Time) string {
	if s.wrongAt(ExchangedMeter, t) {
		return "7" + string(s.meter.ID)[1:]
	}
	return string(s.meter.ID)
}

// clockOffset gives the meter's clock minus the true time at t.
func (s *station) clockOffset(t time.Time) time.Duration {
	if !s.wrongAt(DriftingClock, t) {
		return 0
	}
	return time.Duration(s.injected.Gain * t.Sub(s.injected.From).Hours() / 24 * float64(time.Second))
}

// Plate gives what the point's meter says about itself at t: nothing where it is
// a Modbus meter.
func (p *Province) Plate(id grid.PointID, t time.Time) (grid.Plate, error) {
	s, err := p.station(id)
	if err != nil {
		return grid.Plate{}, err
	}
	return s.plate(t), nil
}

// ClockOffset gives the clock of the point's meter minus the true time; false
// where it has no clock.
func (p *Province) ClockOffset(id grid.PointID, t time.Time) (time.Duration, bool) {
	s, err := p.station(id)
	if err != nil || s.modbus {
		return 0, false
	}
	return s.clockOffset(t), true
}
