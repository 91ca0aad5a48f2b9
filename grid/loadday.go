package grid

import "time"

// Peak is the greatest of a figure over some time. The zero value is unknown.
type Peak struct {
	X     float64
	At    time.Time
	Grade Grade // of the row that it comes from
	Known bool
}

// Over gives the greater of two peaks. A better grade goes before a greater
// figure: a doubtful peak is told only where there is no sound one. Of equal ones
// the earlier is given.
func (p Peak) Over(o Peak) Peak {
	switch {
	case !o.Known || !p.Known:
	case p.Grade != o.Grade:
		if o.Grade < p.Grade {
			return o
		}
		return p
	case o.X > p.X, o.X == p.X && o.At.Before(p.At):
		return o
	}
	if p.Known {
		return p
	}
	return o
}

// LoadDay sums up what one transformer carried on one local day. A row belongs
// to the day in which its interval starts (ValidAt).
type LoadDay struct {
	Transformer TransformerID
	Day         time.Time // its first moment
	Instant     [4]int    // rows derived from polls, by the grade of what is judged
	Profile     [4]int    // rows derived from the load profile
	Last        time.Time // the newest row

	PhaseMaxPct Peak  // worst phase current over its limit, %
	WorstPhase  Phase // the phase of PhaseMaxPct
	LoadingPct  Peak  // S/Sn, %
	SKVA        Peak
	HotSpotC    Peak
	MinKW       Float // the smallest P; negative: it flowed back
	MaxKW       Float
	// EnergyKWh is P over the intervals of the rows that have it, of the source
	// that covers more of the day; Covered is how much that is. It is no
	// register's: what was not read is not in it, unless a rule has made it.
	EnergyKWh Float
	Covered   time.Duration
}

// MeanKW is the mean of P over what is covered.
func (d *LoadDay) MeanKW() Float {
	if !d.EnergyKWh.Known || d.Covered <= 0 {
		return Float{}
	}
	return Known(d.EnergyKWh.X / d.Covered.Hours())
}

// Add takes one row of the day in. Rows of one source come in order of time.
func (d *LoadDay) Add(l *Loading) {
	counts := &d.Instant
	if l.Source == Profile {
		counts = &d.Profile
	}
	counts[l.PhaseGrade&3]++
	if l.At.After(d.Last) {
		d.Last = l.At
	}
	peak := func(f Float, g Grade) Peak { return Peak{f.X, l.At, g, f.Known} }
	worst := d.PhaseMaxPct.Over(peak(l.PhaseMaxPct, l.PhaseGrade))
	if worst != d.PhaseMaxPct {
		d.PhaseMaxPct, d.WorstPhase = worst, l.WorstPhase
	}
	d.LoadingPct = d.LoadingPct.Over(peak(l.LoadingPct, l.Grade))
	d.SKVA = d.SKVA.Over(peak(l.SKVA, l.Grade))
	d.HotSpotC = d.HotSpotC.Over(peak(l.HotSpotC, l.Grade))
	if !l.PKW.Known {
		return
	}
	d.MinKW, d.MaxKW = lesser(d.MinKW, l.PKW), greater(d.MaxKW, l.PKW)
	if l.Interval > 0 {
		d.EnergyKWh = Known(d.EnergyKWh.X + l.PKW.X*l.Interval.Hours())
		d.Covered += l.Interval
	}
}

// And joins what two sources say of the same day.
func (d LoadDay) And(o LoadDay) LoadDay {
	for i := range d.Instant {
		d.Instant[i] += o.Instant[i]
		d.Profile[i] += o.Profile[i]
	}
	if o.Last.After(d.Last) {
		d.Last = o.Last
	}
	if worst := d.PhaseMaxPct.Over(o.PhaseMaxPct); worst != d.PhaseMaxPct {
		d.PhaseMaxPct, d.WorstPhase = worst, o.WorstPhase
	}
	d.LoadingPct, d.SKVA, d.HotSpotC = d.LoadingPct.Over(o.LoadingPct), d.SKVA.Over(o.SKVA), d.HotSpotC.Over(o.HotSpotC)
	d.MinKW, d.MaxKW = lesser(d.MinKW, o.MinKW), greater(d.MaxKW, o.MaxKW)
	if o.Covered > d.Covered {
		d.EnergyKWh, d.Covered = o.EnergyKWh, o.Covered
	}
	return d
}

func lesser(a, b Float) Float {
	if !a.Known || b.Known && b.X < a.X {
		return b
	}
	return a
}

func greater(a, b Float) Float {
	if !a.Known || b.Known && b.X > a.X {
		return b
	}
	return a
}
