package mqtt

import (
	"strconv"

	"phutai/grid"
)

// envelope is room for the epoch, the first sequence number and the brackets;
// voidSize for a range of void numbers.
const (
	envelope = maxText + 128
	voidSize = len("[18446744073709551615,18446744073709551615],")
)

// Split cuts a run of readings into batches that keep both bounds. Sequence
// numbers go on from one batch to the next, and void numbers are told with the
// first. A batch shares the readings with b.
func Split(b grid.Batch) []grid.Batch {
	var out []grid.Batch
	start, size, void := 0, envelope+voidSize*len(b.Void), b.Void
	cut := func(end int) {
		if end > start {
			out = append(out, grid.Batch{
				Collector: b.Collector, Epoch: b.Epoch,
				FirstSeq: b.FirstSeq + uint64(start), Readings: b.Readings[start:end], Void: void,
			})
			void = nil
		}
		start, size = end, envelope
	}
	for i := range b.Readings {
		n := wireSize(&b.Readings[i])
		if i-start == MaxReadings || size+n > MaxPayload {
			cut(i)
		}
		size += n
	}
	cut(len(b.Readings))
	return out
}

// wireSize is an upper bound of what a reading takes, without encoding it.
func wireSize(r *grid.Reading) int {
	const fixed, escaped = 220, 6 // a byte of text takes up to six as \u00XX
	size := fixed + escaped*(len(r.Point)+min(len(r.Detail), maxText))
	var buf [32]byte
	for q, x := range r.Values.All() {
		size += len(q.String()) + len(`"":,`) + len(strconv.AppendFloat(buf[:0], x, 'g', -1, 64)) + len("000000")
	}
	if r.Plate != nil {
		const numbers = 180 // the names and four figures of at most 24 bytes
		size += numbers + escaped*min(len(r.Plate.Serial), maxSerial)
	}
	return size
}
