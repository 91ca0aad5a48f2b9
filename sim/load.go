package sim

import "math"

// knot is the electrical state of a metering point at one knot, primary side.
type knot struct {
	p, q [3]float64 // kW and kvar of the phases
	u    [3]float64 // V, phase to neutral
}

// between gives the state at a part of the way from a to b.
func between(a, b *knot, part float64) knot {
	if part == 0 {
		return *a
	}
	var k knot
	for i := range 3 {
		k.p[i] = a.p[i] + (b.p[i]-a.p[i])*part
		k.q[i] = a.q[i] + (b.q[i]-a.q[i])*part
		k.u[i] = a.u[i] + (b.u[i]-a.u[i])*part
	}
	return k
}

// totals gives active and reactive power of the three phases together.
func (k *knot) totals() (p, q float64) {
	return k.p[0] + k.p[1] + k.p[2], k.q[0] + k.q[1] + k.q[2]
}

// amps gives the magnitude of a phase's current: what its apparent power and
// its voltage leave no choice about.
func (k *knot) amps(phase int) float64 {
	return math.Hypot(k.p[phase], k.q[phase]) * 1000 / k.u[phase]
}

// How far chance moves a load. Small beside the distance that the catalogue's
// peaks keep from the limits.
const (
	knotNoise  = 0.006
	dayNoise   = 0.05
	shareNoise = 0.02
	voltNoise  = 0.004
)

// knot works out the state at knot k.
func (s *station) knot(k int64) knot {
	m := knotAt(k)
	load := s.scale * s.shape.at(m, s.weather.heatAt(k)) * s.dayFactor(m)
	steady := s.steady && s.isSteadyAt(m)
	cos := s.shape.cosPhi
	if !steady { // a current stands still between knots only where the angle does
		cos += .015 * sway(s.seed, forPowerFactor, k)
	}
	sin := math.Sqrt(1 - cos*cos)
	load *= 1 + knotNoise*sway(s.seed, forLoad, k)
	sun := s.sun(m, k)

	var out knot
	for i := range 3 {
		loadI := load * s.share[i]
		if s.share[i] < 1 {
			loadI *= 1 + shareNoise*sway(s.seed, forSharing, 4*k+int64(i))
		}
		amps := loadI * s.ratedAmps
		if steady {
			amps = [3]float64{SteadyAmpsA, SteadyAmpsB, SteadyAmpsC}[i]
		}
		// The voltage sags with the load and with the feeder's, which is
		// heaviest when everybody's is.
		volts := s.nominalVolts * (1.02 - .045*loadI + voltNoise*sway(s.seed, forVoltage, 4*k+int64(i)))
		kva := volts * amps / 1000
		out.p[i] = kva*cos - sun
		out.q[i] = kva * sin
		out.u[i] = volts
	}
	return out
}

// isSteadyAt tells whether m lies in the steady evening.
func (s *station) isSteadyAt(m moment) bool {
	if m.day() != s.weather.hotDay {
		return false
	}
	hour := m.hour()
	return hour >= SteadyFrom.Hours() && hour <= SteadyTo.Hours()
}

// dayFactor is how this day differs from others, gliding from noon to noon; 1
// on the hot day and the two beside it, whose peaks are set by the catalogue.
func (s *station) dayFactor(m moment) float64 {
	noon := m.day()
	part := m.hour()/24 - .5
	if part < 0 {
		noon, part = noon-1, part+1
	}
	return 1 + dayNoise*(s.daySway(noon)*(1-part)+s.daySway(noon+1)*part)
}

func (s *station) daySway(day int64) float64 {
	if d := day - s.weather.hotDay; d >= -1 && d <= 1 {
		return 0
	}
	return sway(s.seed, forDayLoad, day)
}

// sun is what the roofs feed in on each phase at m, kW.
func (s *station) sun(m moment, k int64) float64 {
	const rise, set = 5.6, 18.4
	hour := m.hour()
	if s.solar == 0 || hour <= rise || hour >= set {
		return 0
	}
	height := math.Sin(math.Pi * (hour - rise) / (set - rise))
	clouds := .84 + .12*sway(s.seed, forCloud, k)
	return s.solar * s.ratedKVA / 3 * height * math.Sqrt(height) * clouds
}
