package collector_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"phutai/collector"
	"phutai/db"
	"phutai/grid"
	"phutai/internal/lossy"
)

// life is what a spool was asked to do, and at which moments of its disk.
type life struct {
	*rand.Rand
	t     *testing.T
	disk  *lossy.Disk
	spool *collector.Spool
	next  int // readings so far; each has a millisecond of its own

	kept   []span          // appends that came back without an error
	seen   []sighting      // what went out under a number
	gone   []removal       // what the center was said to have
	held   map[number]int  // what stands under a number now
	epochs map[string]bool // that were ever used
}

type (
	span   struct{ first, last, begun, done int } // readings
	number struct {
		epoch string
		seq   uint64
	}
	sighting struct {
		number
		reading, at int
	}
	removal struct{ reading, begun int }
)

// born opens a spool on a new disk.
func born(t *testing.T, seed uint64) *life {
	l := &life{Rand: rand.New(rand.NewPCG(seed, 7)), t: t, disk: lossy.Mount(t), held: map[number]int{}, epochs: map[string]bool{}}
	l.open()
	t.Cleanup(func() { _ = l.spool.Close() })
	return l
}

func (l *life) open() {
	l.t.Helper()
	l.spool = openSpool(l.t, l.disk.Path("spool.db"), 1<<40)
}

// identity gives the number of a reading of numbered's kind.
func identity(r *grid.Reading) int { return int(r.At.UnixMilli() - 1_780_000_000_000) }

// add appends some readings.
func (l *life) add(n int) error {
	rs := numbered(l.next + n)[l.next:]
	begun := l.disk.Now()
	_, before := l.spool.Position()
	first := l.next
	l.next += n // also where it fails: what comes later are others
	if err := l.spool.Append(context.Background(), rs); err != nil {
		return err
	}
	l.kept = append(l.kept, span{first, l.next - 1, begun, l.disk.Now()})
	epoch, last := l.spool.Position()
	l.epochs[epoch] = true
	if last != before+uint64(n) {
		return fmt.Errorf("%d readings took the numbers from %d to %d", n, before, last)
	}
	for i := range n {
		l.held[number{epoch, before + 1 + uint64(i)}] = first + i
	}
	return nil
}

// publish reads some of the spool, as the publisher does before it sends.
func (l *life) publish() error {
	epoch, last := l.spool.Position()
	b, err := l.spool.Batch(context.Background(), 1+l.Uint64N(last+1), last, 200)
	if err != nil || len(b.Readings) == 0 {
		return err
	}
	l.spool.MarkSent(b.FirstSeq + uint64(len(b.Readings)) - 1)
	for i := range b.Readings {
		l.seen = append(l.seen, sighting{number{epoch, b.FirstSeq + uint64(i)}, identity(&b.Readings[i]), l.disk.Now()})
	}
	return nil
}

// forget gives the spool a watermark up to what was sent, perhaps with a hole.
func (l *life) forget() error {
	epoch, _ := l.spool.Position()
	sent := l.spool.Sent()
	if sent == 0 {
		return nil
	}
	w := grid.Watermark{Epoch: epoch, Seq: 1 + l.Uint64N(sent)}
	if l.IntN(2) == 0 {
		a := 1 + l.Uint64N(w.Seq)
		w.Missing = [][2]uint64{{a, min(w.Seq, a+l.Uint64N(20))}}
	}
	begun := l.disk.Now()
	for n, reading := range l.held {
		hole := len(w.Missing) > 0 && w.Missing[0][0] <= n.seq && n.seq <= w.Missing[0][1]
		if n.epoch == epoch && n.seq <= w.Seq && !hole {
			l.gone = append(l.gone, removal{reading, begun})
			delete(l.held, n)
		}
	}
	_, err := l.spool.Forget(context.Background(), w)
	return err
}

// renew takes a new epoch, under which all that is held has other numbers.
func (l *life) renew() error {
	if err := l.spool.Renew(context.Background()); err != nil {
		return err
	}
	clear(l.held)
	epoch, last := l.spool.Position()
	l.epochs[epoch] = true
	for from := uint64(1); from <= last; {
		b, err := l.spool.Batch(context.Background(), from, last, 1000)
		if err != nil || len(b.Readings) == 0 {
			return err
		}
		for i := range b.Readings {
			l.held[number{epoch, b.FirstSeq + uint64(i)}] = identity(&b.Readings[i])
		}
		from = b.FirstSeq + uint64(len(b.Readings))
	}
	return nil
}

// checkpoint moves the log into the file, as SQLite does by itself once the log
// is long.
func (l *life) checkpoint() error {
	d, err := db.OpenBeside(context.Background(), l.disk.Path("spool.db"))
	if err != nil {
		return err
	}
	_, err = d.Write.Exec("PRAGMA wal_checkpoint(PASSIVE)")
	return errors.Join(err, d.Close())
}

// step does one thing of those that happen to a spool.
func (l *life) step() error {
	switch n := l.IntN(100); {
	case n < 60:
		return l.add(1 + l.IntN(30))
	case n < 75:
		return l.publish()
	case n < 88:
		return l.forget()
	case n < 94:
		return l.checkpoint()
	case n < 98:
		err := l.spool.Close()
		l.open()
		return err
	default:
		return l.renew()
	}
}

func (l *life) run(steps int) {
	l.t.Helper()
	for range steps {
		if err := l.step(); err != nil {
			l.t.Fatal(err)
		}
	}
}

// judge opens the spool of an image and tells which promise is broken.
func (l *life) judge(dir string, moment int) (err error) {
	s, err := collector.OpenSpool(l.t.Context(), filepath.Join(dir, "spool.db"), collector.Bounds{Readings: 1 << 40}, true)
	if err != nil {
		return err // damaged, which Open finds
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	epoch, last := s.Position()
	have, where := map[int]int{}, map[number]int{}
	for from := uint64(1); ; {
		b, err := s.Batch(l.t.Context(), from, last, 1000)
		if err != nil {
			return err
		}
		if len(b.Readings) == 0 {
			break
		}
		for i := range b.Readings {
			r := &b.Readings[i]
			if want := numbered(1)[0]; r.Point != want.Point || r.Values.Len() != 1 {
				return fmt.Errorf("reading %d is %+v", identity(r), r)
			}
			have[identity(r)]++
			where[number{epoch, b.FirstSeq + uint64(i)}] = identity(r)
		}
		from = b.FirstSeq + uint64(len(b.Readings))
	}
	for reading, n := range have {
		if n > 1 || reading >= l.next {
			return fmt.Errorf("reading %d of %d is there %d times", reading, l.next, n)
		}
	}
	forgotten := map[int]bool{}
	for _, g := range l.gone {
		if g.begun < moment {
			forgotten[g.reading] = true
		}
	}
	for _, k := range l.kept {
		for reading := k.first; reading <= k.last && k.done <= moment; reading++ {
			if have[reading] == 0 && !forgotten[reading] {
				return fmt.Errorf("reading %d, committed at %d, is lost", reading, k.done)
			}
		}
	}
	for _, n := range l.seen {
		if n.epoch != epoch || n.at > moment {
			continue
		}
		if stands, ok := where[n.number]; n.seq > last || ok && stands != n.reading {
			return fmt.Errorf("number %d was that of reading %d, and is that of %d now or of one to come; the last one given is %d", n.seq, n.reading, stands, last)
		}
	}
	return s.Append(l.t.Context(), []grid.Reading{{Point: "P", Source: grid.Instant, At: time.UnixMilli(1)}})
}

func TestSpoolLosesNothingWithThePower(t *testing.T) {
	seed, cuts := lossy.Seed(t), lossy.Cuts(t, 300)
	l := born(t, seed)
	begun := l.disk.Now()
	l.run(350)
	if err := l.disk.Cut(begun, cuts, seed, l.judge); err != nil {
		t.Error(err)
	}
	t.Logf("%d cuts of the power over %d operations: %d readings appended, %d forgotten, %d epochs", cuts, l.disk.Now(), l.next, len(l.gone), len(l.epochs))
	if len(l.gone) == 0 || len(l.seen) == 0 || len(l.epochs) < 2 {
		t.Error("the spool's life was too quiet: the test shows nothing")
	}
}

// The test of the test: on a disk that does not sync, readings are lost.
func TestSpoolOnADiskThatLiesLosesReadings(t *testing.T) {
	l := born(t, 1)
	begun := l.disk.Now()
	l.disk.Lie()
	l.run(100)
	err := l.disk.Cut(begun, 100, 1, l.judge)
	if _, ok := errors.AsType[*lossy.CutError](err); !ok {
		t.Errorf("got %v, want that something is lost", err)
	}
}
