package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
)

const (
	day  = 24 * time.Hour
	poll = 5 * time.Minute
	half = 30 * time.Minute
)

// auditor is an audit of a real file, with what stands around it. It lives in
// the time of a synctest bubble.
type auditor struct {
	*file
	*store.Audit
	cfg    store.AuditConfig
	duties []store.Duty
	cancel context.CancelFunc
	done   chan error

	mu       sync.Mutex
	handed   time.Time
	away     bool // commands do not go out
	commands []grid.BackFill
	failed   error // of the last round
}

func (a *auditor) Duties(context.Context) ([]store.Duty, error) { return a.duties, nil }

func (a *auditor) Handed(grid.CollectorID) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.handed
}

func (a *auditor) BackFill(_ context.Context, b grid.BackFill) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.away {
		return errors.New("not connected")
	}
	a.commands = append(a.commands, b)
	return nil
}

func (a *auditor) sent() []grid.BackFill {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]grid.BackFill(nil), a.commands...)
}

func (a *auditor) set(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

// stay is a meter of these tests at its point.
func stay(m grid.MeterID, rows time.Duration) store.Stay {
	return store.Stay{Meter: m, Collector: "main", Poll: poll, Phase: time.Minute, Row: rows, RowLag: 33 * time.Minute}
}

// newAuditor opens a journal at the beginning of a day of a plausible year.
func newAuditor(t *testing.T, duties ...store.Duty) *auditor {
	time.Sleep(200 * day)
	a := &auditor{file: newFile(t), cfg: store.DefaultAuditConfig(), duties: duties}
	a.cfg.Depth = 10 * day
	t.Cleanup(a.stop)
	return a
}

func (a *auditor) start() {
	a.Audit = store.NewAudit(a.cfg, store.AuditParts{
		Journal: a.Journal, Duties: a, Collectors: a, Clock: grid.RealClock{}, Zone: time.UTC, Report: func(err error) { a.set(func() { a.failed = err }) },
	})
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel, a.done = cancel, make(chan error, 1)
	go func() { a.done <- a.Run(ctx) }()
}

// pass lets time go by, and looks that the audit has gone well.
func (a *auditor) pass(d time.Duration) {
	a.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	a.set(func() {
		if a.failed != nil {
			a.t.Error(a.failed)
		}
	})
}

func (a *auditor) stop() {
	if a.cancel == nil {
		return
	}
	a.cancel()
	a.cancel = nil
	if err := <-a.done; err != nil {
		a.t.Error(err)
	}
}

// polls puts the answers of a point with from ≤ slot < to into the journal, two
// seconds after their slots.
func (a *auditor) polls(p grid.PointID, from, to time.Time) {
	a.t.Helper()
	var rs []grid.Reading
	for at := from.Truncate(poll).Add(time.Minute); at.Before(to); at = at.Add(poll) {
		if !at.Before(from) {
			rs = append(rs, answer(p, at.Add(2*time.Second)))
		}
	}
	a.put(rs...)
}

func answer(p grid.PointID, at time.Time) grid.Reading {
	r := grid.Reading{Point: p, Source: grid.Instant, At: at.UTC(), PolledAt: at.UTC(), Ratio: 1}
	r.Values.Set(grid.P, 1)
	return r
}

func rowAt(p grid.PointID, end time.Time) grid.Reading {
	r := answer(p, end)
	r.Source, r.Interval, r.PolledAt = grid.Profile, half, end.Add(time.Minute).UTC()
	return r
}

// rows puts the rows with from < end ≤ to into the journal.
func (a *auditor) rows(p grid.PointID, from, to time.Time) {
	a.t.Helper()
	var rs []grid.Reading
	for end := from.Truncate(half).Add(half); !end.After(to); end = end.Add(half) {
		rs = append(rs, rowAt(p, end))
	}
	a.put(rs...)
}

// silences gives the absences of a point by reason.
func (a *auditor) silences(p grid.PointID) map[grid.Reason]int {
	a.t.Helper()
	out := map[grid.Reason]int{}
	err := a.Absences(a.t.Context(), p, time.Time{}, time.Now().Add(day), func(r grid.Reading) error {
		out[r.Missing]++
		return nil
	})
	if err != nil {
		a.t.Error(err)
	}
	return out
}

func (a *auditor) wantCollection(p grid.PointID, received, explained, open int) {
	a.t.Helper()
	got, err := a.Collection(a.t.Context(), p, time.Time{}.AddDate(1999, 0, 0))
	if want := (grid.Collection{Due: received + explained + open, Received: received, Explained: explained}); err != nil || got != want {
		a.t.Errorf("%s: %+v, %v; want %+v", p, got, err, want)
	}
}

func TestPollsThatNobodyMadeGetTheirReasonOnceTheCollectorHasHandedOverAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", 0)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-2*day), now.Add(-9*time.Hour))
		a.polls("P", now.Add(-6*time.Hour), now)
		a.handed = now.Add(-9 * time.Hour)
		a.start()
		a.pass(time.Minute)
		// Of the newest quarter of an hour nobody knows yet.
		const due = 2*288 - 4
		a.wantCollection("P", due-36, 0, 36)
		if got := a.silences("P"); len(got) != 0 {
			t.Errorf("%v while the collector may still bring them", got)
		}
		a.polls("P", now, now.Add(time.Hour))
		a.set(func() { a.handed = now.Add(time.Hour) })
		a.pass(time.Hour)
		a.wantCollection("P", due+12-36, 36, 0)
		if diff := cmp.Diff(map[grid.Reason]int{grid.NotPolled: 36}, a.silences("P")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if total := a.Total(now.Add(-3 * day)); total.Explained != 36 || total.Open() != 0 {
			t.Errorf("in all %+v", total)
		}
		// It says nothing of the meter.
		for _, c := range append(a.Contacts(t.Context()), a.reopen().Contacts(t.Context())...) {
			if c.Misses != 0 || c.Missing != grid.NoReason {
				t.Errorf("contact %+v", c)
			}
		}
		a.stop()
	})
}

func TestAnswerThatComesAfterAllTakesThePlaceOfTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", 0)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-6*day), now.Add(-5*day))
		a.polls("P", now.Add(-5*day).Add(time.Hour), now)
		a.start() // its collector is away for longer than is waited for
		a.pass(time.Minute)
		if got := a.silences("P")[grid.NotPolled]; got != 12 {
			t.Fatalf("%d polls were given up, want 12", got)
		}
		before := a.Count()
		a.polls("P", now.Add(-5*day), now.Add(-5*day).Add(time.Hour))
		a.pass(2 * day)
		if got := a.silences("P"); got[grid.NotPolled] != 0 {
			t.Errorf("%v beside values", got)
		}
		if got := a.Count(); got.Absences != before.Absences-12 || got.Absences != a.number("SELECT (SELECT count(*) FROM absence) + (SELECT coalesce(sum(n), 0) FROM silence)") {
			t.Errorf("%+v after %+v", got, before)
		}
		a.stop()
	})
}

// Earlier versions stated each slot by itself.
func TestWordOfAnEarlierVersionGoesWhenItsReadingComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", 0)}})
		defer a.db.Close()
		now := time.Now()
		gap := now.Add(-5 * day)
		a.polls("P", now.Add(-6*day), gap)
		a.polls("P", gap.Add(time.Hour), now.Add(day))
		for at := gap.Add(time.Minute); at.Before(gap.Add(time.Hour)); at = at.Add(poll) {
			a.put(grid.Reading{Point: "P", Source: grid.Instant, At: at, Missing: grid.NotPolled})
		}
		a.start()
		a.pass(time.Minute)
		if got := a.silences("P"); got[grid.NotPolled] != 12 || a.number("SELECT count(*) FROM silence") != 0 {
			t.Errorf("%v; what was stated is stated again", got)
		}
		a.polls("P", gap, gap.Add(half))
		a.pass(7 * time.Hour)
		if got := a.silences("P"); got[grid.NotPolled] != 6 || a.Count().Absences != 6 {
			t.Errorf("%v, counted %d; want the six that did not come", got, a.Count().Absences)
		}
		a.stop()
	})
}

func TestLackingRowsAreAskedForUntilTheyAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-9*day), now.Add(day))
		a.rows("P", now.Add(-9*day), now.Add(-6*day))
		a.rows("P", now.Add(-4*day), now.Add(-10*time.Hour))
		a.rows("P", now.Add(-9*time.Hour), now.Add(day))
		a.start()
		a.pass(time.Minute)
		q := half / 2
		want := []grid.Span{
			{From: now.Add(-10*time.Hour + q).UTC(), To: now.Add(-9*time.Hour + q).UTC()},
			{From: now.Add(-6*day + q).UTC(), To: now.Add(-4*day + q).UTC()},
		}
		sent := a.sent()
		if len(sent) != 1 {
			t.Fatalf("%d commands", len(sent))
		}
		if diff := cmp.Diff(want, sent[0].Spans); diff != "" || sent[0].Meter != "M" || sent[0].Point != "P" || sent[0].Every != half || sent[0].Collector != "main" {
			t.Errorf("%+v (-want +got):\n%s", sent[0], diff)
		}
		a.Answer(grid.BackFillReply{ID: sent[0].ID, Collector: "main", Outcome: grid.Accepted})

		// The newest come; the meter lacks one of the others.
		a.rows("P", now.Add(-10*time.Hour), now.Add(-9*time.Hour))
		a.pass(half)
		if sent = a.sent(); len(sent) != 2 || sent[1].ID == sent[0].ID {
			t.Fatalf("%d commands after the expiry, want a second one", len(sent))
		}
		if diff := cmp.Diff(want[1:], sent[1].Spans); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		gap := rowAt("P", now.Add(-5*day))
		gap.Values, gap.Missing = grid.Values{}, grid.GapInMeter
		a.put(gap)
		a.rows("P", now.Add(-6*day), now.Add(-5*day-half))
		a.rows("P", now.Add(-5*day), now.Add(-4*day))
		a.pass(2 * time.Hour)
		if sent = a.sent(); len(sent) != 2 {
			t.Errorf("%d commands although all is there", len(sent))
		}
		got, err := a.Collection(t.Context(), "P", now.Add(-11*day))
		if err != nil || got.Open() != 0 || got.Explained != 1 {
			t.Errorf("%+v, %v; want all there but the one that the meter lacks", got, err)
		}
		a.stop()
	})
}

func TestCommandsInVainComeSlowerAndEndInAReason(t *testing.T) {
	for outcome, want := range map[grid.Outcome]struct {
		commands int
		why      grid.Reason
	}{
		"":                   {3, grid.NotPolled},
		grid.Accepted:        {3, grid.MeterError},
		grid.UnknownMeter:    {3, grid.NotDeclared},
		grid.NoMemory:        {1, grid.GapInMeter},
		"of a later version": {3, grid.NotPolled},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
			defer a.db.Close()
			a.cfg.Tries = 3
			now := time.Now()
			a.polls("P", now.Add(-2*day), now.Add(2*day))
			a.rows("P", now.Add(-2*day), now.Add(-10*time.Hour))
			a.rows("P", now.Add(-9*time.Hour), now.Add(2*day))
			a.start()
			var times []time.Duration
			for range 5 * 60 / 5 {
				a.pass(5 * time.Minute)
				for _, c := range a.sent()[len(times):] {
					times = append(times, time.Since(now).Truncate(time.Minute))
					a.Answer(grid.BackFillReply{ID: c.ID, Collector: "main", Outcome: outcome})
					a.Answer(grid.BackFillReply{ID: c.ID, Collector: "other", Outcome: grid.NoMemory})
				}
			}
			if len(times) != want.commands {
				t.Errorf("%q: commands at %v, want %d", outcome, times, want.commands)
			}
			for i := 2; i < len(times); i++ {
				if times[i]-times[i-1] < 2*(times[i-1]-times[i-2])-10*time.Minute {
					t.Errorf("%q: the pauses do not grow: %v", outcome, times)
				}
			}
			if got := a.silences("P"); got[want.why] != 2 || len(got) != 1 {
				t.Errorf("%q: %v, want two of %s", outcome, got, want.why)
			}
			// What the collector has found out by asking is better, and a value best.
			found := rowAt("P", now.Add(-9*time.Hour))
			found.Values, found.Missing = grid.Values{}, grid.WrongPassword
			a.put(found, rowAt("P", now.Add(-9*time.Hour-half)))
			if got := a.silences("P"); got[grid.WrongPassword] != 1 || len(got) != 1 {
				t.Errorf("%q: %v", outcome, got)
			}
			a.stop()
		})
	}
}

func TestSilentMeterIsNotAskedForItsRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-day), now.Add(-10*time.Hour))
		a.rows("P", now.Add(-day), now.Add(-10*time.Hour))
		var silence []grid.Reading
		for at := now.Add(-10 * time.Hour).Add(time.Minute); at.Before(now); at = at.Add(poll) {
			silence = append(silence, grid.Reading{Point: "P", Source: grid.Instant, At: at.UTC(), PolledAt: at.UTC(), Missing: grid.NoRoute, Detail: "refused"})
		}
		a.put(silence...)
		a.handed = now.Add(day)
		a.start()
		a.pass(time.Minute)
		if sent := a.sent(); len(sent) != 0 {
			t.Errorf("asked: %+v", sent)
		}
		polls := int(10 * time.Hour / poll)
		if got := a.silences("P"); got[grid.NoRoute] != polls+18 || len(got) != 1 {
			t.Errorf("%v, want %d polls and the 18 rows that are ripe", got, polls)
		}
		// When it is back, what only the audit has said is asked for.
		a.polls("P", now, now.Add(26*time.Hour))
		a.pass(26 * time.Hour)
		sent := a.sent()
		if len(sent) == 0 || !sent[len(sent)-1].Spans[len(sent[len(sent)-1].Spans)-1].From.Equal(now.Add(-10*time.Hour+half/2)) {
			t.Errorf("asked: %+v", sent)
		}
		a.stop()
	})
}

func TestCommandsUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var duties []store.Duty
		for _, p := range []grid.PointID{"P1", "P2", "P3", "P4", "P5"} {
			duties = append(duties, store.Duty{Point: p, Stays: []store.Stay{stay(grid.MeterID(p), half)}})
		}
		a := newAuditor(t, duties...)
		defer a.db.Close()
		a.cfg.InFlight = 2
		now := time.Now()
		for _, d := range duties {
			a.polls(d.Point, now.Add(-day), now)
			a.rows(d.Point, now.Add(-day), now.Add(-10*time.Hour))
			a.rows(d.Point, now.Add(-9*time.Hour), now)
		}
		a.away = true
		a.start()
		a.pass(time.Minute)
		a.set(func() { a.away = false })
		a.pass(10 * time.Minute)
		if sent := a.sent(); len(sent) != 2 {
			t.Errorf("%d commands at a time, want 2", len(sent))
		}
		for range 40 { // each that is answered makes room for the next
			for _, c := range a.sent() {
				a.rows(c.Point, now.Add(-10*time.Hour), now.Add(-9*time.Hour))
			}
			a.pass(5 * time.Minute)
		}
		asked := map[grid.PointID]bool{}
		for _, c := range a.sent() {
			asked[c.Point] = true
		}
		if len(asked) != 5 {
			t.Errorf("asked for %v", asked)
		}
		a.stop()
	})
}

func TestLookThroughThePastGoesOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P1", Stays: []store.Stay{stay("M1", 0)}}, store.Duty{Point: "P2", Stays: []store.Stay{stay("M2", 0)}})
		defer a.db.Close()
		a.cfg.Cells = 10 // of which the newest two days of two points take four
		now := time.Now()
		for _, p := range []grid.PointID{"P1", "P2"} {
			a.polls(p, now.Add(-10*day).Add(2*time.Hour), now.Add(2*time.Hour))
		}
		a.handed = now.Add(day)
		place := func() string {
			raw, err := a.LoadState(t.Context(), "audit")
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		a.start()
		a.pass(time.Minute)
		first := place()
		a.stop()
		a.reopen()
		if total := a.number("SELECT sum(due) FROM collection"); total < 3*288 || total > 8*288 {
			t.Errorf("%d polls were looked at in the first round", total)
		}
		a.start()
		a.pass(5 * time.Minute)
		a.stop()
		if second := place(); first == second {
			t.Errorf("stands still at %s", second)
		}
		a.reopen()
		a.start()
		a.pass(30 * time.Minute)
		received, open := 2*(10*288-2*12), 0
		total := a.Total(now.Add(-11 * day))
		if total.Received < received || total.Open() != open || total.Explained != 0 {
			t.Errorf("%+v, want all %d", total, received)
		}
		if sum := a.number("SELECT sum(received) FROM collection"); int64(total.Received) != sum {
			t.Errorf("%d in memory, %d in the file", total.Received, sum)
		}
		a.stop()
	})
}
