package loading

import (
	"cmp"
	"math"
	"time"

	"phutai/grid"
)

// Derive is Measure with the interval of what stands for the time between two
// polls: the station's own, or else every.
func Derive(r grid.Reading, st Station, every time.Duration) []grid.Loading {
	ls := Measure(r, st)
	for i := range ls {
		if ls[i].Source != grid.Profile {
			ls[i].Interval = cmp.Or(max(st.Every, 0), every)
		}
	}
	return ls
}

// Measure gives the loading of each transformer behind the station's point by
// one reading with primary values; no temperature, trend or time to limit. It
// gives none for an absence. Where several transformers share the point and
// their ratings are not all known, nobody can say which carries what: each then
// has an equal part of the power, marked Estimated, and no current or percentage.
//
// With two-CT (Aron) metering no current of phase B is measured: the worst of
// the two measured phases counts, phase B stays unknown, and unbalance and
// neutral with it. On a three-CT point a missing phase makes the currents
// Suspect, so that no alarm is raised or cleared by half a measurement. A doubt
// about P, Q, S or the neutral shows in Grade and not in PhaseGrade: it says
// nothing about the phase currents. Of a reading of which all was made no grade is
// better than Estimated, also where neither currents nor S are among it.
func Measure(r grid.Reading, st Station) []grid.Loading {
	shares, known := Shares(st.Transformers)
	if r.Absent() || r.Values.Len() == 0 {
		return nil
	}
	if !known {
		return unshared(r, st)
	}
	out := make([]grid.Loading, len(st.Transformers))
	for i, t := range st.Transformers {
		out[i] = measure(r, st.Point, t, shares[i])
		if made(&r) {
			out[i].Grade, out[i].PhaseGrade = max(out[i].Grade, grid.Estimated), max(out[i].PhaseGrade, grid.Estimated)
		}
	}
	return out
}

// made tells whether no figure of a reading came from a meter.
func made(r *grid.Reading) bool {
	for q := range r.Values.All() {
		if r.Quality.Of(q) < grid.Estimated {
			return false
		}
	}
	return true
}

// unshared gives the power of a point in equal parts, so that sums stay right,
// and nothing that would tell the parts apart.
func unshared(r grid.Reading, st Station) []grid.Loading {
	out := make([]grid.Loading, len(st.Transformers))
	for i, t := range st.Transformers {
		l := grid.Loading{Transformer: t.ID, Point: st.Point.ID, At: r.At, Source: r.Source, Interval: r.Interval}
		power(&l, &r, st.Point, 1/float64(len(out)))
		l.Grade, l.PhaseGrade = max(l.Grade, grid.Estimated), grid.Estimated
		out[i] = l
	}
	return out
}

func measure(r grid.Reading, p grid.MeteringPoint, t grid.Transformer, share float64) grid.Loading {
	l := grid.Loading{Transformer: t.ID, Point: p.ID, At: r.At, Source: r.Source, Interval: r.Interval}
	phases := amps(&l, &r, p, share)
	if grade := power(&l, &r, p, share); !phases {
		l.PhaseGrade = grade // S stands for the currents
	}
	if n, ok := r.Values.Get(grid.In); ok {
		l.NeutralA = grid.Known(n * share)
		l.Grade = max(l.Grade, r.Quality.Of(grid.In))
	} else if p.Side != grid.MV && allKnown(l.Amps) {
		l.NeutralA = grid.Known(Neutral(l.Amps[0].X, l.Amps[1].X, l.Amps[2].X))
	}
	if allKnown(l.Amps) {
		if u, ok := Unbalance(l.Amps[0].X, l.Amps[1].X, l.Amps[2].X); ok {
			l.UnbalancePct = grid.Known(u)
		}
	}
	limit := LimitOf(p, t, share)
	if limit.A == 0 {
		l.WorstPhase = grid.NoPhase
		return l
	}
	l.LimitA, l.Governor = limit.A, limit.Governor
	if l.SKVA.Known {
		l.LoadingPct = grid.Known(100 * l.SKVA.X / t.RatedKVA)
	}
	if l.WorstPhase != grid.NoPhase {
		worst := l.Amps[l.WorstPhase-grid.PhaseA].X
		l.PhaseMaxPct = grid.Known(100 * worst / limit.A)
		l.HeadroomKVA = grid.Known((limit.A - worst) / t.RatedCurrent(p.Side) * t.RatedKVA)
	}
	return l
}

// amps fills the phase currents, the worst phase and the grade of both; false
// where none is measured.
func amps(l *grid.Loading, r *grid.Reading, p grid.MeteringPoint, share float64) bool {
	measured := 0
	for i, q := range [...]grid.Quantity{grid.Ia, grid.Ib, grid.Ic} {
		a, ok := r.Values.Get(q)
		if !ok || (p.Wiring == grid.TwoCT && q == grid.Ib) {
			continue // what an Aron meter shows for phase B is no measurement
		}
		measured++
		l.Amps[i] = grid.Known(a * share)
		l.PhaseGrade = max(l.PhaseGrade, r.Quality.Of(q))
		if l.WorstPhase == grid.NoPhase || a*share > l.Amps[l.WorstPhase-grid.PhaseA].X {
			l.WorstPhase = grid.PhaseA + grid.Phase(i)
		}
	}
	want := 3
	if p.Wiring == grid.TwoCT {
		want = 2
	}
	if measured > 0 && measured < want {
		l.PhaseGrade = max(l.PhaseGrade, grid.Suspect)
	}
	l.Grade = max(l.Grade, l.PhaseGrade)
	return measured > 0
}

// power fills S and P, and gives the grade of S. S is what the meter says, else
// from P and Q, else from voltages and currents of the phases.
func power(l *grid.Loading, r *grid.Reading, p grid.MeteringPoint, share float64) grid.Grade {
	pw, haveP := r.Values.Get(grid.P)
	if haveP {
		l.PKW = grid.Known(pw * share)
		l.Grade = max(l.Grade, r.Quality.Of(grid.P))
	}
	var grade grid.Grade
	s, haveS := r.Values.Get(grid.S)
	q, haveQ := r.Values.Get(grid.Q)
	switch {
	case haveS:
		grade = r.Quality.Of(grid.S)
	case haveP && haveQ:
		s, haveS = math.Hypot(pw, q), true
		grade = max(r.Quality.Of(grid.P), r.Quality.Of(grid.Q))
	case p.Wiring != grid.TwoCT:
		s, grade, haveS = phasePower(r)
	}
	if haveS {
		l.SKVA = grid.Known(s * share)
		l.Grade = max(l.Grade, grade)
	}
	return grade
}

// phasePower is ΣU·I in kVA with the voltages to neutral of three-CT metering,
// and the worst grade of what it is made of.
func phasePower(r *grid.Reading) (s float64, worst grid.Grade, ok bool) {
	for _, pair := range [...][2]grid.Quantity{{grid.Ua, grid.Ia}, {grid.Ub, grid.Ib}, {grid.Uc, grid.Ic}} {
		volts, okU := r.Values.Get(pair[0])
		amps, okI := r.Values.Get(pair[1])
		if !okU || !okI {
			return 0, grid.Good, false
		}
		s += volts * amps / 1000
		worst = max(worst, r.Quality.Of(pair[0]), r.Quality.Of(pair[1]))
	}
	return s, worst, true
}

func allKnown(fs [3]grid.Float) bool { return fs[0].Known && fs[1].Known && fs[2].Known }

// Neutral estimates the neutral current in A from the phase currents, with
// equal angles and no harmonics. With a third harmonic the true one is larger:
// a measured figure goes before it.
func Neutral(a, b, c float64) float64 {
	return math.Sqrt(max(0, a*a+b*b+c*c-a*b-b*c-c*a))
}

// Unbalance is (Imax-Iavg)/Iavg in %, false where no current flows.
func Unbalance(a, b, c float64) (float64, bool) {
	mean := (a + b + c) / 3
	if mean <= 0 {
		return 0, false
	}
	return 100 * (max(a, b, c) - mean) / mean, true
}
