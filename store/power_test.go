package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/internal/lossy"
	"phutai/store"
	"phutai/store/storetest"
)

// diary is what a journal was asked to do, and at which moments of its disk.
type diary struct {
	*rand.Rand
	*file
	disk *lossy.Disk

	minute  int // each reading has one of its own, except a value that comes after an absence
	misses  []int
	next    map[grid.CollectorID]uint64
	late    []parcel // made and not yet committed: holes of the watermark
	parcels []parcel // in the order of their commits
	handed  []handing
}

// parcel is one entry, and when it was committed; done is zero where the commit
// gave an error.
type parcel struct {
	store.Entry
	begun, done int
}

// handing is that the consumer got a value at a moment.
type handing struct{ minute, at int }

const powerPoints = 5

func pointOf(minute int) grid.PointID { return grid.PointID(fmt.Sprint("PD", minute%powerPoints)) }

func minuteOf(at time.Time) int { return int(at.Sub(storetest.Noon) / time.Minute) }

func begin(t *testing.T, seed uint64) *diary {
	d := &diary{Rand: rand.New(rand.NewPCG(seed, 11)), disk: lossy.Mount(t), next: map[grid.CollectorID]uint64{"c1": 1, "c2": 1}}
	d.file = &file{t: t, path: d.disk.Path("journal.db")}
	d.reopen()
	t.Cleanup(func() { _ = d.db.Close() })
	return d
}

// pack makes the next entry of a collector: values, absences, values that were
// absences, and dead letters.
func (d *diary) pack() parcel {
	c := []grid.CollectorID{"c1", "c2"}[d.IntN(2)]
	e := store.Entry{Spool: store.Spool{Collector: c, Epoch: "e"}, First: d.next[c], Count: 1 + d.IntN(12)}
	for i := range e.Count {
		m := d.minute
		switch n := d.IntN(20); {
		case n == 0:
			e.Dead = append(e.Dead, store.DeadLetter{
				Kind: store.LetterMessage, FirstSeen: storetest.Noon, Collector: c, Reason: "poison", Payload: fmt.Append(nil, e.First+uint64(i)),
			})
			continue
		case n < 4:
			e.Readings = append(e.Readings, storetest.Absence(pointOf(m), m, grid.NoAnswer))
			d.misses = append(d.misses, m)
		case n < 7 && len(d.misses) > 0:
			k := d.IntN(len(d.misses))
			m = d.misses[k]
			d.misses = slices.Delete(d.misses, k, k+1)
			e.Readings = append(e.Readings, storetest.Reading(pointOf(m), m, float64(m)))
			continue
		default:
			e.Readings = append(e.Readings, storetest.Reading(pointOf(m), m, float64(m)))
		}
		d.minute++
	}
	d.next[c] += uint64(e.Count)
	return parcel{Entry: e}
}

// group commits some entries: new ones, some out of their order, some again.
func (d *diary) group() error {
	var group []parcel
	for range 1 + d.IntN(4) {
		switch n := d.IntN(10); {
		case n == 0:
			d.late = append(d.late, d.pack())
		case n == 1 && len(d.late) > 0:
			group = append(group, d.late[0])
			d.late = d.late[1:]
		case n == 2 && len(d.parcels) > 0:
			group = append(group, d.parcels[d.IntN(len(d.parcels))])
		default:
			group = append(group, d.pack())
		}
	}
	for i := range group {
		group[i].begun, group[i].done = d.disk.Now(), 0
	}
	err := d.commit(group)
	d.parcels = append(d.parcels, group...)
	return err
}

func (d *diary) commit(group []parcel) error {
	var entries []store.Entry
	for i := range group {
		entries = append(entries, group[i].Entry)
	}
	_, err := d.Commit(context.Background(), entries...)
	for i := range group {
		if err == nil {
			group[i].done = d.disk.Now()
		}
	}
	return err
}

// consume lets the consumer follow until it has some more.
func (d *diary) consume() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	turns := 1 + d.IntN(3)
	time.AfterFunc(20*time.Millisecond, cancel) // perhaps there is nothing for it
	return d.Follow(ctx, "tsdb", func(_ context.Context, rs []grid.Reading) error {
		for i := range rs {
			d.handed = append(d.handed, handing{minuteOf(rs[i].At), d.disk.Now()})
		}
		if turns--; turns <= 0 {
			cancel()
		}
		return nil
	})
}

func (d *diary) step() error {
	switch n := d.IntN(100); {
	case n < 80:
		return d.group()
	case n < 88:
		return d.consume()
	case n < 96:
		_, err := d.db.Write.Exec("PRAGMA wal_checkpoint(PASSIVE)")
		return err
	default:
		d.reopen()
		return nil
	}
}

// judge opens the journal of an image and tells which promise is broken.
func (d *diary) judge(dir string, moment int) (err error) {
	f, err := db.Open(filepath.Join(dir, "journal.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	j, err := store.OpenJournal(d.t.Context(), f, nil)
	if err != nil {
		return err
	}
	values, absences, letters, err := contents(d.t.Context(), j)
	if err != nil {
		return err
	}
	there := func(e *store.Entry) error {
		for i := range e.Readings {
			if m := minuteOf(e.Readings[i].At); values[m] == 0 && (!e.Readings[i].Absent() || absences[m] == 0) {
				return fmt.Errorf("reading %d of numbers %d-%d of %s", m, e.First, e.First+uint64(e.Count)-1, e.Collector)
			}
		}
		for i := range e.Dead {
			if text := string(e.Dead[i].Collector) + string(e.Dead[i].Payload); !letters[text] {
				return fmt.Errorf("dead letter %s", text)
			}
		}
		return nil
	}
	marks := j.Watermarks()
	covered := map[store.Spool]map[uint64]bool{}
	for i := range d.parcels {
		p := &d.parcels[i]
		lost := there(&p.Entry)
		if lost != nil && p.done > 0 && p.done <= moment {
			return fmt.Errorf("%w, committed at %d, is lost", lost, p.done)
		}
		for n := p.First; n < p.First+uint64(p.Count); n++ {
			in := covers(marks[p.Collector], n)
			if in && lost == nil {
				if covered[p.Spool] == nil {
					covered[p.Spool] = map[uint64]bool{}
				}
				covered[p.Spool][n] = true
			}
			if !in && p.done > 0 && p.done <= moment {
				return fmt.Errorf("number %d of %s, committed at %d, is not covered by %+v", n, p.Collector, p.done, marks[p.Collector])
			}
		}
	}
	for c, w := range marks {
		for n := uint64(1); n <= w.Seq; n++ {
			if covers(w, n) && !covered[store.Spool{Collector: c, Epoch: w.Epoch}][n] {
				return fmt.Errorf("the watermark of %s covers number %d, which is not there: %+v", c, n, w)
			}
		}
	}
	if c := j.Count(); c.Readings != int64(len(values)) || c.Absences != int64(len(absences)) || c.DeadLetters != int64(len(letters)) {
		return fmt.Errorf("the journal counts %+v, and holds %d, %d, %d", c, len(values), len(absences), len(letters))
	}
	return d.followed(j, values, moment)
}

func covers(w grid.Watermark, n uint64) bool {
	return n <= w.Seq && !slices.ContainsFunc(w.Missing, func(h [2]uint64) bool { return h[0] <= n && n <= h[1] })
}

// contents gives how often each minute has a value and an absence, and the dead
// letters; both under one key are an error, and so is a value that nobody sent.
func contents(ctx context.Context, j *store.Journal) (values, absences map[int]int, letters map[string]bool, err error) {
	values, absences, letters = map[int]int{}, map[int]int{}, map[string]bool{}
	from, to := storetest.Noon.Add(-time.Hour), storetest.Noon.AddDate(1, 0, 0)
	for p := range powerPoints {
		err = errors.Join(err, j.Series(ctx, pointOf(p), grid.Instant, from, to, func(r grid.Reading) error {
			m := minuteOf(r.At)
			if kw, _ := r.Values.Get(grid.P); kw != float64(m) || r.Point != pointOf(m) {
				return fmt.Errorf("reading %d is %+v", m, r)
			}
			values[m]++
			return nil
		}))
		err = errors.Join(err, j.Absences(ctx, pointOf(p), from, to, func(r grid.Reading) error {
			absences[minuteOf(r.At)]++
			return nil
		}))
	}
	for m, n := range values {
		if n > 1 || absences[m] > 0 {
			err = errors.Join(err, fmt.Errorf("reading %d is there %d times, and %d times absent", m, n, absences[m]))
		}
	}
	return values, absences, letters, errors.Join(err, j.DeadLetters(ctx, func(l store.DeadLetter) error {
		letters[string(l.Collector)+string(l.Payload)] = true
		return nil
	}))
}

// followed lets the consumer go on from the image: with what it had before, it
// must get every value that is there.
func (d *diary) followed(j *store.Journal, values map[int]int, moment int) error {
	for _, h := range d.handed {
		if h.at <= moment {
			delete(values, h.minute)
		}
	}
	if len(values) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	err := j.Follow(ctx, "tsdb", func(_ context.Context, rs []grid.Reading) error {
		for i := range rs {
			delete(values, minuteOf(rs[i].At))
		}
		if len(values) == 0 {
			cancel()
		}
		return nil
	})
	if err == nil && len(values) > 0 {
		err = fmt.Errorf("the consumer never gets %d values", len(values))
	}
	return err
}

func TestJournalLosesNothingWithThePower(t *testing.T) {
	seed, cuts := lossy.Seed(t), lossy.Cuts(t, 200)
	d := begin(t, seed)
	begun := d.disk.Now()
	for range 300 {
		if err := d.step(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.disk.Cut(begun, cuts, seed, d.judge); err != nil {
		t.Error(err)
	}
	t.Logf("%d cuts of the power over %d operations: %d entries, %d readings, %d handed on", cuts, d.disk.Now(), len(d.parcels), d.minute, len(d.handed))
}

// The test of the test: on a disk that does not sync, readings are lost.
func TestJournalOnADiskThatLiesLosesReadings(t *testing.T) {
	d := begin(t, 1)
	begun := d.disk.Now()
	d.disk.Lie()
	for range 60 {
		if err := d.group(); err != nil {
			t.Fatal(err)
		}
	}
	err := d.disk.Cut(begun, 100, 1, d.judge)
	if _, ok := errors.AsType[*lossy.CutError](err); !ok {
		t.Errorf("got %v, want that something is lost", err)
	}
}
