package pack

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"phutai/grid"
)

// loadingFormat is what rows are written in. It has the grade of the phase
// currents and the interval, which rows of format1 do not have.
const loadingFormat = 2

// loadingScale keeps three decimals of every derived figure: 1 mA, 1 W,
// a thousandth of a percent.
const loadingScale = 1000

// figures lists the derived figures in the order in which they are written;
// append only.
func figures(l *grid.Loading) [16]*grid.Float {
	return [...]*grid.Float{
		&l.PhaseMaxPct, &l.LoadingPct, &l.SKVA, &l.PKW, &l.Amps[0], &l.Amps[1], &l.Amps[2],
		&l.NeutralA, &l.UnbalancePct, &l.HeadroomKVA, &l.AmbientC, &l.TopOilC, &l.HotSpotC,
		&l.Ageing, &l.MinutesToHit, &l.TrendPctPerHr,
	}
}

// AppendLoading appends the body of a derived row. The transformer, the source
// and the time are in its key; point is the number of the metering point. An
// unknown figure stays unknown, a figure that is no number becomes unknown.
func AppendLoading(dst []byte, point int64, l *grid.Loading) []byte {
	dst = append(dst, loadingFormat, byte(l.Grade), byte(l.WorstPhase), byte(l.Governor), byte(l.PhaseGrade))
	dst = binary.AppendUvarint(dst, uint64(max(0, l.Interval.Milliseconds())))
	dst = binary.AppendUvarint(dst, uint64(point))
	dst = binary.AppendVarint(dst, scaleLoading(l.LimitA))
	all := figures(l)
	var known uint64
	for i, f := range all {
		if f.Known && storable(f.X) {
			known |= 1 << i
		}
	}
	dst = binary.AppendUvarint(dst, known)
	for i, f := range all {
		if known&(1<<i) != 0 {
			dst = binary.AppendVarint(dst, scaleLoading(f.X))
		}
	}
	return dst
}

// Loading reads what AppendLoading wrote into l, and gives the number of the
// metering point. It leaves transformer, point, source and time alone. A row
// that was written without them has the row's grade for that of the phase
// currents, and no interval.
func Loading(b []byte, l *grid.Loading) (point int64, err error) {
	b, ok := loadingHead(b, l)
	if !ok {
		return 0, fmt.Errorf("loading: %w", ErrDamaged)
	}
	p, b, ok := uvarint(b)
	if !ok || p > MaxNumber {
		return 0, fmt.Errorf("loading: %w", ErrDamaged)
	}
	limit, b, ok := varint(b)
	if !ok {
		return 0, fmt.Errorf("loading: %w", ErrDamaged)
	}
	l.LimitA = float64(limit) / loadingScale
	known, b, ok := uvarint(b)
	if !ok || known >= 1<<16 {
		return 0, fmt.Errorf("loading: %w", ErrDamaged)
	}
	for i, f := range figures(l) {
		*f = grid.Float{}
		if known&(1<<i) == 0 {
			continue
		}
		var x int64
		if x, b, ok = varint(b); !ok {
			return 0, fmt.Errorf("loading: %w", ErrDamaged)
		}
		*f = grid.Known(float64(x) / loadingScale)
	}
	if len(b) != 0 {
		return 0, fmt.Errorf("loading: %w", ErrDamaged)
	}
	return int64(p), nil
}

// maxIntervalMS is far beyond any interval, and within what a Duration holds.
const maxIntervalMS = 1 << 40

// loadingHead reads the part that differs by format, and gives the rest.
func loadingHead(b []byte, l *grid.Loading) ([]byte, bool) {
	if len(b) < 5 || b[0] != format1 && b[0] != loadingFormat {
		return nil, false
	}
	l.Grade, l.WorstPhase, l.Governor = grid.Grade(b[1]), grid.Phase(b[2]), grid.Governor(b[3])
	l.PhaseGrade, l.Interval = l.Grade, 0
	if b[0] == format1 {
		return b[4:], true
	}
	l.PhaseGrade = grid.Grade(b[4])
	ms, b, ok := uvarint(b[5:])
	l.Interval = time.Duration(ms) * time.Millisecond
	return b, ok && ms <= maxIntervalMS
}

func storable(x float64) bool { return math.Abs(x*loadingScale) <= maxScaled } // false for NaN

func scaleLoading(x float64) int64 {
	if !storable(x) {
		return 0
	}
	return int64(math.Round(x * loadingScale))
}
