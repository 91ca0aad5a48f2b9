package collector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"phutai/grid"
)

// loss is why the spool gave readings up. The numbers are part of the file's
// format; zero is none.
type loss uint8

const (
	tooOld loss = iota + 1
	spoolFull
	diskFull
)

func (l loss) String() string {
	switch l {
	case tooOld:
		return "they waited for the center longer than spool_age allows"
	case spoolFull:
		return "the spool was full, and only the load profile was kept"
	case diskFull:
		return "the disk could not be written"
	}
	return "loss?"
}

// lossOf gives the loss that err stands for.
func lossOf(err error) loss {
	if errors.Is(err, ErrSpoolFull) {
		return spoolFull
	}
	return diskFull
}

// tombstone stands in the spool for readings of one point that were given up. It
// travels like a reading, as an absence with the key of the newest of them.
type tombstone struct {
	grave
	first, last time.Time // of the readings, by their keys
	polled      time.Time // when the newest was
	count       uint64
}

// grave is what tombstones are merged by, so that there is one for each at most.
type grave struct {
	point  grid.PointID
	source grid.Source
	why    loss
}

// bury makes the tombstone of one reading.
func bury(r *grid.Reading, why loss) tombstone {
	polled := r.PolledAt
	if polled.IsZero() {
		polled = r.At
	}
	return tombstone{grave{r.Point, r.Source, why}, r.At, r.At, polled, 1}
}

// merge adds what other stands for.
func (t *tombstone) merge(other tombstone) {
	if t.count == 0 {
		*t = other
		return
	}
	if other.first.Before(t.first) {
		t.first = other.first
	}
	if other.last.After(t.last) {
		t.last, t.polled = other.last, other.polled
	}
	t.count += other.count
}

// reading is the absence as which the tombstone travels.
func (t *tombstone) reading() grid.Reading {
	return grid.Reading{
		Point: t.point, Source: t.source, At: t.last, PolledAt: t.polled, Missing: grid.Late,
		Detail: shorten(fmt.Sprintf("readings given up: %d, from %s to %s, because %s",
			t.count, t.first.Format(time.RFC3339), t.last.Format(time.RFC3339), t.why)),
	}
}

// tombstoneVersion is the first byte of a tombstone's record; see recordVersion.
const tombstoneVersion = 2

func appendTombstone(b []byte, t *tombstone) []byte {
	b = append(b, tombstoneVersion, byte(t.source), byte(t.why), 0)
	b = binary.AppendVarint(b, t.first.UnixMilli())
	b = binary.AppendVarint(b, t.last.UnixMilli())
	b = binary.AppendVarint(b, t.polled.UnixMilli())
	b = binary.AppendUvarint(b, t.count)
	return appendText(b, string(t.point))
}

// isTombstone tells the two kinds of record apart.
func isTombstone(b []byte) bool { return len(b) >= 4 && b[0] == tombstoneVersion }

func parseTombstone(b []byte) (tombstone, error) {
	if !isTombstone(b) {
		return tombstone{}, errRecord
	}
	c := cursor{b: b[4:]}
	t := tombstone{
		grave: grave{source: grid.Source(b[1]), why: loss(b[2])},
		first: time.UnixMilli(c.varint()).UTC(), last: time.UnixMilli(c.varint()).UTC(),
		polled: time.UnixMilli(c.varint()).UTC(), count: c.uvarint(),
	}
	t.point = grid.PointID(c.text())
	if c.bad || len(c.b) != 0 || t.count == 0 {
		return tombstone{}, errRecord
	}
	return t, nil
}
