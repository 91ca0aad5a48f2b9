package collector

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"phutai/grid"
)

// A record is a reading as the spool keeps it: a version byte, then numbers as
// varints, figures as their 64 bits, and two texts. A spool outlives the program
// that wrote it, so versions are added and never changed. Version 2 is a tombstone;
// version 3 is a reading of version 1 with a plate behind it.
const (
	recordVersion = 1
	plateVersion  = 3
)

// Flags of a record.
const (
	flagPolled = 1 << iota
	flagClock
)

var errRecord = errors.New("record of the spool is damaged")

func appendRecord(b []byte, r *grid.Reading) []byte {
	var flags byte
	if !r.PolledAt.IsZero() {
		flags |= flagPolled
	}
	if r.ClockKnown {
		flags |= flagClock
	}
	version := byte(recordVersion)
	if r.Plate != nil {
		version = plateVersion
	}
	b = append(b, version, byte(r.Source), byte(r.Missing), flags)
	b = binary.AppendVarint(b, r.At.UnixMilli())
	b = binary.AppendVarint(b, r.Interval.Milliseconds())
	if flags&flagPolled != 0 {
		b = binary.AppendVarint(b, r.PolledAt.UnixMilli())
	}
	if flags&flagClock != 0 {
		b = binary.AppendVarint(b, r.ClockOffset.Milliseconds())
	}
	b = binary.AppendUvarint(b, uint64(r.Quality))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Ratio))
	b = binary.AppendUvarint(b, uint64(r.Values.Mask()))
	for _, x := range r.Values.All() {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	b = appendText(b, string(r.Point))
	b = appendText(b, r.Detail)
	if r.Plate != nil {
		b = appendPlate(b, r.Plate)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// parseRecord reads what appendRecord writes; of a tombstone it gives the absence.
func parseRecord(b []byte) (grid.Reading, error) {
	if isTombstone(b) {
		t, err := parseTombstone(b)
		return t.reading(), err
	}
	if len(b) < 4 || b[0] != recordVersion && b[0] != plateVersion {
		return grid.Reading{}, errRecord
	}
	flags := b[3]
	r := grid.Reading{Source: grid.Source(b[1]), Missing: grid.Reason(b[2])}
	c := cursor{b: b[4:]}
	r.At = time.UnixMilli(c.varint()).UTC()
	r.Interval = time.Duration(c.varint()) * time.Millisecond
	if flags&flagPolled != 0 {
		r.PolledAt = time.UnixMilli(c.varint()).UTC()
	}
	if flags&flagClock != 0 {
		r.ClockKnown, r.ClockOffset = true, time.Duration(c.varint())*time.Millisecond
	}
	r.Quality = grid.Quality(c.uvarint())
	r.Ratio = c.float()
	mask := c.uvarint()
	if mask>>grid.NumQuantities != 0 {
		return grid.Reading{}, errRecord
	}
	for q := range grid.NumQuantities {
		if mask&(1<<q) != 0 {
			r.Values.Set(q, c.float())
		}
	}
	r.Point = grid.PointID(c.text())
	r.Detail = c.text()
	if b[0] == plateVersion {
		r.Plate = c.plate()
	}
	if c.bad || len(c.b) != 0 {
		return grid.Reading{}, errRecord
	}
	return r, nil
}

// cursor reads a record from the front; the first fault makes the rest zero.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if c.bad || n <= 0 || n > len(c.b) {
		c.bad, c.b = true, nil
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) varint() int64 {
	x, n := binary.Varint(c.b)
	c.take(n)
	return x
}

func (c *cursor) uvarint() uint64 {
	x, n := binary.Uvarint(c.b)
	c.take(n)
	return x
}

func (c *cursor) float() float64 {
	if raw := c.take(8); raw != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(raw))
	}
	return 0
}

func (c *cursor) text() string {
	n := c.uvarint()
	if n == 0 || c.bad || n > uint64(len(c.b)) {
		c.bad = c.bad || n != 0
		return ""
	}
	return string(c.take(int(n)))
}
