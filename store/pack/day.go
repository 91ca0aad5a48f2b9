package pack

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"phutai/grid"
)

// peaks lists the peaks of a day in the order in which they are written; append
// only.
func peaks(d *grid.LoadDay) [4]*grid.Peak {
	return [...]*grid.Peak{&d.PhaseMaxPct, &d.LoadingPct, &d.SKVA, &d.HotSpotC}
}

// Bits of what else is known of a day, above those of the peaks.
const (
	dayPower  = 1 << 4
	dayEnergy = 1 << 5
)

// AppendDay appends the body of one source's sum of a day. Transformer, source
// and day are in its key.
func AppendDay(dst []byte, source grid.Source, d *grid.LoadDay) []byte {
	dst = append(dst, format1)
	counts := d.Instant
	if source == grid.Profile {
		counts = d.Profile
	}
	for _, n := range counts {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	since := func(t time.Time) int64 { return t.Sub(d.Day).Milliseconds() }
	dst = binary.AppendVarint(dst, since(d.Last))
	all := peaks(d)
	known := byte(0)
	for i, p := range all {
		if p.Known {
			known |= 1 << i
		}
	}
	if d.MinKW.Known && d.MaxKW.Known {
		known |= dayPower
	}
	if d.EnergyKWh.Known {
		known |= dayEnergy
	}
	dst = append(dst, known, byte(d.WorstPhase))
	for _, p := range all {
		if p.Known {
			dst = binary.AppendVarint(dst, scaleLoading(p.X))
			dst = binary.AppendVarint(dst, since(p.At))
			dst = append(dst, byte(p.Grade))
		}
	}
	if known&dayPower != 0 {
		dst = binary.AppendVarint(dst, scaleLoading(d.MinKW.X))
		dst = binary.AppendVarint(dst, scaleLoading(d.MaxKW.X))
	}
	if known&dayEnergy != 0 {
		// A sum goes on where it was left, so no bit of it is lost.
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(d.EnergyKWh.X))
		dst = binary.AppendVarint(dst, d.Covered.Milliseconds())
	}
	return dst
}

// Day reads what AppendDay wrote into d, whose Day is set. It leaves the
// transformer alone.
func Day(b []byte, source grid.Source, d *grid.LoadDay) error {
	r := dayReader{b: b, from: d.Day}
	if r.octet() != format1 {
		return fmt.Errorf("day of load: %w", ErrDamaged)
	}
	var counts [4]int
	for i := range counts {
		counts[i] = int(r.count())
	}
	d.Instant, d.Profile = counts, [4]int{}
	if source == grid.Profile {
		d.Instant, d.Profile = d.Profile, d.Instant
	}
	d.Last = r.moment()
	known := r.octet()
	d.WorstPhase = grid.Phase(r.octet())
	for i, p := range peaks(d) {
		*p = grid.Peak{}
		if known&(1<<i) != 0 {
			*p = grid.Peak{X: r.figure(), At: r.moment(), Grade: grid.Grade(r.octet()), Known: true}
		}
	}
	d.MinKW, d.MaxKW, d.EnergyKWh, d.Covered = grid.Float{}, grid.Float{}, grid.Float{}, 0
	if known&dayPower != 0 {
		d.MinKW, d.MaxKW = grid.Known(r.figure()), grid.Known(r.figure())
	}
	if known&dayEnergy != 0 {
		d.EnergyKWh = grid.Known(r.float())
		d.Covered = time.Duration(r.whole()) * time.Millisecond
	}
	if r.bad || len(r.b) != 0 {
		return fmt.Errorf("day of load: %w", ErrDamaged)
	}
	return nil
}

// dayReader takes one field after the other from a body; bad is set where one is
// not there.
type dayReader struct {
	b    []byte
	from time.Time
	bad  bool
}

// mostMS bounds times within a day, sums of intervals included.
const mostMS = 1 << 40

func (r *dayReader) octet() (x byte) {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	x, r.b = r.b[0], r.b[1:]
	return x
}

func (r *dayReader) count() uint64 {
	x, rest, ok := uvarint(r.b)
	if !ok || x > mostMS {
		r.bad = true
		return 0
	}
	r.b = rest
	return x
}

func (r *dayReader) whole() int64 {
	x, rest, ok := varint(r.b)
	if !ok {
		r.bad = true
		return 0
	}
	r.b = rest
	return x
}

func (r *dayReader) moment() time.Time {
	ms := r.whole()
	if ms < -mostMS || ms > mostMS {
		r.bad = true
		return time.Time{}
	}
	return r.from.Add(time.Duration(ms) * time.Millisecond)
}

func (r *dayReader) figure() float64 { return float64(r.whole()) / loadingScale }

func (r *dayReader) float() float64 {
	if len(r.b) < 8 {
		r.bad = true
		return 0
	}
	x := math.Float64frombits(binary.BigEndian.Uint64(r.b))
	r.b = r.b[8:]
	return x
}
