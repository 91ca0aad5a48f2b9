package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/db"
	"phutai/grid"
)

// notebook is a journal whose tables and contents the tests below look into.
type notebook struct {
	testing.TB
	path string
	d    *db.DB
	*Journal
}

func newNotebook(t testing.TB) *notebook {
	b := &notebook{TB: t, path: filepath.Join(t.TempDir(), "journal.db")}
	b.open()
	t.Cleanup(func() { _ = b.d.Close() })
	return b
}

// open opens the file, again where it is open.
func (b *notebook) open() {
	b.Helper()
	if b.d != nil {
		_ = b.d.Close()
	}
	var err error
	if b.d, err = db.Open(b.path); err != nil {
		b.Fatal(err)
	}
	if b.Journal, err = OpenJournal(context.Background(), b.d, nil); err != nil {
		b.Fatal(err)
	}
}

func (b *notebook) put(rs ...grid.Reading) {
	b.Helper()
	if _, err := b.Commit(b.Context(), Entry{Readings: rs}); err != nil {
		b.Fatal(err)
	}
}

func (b *notebook) say(all ...silence) int64 {
	b.Helper()
	n, err := b.explain(b.Context(), all)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *notebook) rows() (n int) {
	b.Helper()
	if err := b.d.Read.QueryRow("SELECT count(*) FROM silence").Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// stated gives the times of what the audit has said of a point, and the number
// of the other absences.
func (b *notebook) stated(p grid.PointID, from, to time.Time) (marks []time.Time, others int) {
	b.Helper()
	last := map[grid.Source]time.Time{}
	err := b.Absences(b.Context(), p, from, to, func(r grid.Reading) error {
		if r.At.Before(last[r.Source]) || r.Missing == grid.NoReason {
			b.Errorf("%+v after %s", r, last[r.Source])
		}
		if last[r.Source] = r.At; r.PolledAt.IsZero() {
			marks = append(marks, r.At)
		} else {
			others++
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return marks, others
}

// value is a reading of one figure.
func value(p grid.PointID, source grid.Source, at time.Time) grid.Reading {
	r := grid.Reading{Point: p, Source: source, At: at, PolledAt: at, Ratio: 1}
	r.Values.Set(grid.P, 1)
	return r
}

// quiet is a silence of a point that has been heard of, in slots from noon.
func (b *notebook) quiet(p grid.PointID, source grid.Source, every time.Duration, from, n int, detail string) silence {
	b.Helper()
	number, ok := b.points.number(p)
	if !ok {
		b.Fatalf("never heard of %s", p)
	}
	s := silence{number, source, slots{noon.UnixMilli(), every.Milliseconds(), 0}, grid.NotPolled, detail}
	s.first, s.n = s.start(from), n
	return s
}

// Whatever is said and whatever comes, in whatever order: of each slot with
// something in it nothing is said, of each other one what was said first.
func TestTheAuditsWordHoldsForTheSlotsThatStayEmpty(t *testing.T) {
	b := newNotebook(t)
	point := 0
	rapid.Check(t, func(t *rapid.T) {
		point++
		p := grid.PointID(fmt.Sprint("P", point))
		source := rapid.SampledFrom([]grid.Source{grid.Instant, grid.Profile}).Draw(t, "source")
		every := time.Duration(rapid.IntRange(2, 1800).Draw(t, "every")) * time.Second
		b.put(value(p, source, noon.Add(-365*24*time.Hour)))
		before := b.Count().Absences
		said, full := map[int]bool{}, map[int]bool{}
		keys := map[int64]bool{}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			from := rapid.IntRange(0, 60).Draw(t, "from")
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				n := rapid.IntRange(1, 40).Draw(t, "n")
				fresh := int64(0)
				for i := from; i < from+n; i++ {
					if !said[i] && !full[i] {
						said[i] = true
						fresh++
					}
				}
				if got := b.say(b.quiet(p, source, every, from, n, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "detail"))); got != fresh {
					t.Fatalf("%d slots were stated, want %d", got, fresh)
				}
			case 1, 2:
				at := noon.Add(time.Duration(from)*every + time.Duration(rapid.Int64Range(0, every.Milliseconds()-1).Draw(t, "in"))*time.Millisecond)
				r := value(p, source, at)
				if rapid.Bool().Draw(t, "absent") {
					r.Values, r.Missing = grid.Values{}, grid.NoAnswer
				}
				if keys[at.UnixMilli()] {
					continue
				}
				keys[at.UnixMilli()] = r.Absent()
				b.put(r)
				full[from] = true
				delete(said, from)
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "open") == 0 {
			b.open()
		}
		var want []time.Time
		s := b.quiet(p, source, every, 0, 100, "")
		for i := range s.n {
			if said[i] {
				want = append(want, s.mark(source, i))
			}
		}
		got, others := b.stated(p, noon.Add(-time.Hour), noon.Add(100*every))
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if n := b.Count().Absences - before; n != int64(len(want)+others) {
			t.Fatalf("counted %d, there are %d and %d", n, len(want), others)
		}
		// A part of the time has its part of them.
		lo, hi := rapid.IntRange(0, 50).Draw(t, "lo"), rapid.IntRange(50, 100).Draw(t, "hi")
		a, z := noon.Add(time.Duration(lo)*every), noon.Add(time.Duration(hi)*every)
		want = slices.DeleteFunc(want, func(m time.Time) bool { return m.Before(a) || !m.Before(z) })
		if got, _ := b.stated(p, a, z); !slices.Equal(got, want) {
			t.Fatalf("from %d to %d: %v, want %v", lo, hi, got, want)
		}
	})
}

func TestADayOfRoundsIsOneRow(t *testing.T) {
	b := newNotebook(t)
	b.put(value("P", grid.Instant, noon.Add(-time.Hour)))
	for i := range 288 { // each round finds what has passed since the one before
		b.say(b.quiet("P", grid.Instant, 15*time.Second, 20*i, 20, "the collector did not run"))
	}
	if n := b.rows(); n != 1 {
		t.Errorf("%d rows, want one", n)
	}
	b.say(b.quiet("P", grid.Instant, 15*time.Second, 5760, 10*5760, "the collector did not run"))
	if n := b.rows(); n != 11 {
		t.Errorf("%d rows for eleven days, want a row a day", n)
	}
	b.say(b.quiet("P", grid.Instant, 15*time.Second, 0, 11*5760, "something else"))
	if n := b.rows(); n != 11 || b.Count().Absences != 11*5760 {
		t.Errorf("%d rows and %d absences after it was said again", n, b.Count().Absences)
	}
}

func TestSlotsOfSeveralIntervalsComeByTime(t *testing.T) {
	b := newNotebook(t)
	b.put(value("P", grid.Profile, noon.Add(-time.Hour)))
	b.say(b.quiet("P", grid.Profile, time.Hour, 0, 3, ""), b.quiet("P", grid.Profile, 10*time.Minute, 0, 18, ""), b.quiet("P", grid.Profile, 30*time.Minute, 8, 2, ""))
	got, _ := b.stated("P", noon, noon.Add(6*time.Hour)) // which looks at their order
	if len(got) != 20 || b.Count().Absences != 20 {
		t.Errorf("%d and %d, want 3 of an hour, the 15 of ten minutes that do not hold those, and 2", len(got), b.Count().Absences)
	}
}

func TestTheAuditsWordIsKeptAsLongAsAbsences(t *testing.T) {
	b := newNotebook(t)
	b.put(value("P", grid.Instant, noon.Add(-time.Hour)))
	b.say(b.quiet("P", grid.Instant, time.Minute, 0, 100, ""), b.quiet("P", grid.Instant, time.Minute, 2*24*60, 10, ""))
	keep := Keep{Readings: 1, Absences: 1, Loadings: 1, DeadLetters: 1}
	now := noon.AddDate(0, 1, 1)
	if _, err := b.Expire(b.Context(), now, keep, func(context.Context) bool { return true }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n := b.Count().Absences; n != 10 || b.rows() != 1 {
			t.Errorf("%d absences in %d rows are left, want 10 in one", n, b.rows())
		}
		b.open()
	}
}
