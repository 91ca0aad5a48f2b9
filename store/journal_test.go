package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"phutai/db"
	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// TestMain sees to it that followers and ingesters leave no goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// file is a journal on disk that can be opened again as after a crash.
type file struct {
	t    testing.TB
	path string
	db   *db.DB
	*store.Journal
}

func newFile(t testing.TB) *file {
	f := &file{t: t, path: filepath.Join(t.TempDir(), "journal.db")}
	f.reopen()
	t.Cleanup(func() { _ = f.db.Close() })
	return f
}

func (f *file) reopen() *file {
	f.t.Helper()
	if f.db != nil {
		if err := f.db.Close(); err != nil {
			f.t.Fatal(err)
		}
	}
	var err error
	if f.db, err = db.Open(f.path); err != nil {
		f.t.Fatal(err)
	}
	if f.Journal, err = store.OpenJournal(context.Background(), f.db, nil); err != nil {
		f.t.Fatal(err)
	}
	return f
}

func (f *file) put(rs ...grid.Reading) store.Committed {
	f.t.Helper()
	done, err := f.Commit(f.t.Context(), store.Entry{Readings: rs})
	if err != nil {
		f.t.Fatal(err)
	}
	return done
}

func (f *file) number(query string) (n int64) {
	f.t.Helper()
	if err := f.db.Read.QueryRow(query).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

func TestJournalKeepsTheContract(t *testing.T) {
	storetest.RunLedger(t, func(t *testing.T) (storetest.Ledger, func() storetest.Ledger) {
		f := newFile(t)
		return f, func() storetest.Ledger { return f.reopen() }
	})
}

func TestJournalIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		f := newFile(t)
		return storetest.Subject{
			Journal: func() storetest.Journal { return f },
			Readings: func(id grid.PointID, source grid.Source) (out []storetest.Sample, err error) {
				err = f.Series(t.Context(), id, source, time.UnixMilli(0), time.UnixMilli(1<<42), func(r grid.Reading) error {
					out = append(out, storetest.SamplesOf(&r)...)
					return nil
				})
				return out, err
			},
			Loadings: func(id grid.TransformerID) (out []storetest.Sample, err error) {
				err = f.LoadingSeries(t.Context(), id, time.UnixMilli(0), time.UnixMilli(1<<42), func(l grid.Loading) error {
					out = append(out, storetest.SamplesOfLoading(&l)...)
					return nil
				})
				return out, err
			},
			Kill: func() { f.reopen() },
		}
	})
}

func TestWatermarkNamesItsHoles(t *testing.T) {
	spool := store.Spool{Collector: "c1", Epoch: "e1"}
	tests := []struct {
		first uint64
		count int
		want  grid.Watermark
	}{
		{5, 3, grid.Watermark{Epoch: "e1", Seq: 7, Missing: [][2]uint64{{1, 4}}}},
		{10, 1, grid.Watermark{Epoch: "e1", Seq: 10, Missing: [][2]uint64{{1, 4}, {8, 9}}}},
		{2, 2, grid.Watermark{Epoch: "e1", Seq: 10, Missing: [][2]uint64{{1, 1}, {4, 4}, {8, 9}}}},
		{2, 2, grid.Watermark{Epoch: "e1", Seq: 10, Missing: [][2]uint64{{1, 1}, {4, 4}, {8, 9}}}},
		{1, 9, grid.Watermark{Epoch: "e1", Seq: 10}},
		{11, 500, grid.Watermark{Epoch: "e1", Seq: 510}},
	}
	f := newFile(t)
	for _, c := range tests {
		done, err := f.Commit(t.Context(), store.Entry{Spool: spool, First: c.first, Count: c.count})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, done.Marks[spool]); diff != "" {
			t.Errorf("after %d readings from %d (-want +got):\n%s", c.count, c.first, diff)
		}
		if diff := cmp.Diff(c.want, f.reopen().Watermarks()["c1"]); diff != "" {
			t.Errorf("opened again after %d readings from %d (-want +got):\n%s", c.count, c.first, diff)
		}
	}
}

func TestNumbersThatStandForNothingAreNotWaitedFor(t *testing.T) {
	f := newFile(t)
	spool := store.Spool{Collector: "c1", Epoch: "e1"}
	done, err := f.Commit(t.Context(), store.Entry{Spool: spool, First: 500, Count: 2, Void: [][2]uint64{{1, 400}, {450, 460}, {501, 501}}})
	want := grid.Watermark{Epoch: "e1", Seq: 501, Missing: [][2]uint64{{401, 449}, {461, 499}}}
	if diff := cmp.Diff(want, done.Marks[spool]); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestNewestSpoolOfACollectorIsTheCurrentOne(t *testing.T) {
	f := newFile(t)
	for _, epoch := range []string{"zz-old", "aa-new", "zz-old"} {
		_, err := f.Commit(t.Context(), store.Entry{Spool: store.Spool{Collector: "c1", Epoch: epoch}, First: 1, Count: 3})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := f.reopen().Watermarks()["c1"]; got.Epoch != "aa-new" || got.Seq != 3 {
		t.Errorf("got %+v", got)
	}
}

// A collector got a new disk, and the only message of the old one was still in the
// broker: it comes last, and is not what the collector works with.
func TestOldSpoolsOfACollectorAreForgotten(t *testing.T) {
	f := newFile(t)
	commit := func(c grid.CollectorID, epoch int) {
		t.Helper()
		_, err := f.Commit(t.Context(), store.Entry{Spool: store.Spool{Collector: c, Epoch: fmt.Sprint(epoch)}, First: 1, Count: 3})
		if err != nil {
			t.Fatal(err)
		}
	}
	commit("c2", 0)
	for i := range 100 {
		commit("c1", i)
	}
	for range 2 {
		if n := f.number("SELECT count(*) FROM progress WHERE collector = 'c1'"); n != 64 {
			t.Errorf("%d spools of one collector are remembered, want 64", n)
		}
		if w := f.Watermarks(); w["c1"].Epoch != "99" || w["c1"].Seq != 3 || w["c2"].Seq != 3 {
			t.Errorf("the watermarks are %+v", w)
		}
		if f.Uses(store.Spool{Collector: "c1", Epoch: "35"}) || !f.Uses(store.Spool{Collector: "c1", Epoch: "36"}) {
			t.Error("others than the oldest are forgotten")
		}
		f.reopen()
	}
}

func TestCollectorSaysWhichSpoolItWorksWith(t *testing.T) {
	f := newFile(t)
	for _, epoch := range []string{"new", "old"} {
		_, err := f.Commit(t.Context(), store.Entry{Spool: store.Spool{Collector: "c1", Epoch: epoch}, First: 1, Count: 3})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		epoch   string
		changed bool
		want    string
	}{{"old", false, "old"}, {"unheard", false, "old"}, {"new", true, "new"}, {"new", false, "new"}} {
		changed := f.Uses(store.Spool{Collector: "c1", Epoch: x.epoch})
		if got := f.Watermarks()["c1"]; changed != x.changed || got.Epoch != x.want {
			t.Errorf("%s: changed %v, watermark of %s; want %v, %s", x.epoch, changed, got.Epoch, x.changed, x.want)
		}
	}
	if f.Uses(store.Spool{Collector: "nobody", Epoch: "new"}) {
		t.Error("a collector of which nothing came has a current spool")
	}
}

func TestTooManyHolesHoldTheWatermarkBack(t *testing.T) {
	f := newFile(t)
	spool := store.Spool{Collector: "c1", Epoch: "e1"}
	var entries []store.Entry
	for i := range 900 {
		entries = append(entries, store.Entry{Spool: spool, First: uint64(2 * (i + 1)), Count: 1})
	}
	done, err := f.Commit(t.Context(), entries...)
	if err != nil {
		t.Fatal(err)
	}
	w := done.Marks[spool]
	if len(w.Missing) > 500 || w.Seq < 999 || w.Seq > 1001 {
		t.Errorf("watermark %d with %d holes", w.Seq, len(w.Missing))
	}
	// Whatever the collector sends again fills them.
	done, err = f.Commit(t.Context(), store.Entry{Spool: spool, First: 1, Count: 1800})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(grid.Watermark{Epoch: "e1", Seq: 1800}, done.Marks[spool]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSequenceNumbersThatCannotBeAreRefused(t *testing.T) {
	f := newFile(t)
	for _, e := range []store.Entry{{First: 0, Count: 1}, {First: 1<<63 - 1, Count: 2}, {First: 1, Count: -1}} {
		if _, err := f.Commit(t.Context(), e); err == nil {
			t.Errorf("numbers from %d, %d of them, were taken", e.First, e.Count)
		}
	}
}

func TestContactCountsMissesSinceTheLastAnswer(t *testing.T) {
	at := func(m int) time.Time { return storetest.Noon.Add(time.Duration(m) * time.Minute) }
	miss := func(m int) grid.Reading { return storetest.Absence("A", m, grid.NoAnswer) }
	good := func(m int) grid.Reading { return storetest.Reading("A", m, 1) }
	gap := miss(-500)
	gap.Source, gap.Missing = grid.Profile, grid.GapInMeter
	unpolled := func(m int) grid.Reading {
		r := storetest.Absence("A", m, grid.NotPolled)
		r.PolledAt = time.Time{}
		return r
	}
	timed := func(m int, off time.Duration) grid.Reading {
		r := good(m)
		r.ClockKnown, r.ClockOffset = true, off
		return r
	}
	tests := []struct {
		name string
		put  []grid.Reading
		want grid.Contact
	}{
		{"an answer", []grid.Reading{good(0)}, grid.Contact{LastGood: at(0), LastTry: at(0)}},
		{"two misses", []grid.Reading{miss(5), miss(10)}, grid.Contact{LastGood: at(0), LastTry: at(10), Misses: 2, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"the same again", []grid.Reading{good(0), miss(5), miss(10)}, grid.Contact{LastGood: at(0), LastTry: at(10), Misses: 2, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"an answer between them that comes late", []grid.Reading{good(7)}, grid.Contact{LastGood: at(7), LastTry: at(10), Misses: 1, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"a miss that comes late", []grid.Reading{miss(8)}, grid.Contact{LastGood: at(7), LastTry: at(10), Misses: 2, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"a gap found in the load profile", []grid.Reading{gap}, grid.Contact{LastGood: at(7), LastTry: at(10), Misses: 2, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"history read now", []grid.Reading{storetest.Row("A", 20-24*60, 5)}, grid.Contact{LastGood: at(20), LastTry: at(20)}},
		{"a miss after it", []grid.Reading{miss(25)}, grid.Contact{LastGood: at(20), LastTry: at(25), Misses: 1, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"polls that nobody made", []grid.Reading{unpolled(22), unpolled(27)}, grid.Contact{LastGood: at(20), LastTry: at(25), Misses: 1, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"a miss that comes late among them", []grid.Reading{miss(24)}, grid.Contact{LastGood: at(20), LastTry: at(25), Misses: 2, Missing: grid.NoAnswer, Detail: "timeout"}},
		{"an answer again", []grid.Reading{good(30)}, grid.Contact{LastGood: at(30), LastTry: at(30)}},
		{"with the meter's clock", []grid.Reading{timed(35, -75*time.Second)}, grid.Contact{LastGood: at(35), LastTry: at(35), ClockKnown: true, ClockOffset: -75 * time.Second}},
		{"set right", []grid.Reading{timed(40, time.Second), timed(36, time.Minute)}, grid.Contact{LastGood: at(40), LastTry: at(40), ClockKnown: true, ClockOffset: time.Second}},
	}
	f := newFile(t)
	for _, c := range tests {
		f.put(c.put...)
		c.want.Point = "A"
		for range 2 {
			if diff := cmp.Diff([]grid.Contact{c.want}, f.Contacts(t.Context())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
			f.reopen()
		}
	}
}

func TestDeadLetterIsKeptOnceAndCounted(t *testing.T) {
	f := newFile(t)
	letter := store.DeadLetter{FirstSeen: storetest.Noon, Collector: "c1", Reason: "poison", Detail: "no JSON", Payload: []byte("x")}
	again := letter
	again.FirstSeen = storetest.Noon.Add(time.Hour)
	for _, d := range []store.DeadLetter{letter, again} {
		if err := f.Bury(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	f.reopen()
	want := letter
	want.ID, want.Times, want.LastSeen = 1, 2, again.FirstSeen
	if diff := cmp.Diff([]store.DeadLetter{want}, f.letters()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := f.Count().DeadLetters; n != 1 {
		t.Errorf("%d dead letters, want 1", n)
	}
	if err := f.DropDeadLetter(t.Context(), 1); err != nil || len(f.letters()) != 0 || f.Count().DeadLetters != 0 {
		t.Errorf("dead letter is still there (%v)", err)
	}
	if err := f.DropDeadLetter(t.Context(), 1); err == nil {
		t.Error("a dead letter that is not there was dropped")
	}
}

func (f *file) letters() (out []store.DeadLetter) {
	f.t.Helper()
	err := f.DeadLetters(f.t.Context(), func(d store.DeadLetter) error {
		out = append(out, d)
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func TestStateSurvives(t *testing.T) {
	f := newFile(t)
	if got, err := f.LoadState(t.Context(), "thermal"); got != nil || err != nil {
		t.Errorf("got %q, %v before anything was saved", got, err)
	}
	for _, body := range []string{"one", "two"} {
		if err := f.SaveState(t.Context(), "thermal", []byte(body)); err != nil {
			t.Fatal(err)
		}
		if got, err := f.reopen().LoadState(t.Context(), "thermal"); string(got) != body || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, body)
		}
	}
}

func TestHostileNamesAreOnlyNames(t *testing.T) {
	f := newFile(t)
	names := []grid.PointID{"'; DROP TABLE reading; --", "471E11", "", "a\x00b", "đường dây", "\xff"}
	for i, name := range names {
		f.put(storetest.Reading(name, 0, float64(i)))
	}
	f.reopen()
	for i, name := range names {
		r, ok := f.LatestOf(name, grid.Instant)
		if p, _ := r.Values.Get(grid.P); !ok || p != float64(i) || r.Point != name {
			t.Errorf("%q holds %v, %v", name, r, ok)
		}
	}
}

func TestDamagedRowIsAnErrorThatNamesIt(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", 0, 1))
	if _, err := f.db.Write.Exec("UPDATE reading SET body = x'ff00'"); err != nil {
		t.Fatal(err)
	}
	err := f.Series(t.Context(), "A", grid.Instant, storetest.Noon, storetest.Noon.Add(time.Hour), func(grid.Reading) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "A") {
		t.Errorf("got %v", err)
	}
}

func TestNewestLoadingOfManyTransformersIsThereAtOnce(t *testing.T) {
	f := newFile(t)
	var rows []grid.Loading
	for _, id := range []grid.TransformerID{"T1", "T2"} {
		for _, m := range []int{10, 0, 5} {
			rows = append(rows, grid.Loading{Transformer: id, Point: "A", Source: grid.Profile, At: storetest.Noon.Add(time.Duration(m) * time.Minute)})
		}
	}
	if err := f.SaveLoading(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := f.LatestLoading(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b grid.Loading) int { return strings.Compare(string(a.Transformer), string(b.Transformer)) })
		if diff := cmp.Diff([]grid.Loading{rows[0], rows[3]}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		f.reopen()
	}
}
