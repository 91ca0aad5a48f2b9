package collector

import (
	"hash/fnv"
	"time"

	"phutai/grid"
)

// hash is stable across restarts and machines, and well mixed in its low bits.
func hash(m grid.MeterID, salt string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(m))
	_, _ = h.Write([]byte(salt))
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

// Offset is how far behind a multiple of every, counted in UTC, a meter's slots
// begin: the same after a restart, so that two slots of a meter are always a
// whole interval apart. Its readings are nearly so: they are stamped when the
// answer comes.
func Offset(m grid.MeterID, every, spread time.Duration) time.Duration {
	spread = min(spread, every/2)
	if spread < time.Millisecond {
		return 0
	}
	return time.Duration(hash(m, "slot")%uint64(spread/time.Millisecond)) * time.Millisecond
}

// nextSlot gives the first moment after t that lies off behind a multiple of
// every, counted in UTC.
func nextSlot(t time.Time, every, off time.Duration) time.Time {
	ms, step, shift := t.UnixMilli(), every.Milliseconds(), off.Milliseconds()
	k := (ms - shift) / step
	if (ms-shift)%step < 0 {
		k--
	}
	return time.UnixMilli((k+1)*step + shift).UTC()
}

// Breakers (design: a dead unit must not cost the living their time).
const (
	openAfter   = 3 // failed turns
	firstProbe  = time.Minute
	lastProbe   = 15 * time.Minute
	firstRedial = time.Second
	lastRedial  = 5 * time.Minute
)

// probeAfter is how long a meter is left alone after its n-th failed turn in a
// row: not at all at first, then 1, 2, 4 … 15 minutes, give or take a fifth, so
// that the dead of a district are not asked in step.
func probeAfter(m grid.MeterID, n int) time.Duration {
	if n < openAfter {
		return 0
	}
	return jitter(doubled(firstProbe, lastProbe, n-openAfter), hash(m, string(rune('a'+n%16))))
}

// redialAfter is how long a line is left alone after its n-th failed dial.
func redialAfter(m grid.MeterID, n int) time.Duration {
	return jitter(doubled(firstRedial, lastRedial, n-1), hash(m, "dial"))
}

func doubled(first, last time.Duration, times int) time.Duration {
	d := first
	for range times {
		if d *= 2; d >= last {
			return last
		}
	}
	return d
}

func jitter(d time.Duration, h uint64) time.Duration {
	return d*4/5 + time.Duration(h%1024)*d*2/5/1024
}
