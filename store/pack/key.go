package pack

import (
	"fmt"
	"math"
	"time"

	"phutai/grid"
)

// A key is, from the top: the interned number of the point or transformer, one
// bit for the source, and the milliseconds since 2000-01-01. Integers that
// order like (number, source, time) make the table a plain rowid table.
const (
	timeBits   = 41
	sourceBits = 1
	numberBits = 63 - sourceBits - timeBits
	epochMilli = 946_684_800_000 // 2000-01-01T00:00:00Z
	timeMask   = 1<<timeBits - 1
)

// MaxNumber is the largest number that fits into a key: two million points.
const MaxNumber = 1<<numberBits - 1

// MaxKey is above every key.
const MaxKey = math.MaxInt64

// earliest and latest bound the times that fit into a key: 2000 to 2069.
var (
	earliest = time.UnixMilli(epochMilli).UTC()
	latest   = time.UnixMilli(epochMilli + timeMask).UTC()
)

// Key makes the integer for a number, a source and a time, which is cut to
// whole milliseconds. It refuses what does not fit.
func Key(number int64, source grid.Source, at time.Time) (int64, error) {
	if number < 1 || number > MaxNumber {
		return 0, fmt.Errorf("number %d is outside 1 to %d", number, MaxNumber)
	}
	if source != grid.Instant && source != grid.Profile {
		return 0, fmt.Errorf("source %d is neither instant nor profile", source)
	}
	if at.Before(earliest) || at.After(latest) {
		return 0, fmt.Errorf("time %s is outside %d to %d", at.UTC().Format(time.RFC3339), earliest.Year(), latest.Year())
	}
	return number<<(timeBits+sourceBits) | int64(source-grid.Instant)<<timeBits | (at.UnixMilli() - epochMilli), nil
}

// Unkey takes a key apart again.
func Unkey(key int64) (number int64, source grid.Source, at time.Time) {
	return key >> (timeBits + sourceBits),
		grid.Instant + grid.Source(key>>timeBits&1),
		time.UnixMilli(epochMilli + key&timeMask).UTC()
}

// Range gives the keys lo ≤ key < hi of the times from ≤ t < to. Times outside
// what fits are clamped, so an open end may be given as a far time.
func Range(number int64, source grid.Source, from, to time.Time) (lo, hi int64) {
	base := number<<(timeBits+sourceBits) | int64(source-grid.Instant)<<timeBits
	return base + offset(from), base + offset(to)
}

func offset(t time.Time) int64 {
	switch {
	case t.Before(earliest):
		return 0
	case t.After(latest):
		return timeMask + 1
	}
	// A time within a millisecond belongs after it: from excludes, to includes it.
	return (t.Sub(earliest) + time.Millisecond - 1).Milliseconds()
}
