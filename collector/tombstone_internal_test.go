package collector

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
)

var t0 = time.UnixMilli(1_780_000_000_000).UTC()

func at(point grid.PointID, minute int) grid.Reading {
	r := grid.Reading{Point: point, Source: grid.Instant, At: t0.Add(time.Duration(minute) * time.Minute)}
	r.PolledAt = r.At
	r.Values.Set(grid.P, float64(minute))
	return r
}

func stone(point grid.PointID, why loss, first, last int, count uint64) tombstone {
	a, b := at(point, first), at(point, last)
	return tombstone{grave{point, grid.Instant, why}, a.At, b.At, b.At, count}
}

func TestTombstoneKeepsWhatItStandsFor(t *testing.T) {
	want := stone("Trạm 1", diskFull, 1, 9, 5)
	raw := appendTombstone(nil, &want)
	got, err := parseTombstone(raw)
	if diff := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got)); diff != "" || err != nil {
		t.Error(err, diff)
	}
	r, err := parseRecord(raw)
	if err != nil || r.Missing != grid.Late || !r.At.Equal(want.last) || r.Point != "Trạm 1" || r.Values.Len() != 0 ||
		r.Detail != "readings given up: 5, from 2026-05-28T20:27:40Z to 2026-05-28T20:35:40Z, because the disk could not be written" {
		t.Errorf("it travels as %+v, %v", r, err)
	}
	for n := range raw {
		if _, err := parseRecord(raw[:n]); err == nil {
			t.Errorf("a tombstone cut to %d of %d bytes was read", n, len(raw))
		}
	}
}

// yard is a spool and what a test looks for in it.
type yard struct {
	*testing.T
	*Spool
	path   string
	bounds Bounds
}

func newYard(t *testing.T, b Bounds) *yard {
	y := &yard{T: t, path: filepath.Join(t.TempDir(), "spool.db"), bounds: b}
	y.open()
	t.Cleanup(func() { _ = y.Close() })
	return y
}

func (y *yard) open() {
	y.Helper()
	var err error
	if y.Spool, err = OpenSpool(y.Context(), y.path, y.bounds, true); err != nil {
		y.Fatal(err)
	}
}

func (y *yard) reopen() {
	y.Helper()
	if err := y.Close(); err != nil {
		y.Fatal(err)
	}
	y.open()
}

func (y *yard) put(readings ...grid.Reading) {
	y.Helper()
	if err := y.Append(y.Context(), readings); err != nil {
		y.Fatal(err)
	}
}

func (y *yard) lay(stones ...tombstone) {
	y.Helper()
	if err := y.append(y.Context(), &entry{stones: stones}); err != nil {
		y.Fatal(err)
	}
}

// want compares all rows, in words.
func (y *yard) want(rows ...string) {
	y.Helper()
	var got []string
	for from := uint64(1); ; {
		b, err := y.Batch(y.Context(), from, 1<<40, 100)
		if err != nil {
			y.Fatal(err)
		}
		if len(b.Readings) == 0 {
			break
		}
		for i := range b.Readings {
			r := &b.Readings[i]
			word := fmt.Sprintf("%d %s @%d", b.FirstSeq+uint64(i), r.Point, int(r.At.Sub(t0)/time.Minute))
			if r.Absent() {
				var n int
				var first, last string
				if _, err := fmt.Sscanf(r.Detail, "readings given up: %d, from %s to %s", &n, &first, &last); err != nil {
					y.Errorf("%q: %v", r.Detail, err)
				}
				word += fmt.Sprintf(" %d gone", n)
			}
			got = append(got, word)
		}
		from = b.FirstSeq + uint64(len(b.Readings))
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		y.Errorf("rows (-want +got):\n%s", diff)
	}
	if y.Depth() != uint64(len(got)) {
		y.Errorf("the spool counts %d rows, want %d", y.Depth(), len(got))
	}
}

func (y *yard) wantVoids(want ...[2]uint64) {
	y.Helper()
	if diff := cmp.Diff(want, y.Voids(1<<40)); diff != "" {
		y.Errorf("voids (-want +got):\n%s", diff)
	}
}

func TestTombstonesOfAPointAreMergedAndThoseOnTheirWayAreNotChanged(t *testing.T) {
	y := newYard(t, Bounds{})
	y.put(at("A", 0))
	y.lay(stone("A", spoolFull, 1, 1, 1), stone("B", spoolFull, 1, 1, 1))
	y.lay(stone("A", spoolFull, 2, 2, 1), stone("A", diskFull, 3, 3, 1))
	y.wantVoids()
	y.want("1 A @0", "2 A @2 2 gone", "3 B @1 1 gone", "4 A @3 1 gone") // and now they have been read
	y.lay(stone("A", spoolFull, 4, 4, 1))
	y.want("1 A @0", "3 B @1 1 gone", "4 A @3 1 gone", "5 A @4 3 gone")
	y.wantVoids([2]uint64{2, 2})
	y.reopen() // what was read before is not known then
	y.lay(stone("A", spoolFull, 5, 5, 1), stone("B", spoolFull, 5, 5, 1))
	y.want("1 A @0", "4 A @3 1 gone", "6 A @5 4 gone", "7 B @5 2 gone")
	y.wantVoids([2]uint64{2, 3}, [2]uint64{5, 5})
	epoch, _ := y.Position()
	y.MarkSent(7)
	if _, err := y.Forget(t.Context(), grid.Watermark{Epoch: epoch, Seq: 7, Missing: [][2]uint64{{5, 5}}}); err != nil {
		t.Fatal(err)
	}
	y.want()
	y.wantVoids([2]uint64{5, 5})
	y.reopen()
	y.wantVoids([2]uint64{5, 5})
	y.lay(stone("A", spoolFull, 6, 6, 1)) // of a grave that is empty by now
	y.want("8 A @6 1 gone")
}

// live lets the spool grow older by so many hours.
func (y *yard) live(hours int) (shed uint64) {
	y.Helper()
	for range 60 * hours {
		n, err := y.Expire(y.Context(), ageEvery)
		if err != nil {
			y.Fatal(err)
		}
		shed += n
	}
	return shed
}

func TestWhatWaitsTooLongBecomesATombstoneAndNothingElse(t *testing.T) {
	y := newYard(t, Bounds{Age: 10 * time.Hour})
	for i := range 4 {
		y.put(at("A", i), at("B", i))
	}
	y.lay(stone("A", spoolFull, 4, 5, 2))
	y.live(6)
	y.put(at("A", 100))
	y.reopen()
	if shed := y.live(4); shed != 0 {
		t.Errorf("%d readings given up before their time", shed)
	}
	if shed := y.live(2); shed != 8 {
		t.Errorf("%d readings given up, want 8", shed)
	}
	y.want("10 A @100", "11 A @3 4 gone", "12 A @5 2 gone", "13 B @3 4 gone")
	y.wantVoids([2]uint64{1, 9})
	y.live(6)
	y.reopen()
	y.want("12 A @5 2 gone", "13 B @3 4 gone", "14 A @100 5 gone")
	y.wantVoids([2]uint64{1, 11})
	y.live(20)
	y.want("17 A @100 5 gone", "18 A @5 2 gone", "19 B @3 4 gone")
	y.wantVoids([2]uint64{1, 16})
}

func TestManyOldReadingsAreGivenUpInSeveralTransactions(t *testing.T) {
	y := newYard(t, Bounds{Age: time.Hour})
	var all []grid.Reading
	for i := range 2*ageChunk + 5 {
		all = append(all, at(grid.PointID(fmt.Sprint(i%7)), i))
	}
	y.put(all...)
	if shed := y.live(4); shed != uint64(len(all)) || y.Depth() != 7 {
		t.Errorf("%d given up, %d rows left; want %d and 7", shed, y.Depth(), len(all))
	}
}

func TestClockThatJumpsMakesNothingOld(t *testing.T) {
	y := newYard(t, Bounds{Age: 24 * time.Hour})
	y.put(at("A", 0))
	for _, passed := range []time.Duration{100 * 24 * time.Hour, -50 * 24 * time.Hour, 400 * 24 * time.Hour} {
		if shed, err := y.Expire(t.Context(), passed); shed != 0 || err != nil {
			t.Errorf("after a jump of %s: %d given up, %v", passed, shed, err)
		}
	}
	y.want("1 A @0")
}

func TestRenewedSpoolForgetsOldNumbersAndKeepsTombstones(t *testing.T) {
	y := newYard(t, Bounds{Age: 2 * time.Hour})
	y.put(at("A", 0), at("A", 1))
	y.live(4)
	y.put(at("B", 2))
	if err := y.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	y.wantVoids()
	y.want("1 A @1 2 gone", "2 B @2")
	if shed := y.live(2); shed != 0 {
		t.Error("what was renewed does not count from anew")
	}
}
