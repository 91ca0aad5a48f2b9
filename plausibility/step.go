package plausibility

import (
	"math"
	"time"

	"phutai/grid"
)

// step looks for CTs that were exchanged while the register stayed. All three
// currents change by one factor between two readings, a factor of standard CTs,
// while the habit of that hour has no such change; and the load stays there. A
// load that comes or goes differs between the phases or in its angle, follows a
// habit, or passes. While the sun on roofs feeds in, which turns the power away
// from its angle by night, nothing is begun and nothing is proved.
type step struct {
	// Habit is the sum of currents, A, by kind of day (working day, Saturday,
	// Sunday) and quarter of an hour, as a running mean; 0: not known.
	Habit  [3][96]float32
	Recent [2]moment // the newest last
	Night  float64   // angle of the power by night, degrees, a running mean
	Nights int
	Level  float64 // ln of present over habitual load, a running mean
	Levels int
	Try    trial
}

// moment is one reading as far as steps go.
type moment struct {
	At    time.Time
	I     [3]float64
	Over  float64 // ln of the sum over its habit
	Angle float64 // of the power, degrees
	Ok    bool
}

// trial is a step that has yet to prove that it stays.
type trial struct {
	At       time.Time // zero: none
	Factor   float64   // by which the currents changed
	Level    float64   // ln of load over habit before it
	Over     float64   // the same of the reading before it
	As       float64   // primary current of the CT that would explain it, A
	N, For   int
	Before   [3]float64 // A
	After    [3]float64
	Found    bool
	Contrary run
}

const (
	stepGap    = time.Hour // between the two readings
	samePhases = 0.05      // of the factors of the three phases
	mostHabit  = 0.6       // of the step may be due to the hour's own change; a change that failed to come is no step
	offLevel   = 0.16      // of the step and the distance from the level before it, logarithmic
	noSun      = 8.0       // degrees from the angle by night: the sun on roofs turns the power
	sameAngle  = 6.0       // degrees; cos φ 0.92 and 0.96 are 7° apart
	standard   = 0.05      // of the factor and a ratio of standard CTs
	leastStep  = 1.2       // standard CTs of 4 and 5 are 1.25 apart
	mostStep   = 4.0
	habitGain  = 0.3 // a new day's weight in the habit
	levelGain  = 0.1
	levelLeast = 8 // readings before the level means something
)

// stepNeeds: a day's habit is past its turning points in half a day.
var stepNeeds = needs{12 * time.Hour, 20}

// standardCTs are primary currents of CTs, A: the standard ones of IEC 61869-2,
// their multiples, and others that are sold.
var standardCTs = [...]float64{10, 15, 20, 25, 30, 40, 50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 600, 750, 800, 1000, 1200, 1250, 1500, 1600, 2000, 2500}

// step needs the CT, three currents, P and Q, and the habit of some days of the same kind.
func (p *Point) step(f *Facts, v figures) []Verdict {
	s, at := &p.Step, v.r.At
	i, ok := v.three(grid.Ia)
	active, ok1 := v.get(grid.P)
	reactive, ok2 := v.get(grid.Q)
	amps := f.amps()
	if !ok || !ok1 || !ok2 || amps == 0 {
		return nil
	}
	sum := i[0] + i[1] + i[2]
	habit := s.habit(at.In(f.zone()))
	now := moment{At: at, I: i, Angle: math.Atan2(reactive, active) * 180 / math.Pi, Ok: min(i[0], i[1], i[2]) >= noCurrent*2*amps}
	if *habit > 0 && sum > 0 {
		now.Over = math.Log(sum / float64(*habit))
	} else {
		now.Ok = false
	}
	if dark(at) {
		s.Night += wrap(now.Angle-s.Night) * max(levelGain, 1/float64(s.Nights+1))
		s.Nights++
	}
	now.Ok = now.Ok && s.Nights >= levelLeast && math.Abs(wrap(now.Angle-s.Night)) <= noSun
	defer func() { s.Recent[0], s.Recent[1] = s.Recent[1], now }()
	switch {
	case !s.Try.At.IsZero():
		return s.prove(f, now)
	case now.Ok && s.Levels >= levelLeast && s.begin(f, now):
		return nil
	}
	if now.Ok {
		s.Level += (now.Over - s.Level) * max(levelGain, 1/float64(s.Levels+1))
		s.Levels++
	}
	if *habit == 0 {
		*habit = float32(sum)
	} else {
		*habit += (float32(sum) - *habit) * habitGain
	}
	return nil
}

func (s *step) habit(local time.Time) *float32 {
	kind := 0
	switch local.Weekday() {
	case time.Saturday:
		kind = 1
	case time.Sunday:
		kind = 2
	}
	return &s.Habit[kind][local.Hour()*4+local.Minute()/15]
}

// begin tells whether a step lies between one of the last two readings and this
// one; the exchange may fall between two polls, or take one.
func (s *step) begin(f *Facts, now moment) bool {
	for n := 1; n >= 0; n-- {
		old := s.Recent[n]
		if !old.Ok || now.At.Sub(old.At) > stepGap || math.Abs(wrap(now.Angle-old.Angle)) > sameAngle {
			continue
		}
		raw, ok := common(old.I, now.I)
		size := now.Over - old.Over // what is left when the hour's habitual change is taken away
		if !ok || math.Abs(size) < math.Log(leastStep) || math.Abs(size) > math.Log(mostStep) ||
			math.Abs(raw-size) > mostHabit*math.Abs(size) || math.Abs(size-(now.Over-s.Level)) > offLevel {
			continue
		}
		factor := math.Exp(size)
		if as, ok := explained(f.Point.CTPrimary, factor); ok {
			s.Try = trial{At: now.At, Factor: factor, Level: s.Level, Over: old.Over, As: as, Before: old.I, After: now.I}
			return true
		}
	}
	return false
}

// common gives the logarithm of the one factor by which three currents changed.
func common(before, after [3]float64) (float64, bool) {
	var each [3]float64
	for n := range 3 {
		each[n] = math.Log(after[n] / before[n])
	}
	mean := (each[0] + each[1] + each[2]) / 3
	for n := range 3 {
		if math.Abs(each[n]-mean) > samePhases {
			return 0, false
		}
	}
	return mean, true
}

// explained gives the standard CT that in place of the registered one changes the
// secondary current by factor: the nearest.
func explained(primary, factor float64) (float64, bool) {
	best, off := 0.0, math.Inf(1)
	for _, as := range standardCTs {
		if d := math.Abs(math.Log(primary / as / factor)); as != primary && d < off {
			best, off = as, d
		}
	}
	return best, off <= standard
}

// finish takes the first reading after a step that was caught half-way: what it
// has gone further in the same direction belongs to it.
func (t *trial) finish(f *Facts, now moment) {
	raw, ok := common(t.Before, now.I)
	size, so := now.Over-t.Over, math.Log(t.Factor)
	if !ok || size/so < 1+standard || math.Abs(size) > math.Log(mostStep) || math.Abs(raw-size) > mostHabit*math.Abs(size) {
		return
	}
	if as, ok := explained(f.Point.CTPrimary, math.Exp(size)); ok {
		t.Factor, t.As, t.After = math.Exp(size), as, now.I
	}
}

// prove takes a reading after a step: nearer to the new level or to the old one?
func (s *step) prove(f *Facts, now moment) []Verdict {
	t := &s.Try
	if !now.Ok {
		return nil
	}
	if t.N == 0 {
		t.finish(f, now)
	}
	size := math.Log(t.Factor)
	stays := (now.Over-t.Level)/size > 0.5
	t.N++
	if stays {
		t.For++
	}
	v := Verdict{Check: grid.RatioStep, At: now.At}
	switch {
	case t.Found && !stays:
		if t.Contrary.extend(now.At); t.Contrary.ripe(clearAfter) {
			v.Outcome = Gone
			*s = step{}
			return []Verdict{v}
		}
		return nil
	case !t.Found && t.N >= 6 && t.For*10 < t.N*8:
		s.Try = trial{}
		return nil
	case !stays, !t.Found && (t.N < stepNeeds.n || now.At.Sub(t.At) < stepNeeds.span):
		return nil
	}
	t.Found, t.Contrary = true, run{}
	v.Outcome, v.Since = Found, t.At
	v.Evidence = []grid.Figure{
		figure("factor", "%.3f", t.Factor),
		figure("register_ct", "%g/%g", f.Point.CTPrimary, f.Point.CTSecondary),
		figure("as_ct", "%g/%g", t.As, f.Point.CTSecondary),
		figure("before", "%.0f, %.0f, %.0f A", t.Before[0], t.Before[1], t.Before[2]),
		figure("after", "%.0f, %.0f, %.0f A", t.After[0], t.After[1], t.After[2]),
	}
	return []Verdict{v}
}
