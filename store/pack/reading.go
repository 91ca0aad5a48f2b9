package pack

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"phutai/grid"
)

// Shape is what the readings of a point have in common, and is therefore
// written once and referred to by number: which quantities there are, the
// ratio that made them primary, and the interval of a profile row.
type Shape struct {
	Mask     uint32
	Ratio    float64
	Interval time.Duration // whole milliseconds
}

// ShapeOf gives the shape of a reading.
func ShapeOf(r *grid.Reading) Shape {
	return Shape{Mask: r.Values.Mask(), Ratio: r.Ratio, Interval: r.Interval.Truncate(time.Millisecond)}
}

// The first byte holds the format and which optional parts follow.
const (
	format1    = 1
	formatMask = 0x0f

	hasQuality = 0x10
	hasClock   = 0x20
	hasPolled  = 0x40 // absent: polled at the time of the key
	hasDetail  = 0x80
)

// maxScaled bounds a figure in units of its last decimal place. Up to 2⁵³ they
// are whole numbers in every program that reads them as a float; the three bits
// less let the figure itself survive being divided and multiplied again.
const maxScaled = 1 << 50

// never stands for the zero time as the difference to PolledAt.
const never = math.MinInt64

// maxOffset bounds differences of time in milliseconds: what a Duration holds.
const maxOffset = math.MaxInt64 / int64(time.Millisecond)

// CheckValue tells why a primary value cannot be stored, or nil.
func CheckValue(q grid.Quantity, x float64) error {
	if math.IsNaN(x) || math.Abs(x*math.Pow10(q.Decimals())) > maxScaled {
		return fmt.Errorf("%s is %v", q, x)
	}
	return nil
}

// AppendReading appends the body of a reading with values to dst. Its key and
// its shape, here by number, are kept beside it. Values are kept to the
// resolution of their quantity, times to the millisecond.
func AppendReading(dst []byte, shape int64, r *grid.Reading) ([]byte, error) {
	start := len(dst)
	flags := byte(format1)
	dst = append(dst, 0)
	dst = binary.AppendUvarint(dst, uint64(shape))
	if r.Quality != 0 {
		flags |= hasQuality
		dst = binary.AppendUvarint(dst, uint64(r.Quality))
	}
	if r.ClockKnown {
		flags |= hasClock
		dst = binary.AppendVarint(dst, r.ClockOffset.Milliseconds())
	}
	if d := polledDelta(r.PolledAt, r.At); d != 0 {
		flags |= hasPolled
		dst = binary.AppendVarint(dst, d)
	}
	if r.Detail != "" {
		flags |= hasDetail
		dst = appendText(dst, r.Detail)
	}
	dst[start] = flags

	var scaled [grid.NumQuantities]int64
	var seen uint32
	for q, x := range r.Values.All() {
		if err := CheckValue(q, x); err != nil {
			return dst[:start], fmt.Errorf("pack reading of %s: %w", r.Point, err)
		}
		scaled[q] = int64(math.Round(x * math.Pow10(q.Decimals())))
		dst = binary.AppendVarint(dst, scaled[q]-guess(q, seen, &scaled))
		seen |= 1 << q
	}
	return dst, nil
}

// ReadingShape gives the number of the shape that a body refers to.
func ReadingShape(body []byte) (int64, error) {
	if len(body) == 0 || body[0]&formatMask != format1 {
		return 0, ErrDamaged
	}
	n, _, ok := uvarint(body[1:])
	if !ok || n > math.MaxInt64 {
		return 0, ErrDamaged
	}
	return int64(n), nil
}

// Reading reads what AppendReading wrote, with the shape that ReadingShape's
// number stands for. Point, source and time are given by the key.
func Reading(body []byte, shape Shape, key grid.Key) (grid.Reading, error) {
	r := grid.Reading{
		Point: key.Point, Source: key.Source, At: key.At, PolledAt: key.At,
		Ratio: shape.Ratio, Interval: shape.Interval,
	}
	if _, err := ReadingShape(body); err != nil {
		return r, err
	}
	flags := body[0]
	_, b, ok := uvarint(body[1:])
	var u uint64
	var d int64
	if ok && flags&hasQuality != 0 {
		u, b, ok = uvarint(b)
		r.Quality = grid.Quality(u)
	}
	if ok && flags&hasClock != 0 {
		d, b, ok = varint(b)
		ok = ok && d <= maxOffset && d >= -maxOffset
		r.ClockOffset, r.ClockKnown = time.Duration(d)*time.Millisecond, true
	}
	if ok && flags&hasPolled != 0 {
		d, b, ok = varint(b)
		ok = ok && (d == never || d <= maxOffset && d >= -maxOffset)
		r.PolledAt = polledAt(d, key.At)
	}
	if ok && flags&hasDetail != 0 {
		r.Detail, b, ok = text(b)
	}
	var scaled [grid.NumQuantities]int64
	var seen uint32
	for q := range grid.NumQuantities {
		if shape.Mask&(1<<q) == 0 || !ok {
			continue
		}
		if d, b, ok = varint(b); !ok {
			break
		}
		d += guess(q, seen, &scaled)
		if d > maxScaled || d < -maxScaled {
			return r, ErrDamaged
		}
		scaled[q] = d
		seen |= 1 << q
		r.Values.Set(q, float64(d)/math.Pow10(q.Decimals()))
	}
	if !ok || len(b) != 0 {
		return r, ErrDamaged
	}
	return r, nil
}

func polledDelta(polled, at time.Time) int64 {
	if polled.IsZero() {
		return never
	}
	d := polled.UnixMilli() - at.UnixMilli()
	if d > maxOffset || d < -maxOffset {
		return never // nobody asked three centuries away
	}
	return d
}

func polledAt(delta int64, at time.Time) time.Time {
	if delta == never {
		return time.Time{}
	}
	return time.UnixMilli(at.UnixMilli() + delta).UTC()
}

func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func text(b []byte) (string, []byte, bool) {
	n, b, ok := uvarint(b)
	if !ok || n > uint64(len(b)) {
		return "", nil, false
	}
	return string(b[:n]), b[n:], true
}
