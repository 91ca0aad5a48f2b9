package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
)

func TestPendingRowsAreAskedForLaterAndNeverGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}}, store.Duty{Point: "Q", Stays: []store.Stay{stay("N", half)}})
		defer a.db.Close()
		a.cfg.Tries, a.cfg.InFlight = 2, 1
		now := time.Now()
		a.polls("P", now.Add(-day), now.Add(day))
		a.rows("P", now.Add(-day), now.Add(-10*time.Hour))
		a.rows("P", now.Add(-9*time.Hour), now.Add(day))
		a.polls("Q", now.Add(-day), now.Add(day))
		a.rows("Q", now.Add(-day), now.Add(-10*time.Hour))
		a.rows("Q", now.Add(-9*time.Hour), now.Add(day))
		a.start()
		said, others := 0, 0
		for i := range 8 * 60 / 5 {
			a.set(func() { a.away = i/12 == 2 || i/12 == 5 }) // its broker is away for an hour
			a.pass(5 * time.Minute)
			for _, c := range a.sent()[said:] {
				said++
				outcome := grid.Pending
				if c.Point == "Q" {
					others++
					outcome = grid.Accepted
				}
				a.Answer(grid.BackFillReply{ID: c.ID, Collector: "main", Outcome: outcome})
			}
		}
		if got := a.silences("P"); len(got) != 0 || said-others < 6 || said-others > 14 {
			t.Errorf("%d commands, and the rows count as %v; want one each half an hour and no reason", said-others, got)
		}
		if others == 0 {
			t.Error("what is pending held up what could be read")
		}
		a.stop()
	})
}

// A meter that falls silent while its rows are still to be read anyway must not
// leave its gaps without a reason.
func TestRowsThatArePendingAtASilentMeterHaveItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-day), now)
		a.rows("P", now.Add(-day), now.Add(-10*time.Hour))
		a.cfg.Every = half
		a.start()
		a.pass(time.Minute)
		said := 0
		for range 2 * day / half {
			for _, c := range a.sent()[said:] {
				said++
				a.Answer(grid.BackFillReply{ID: c.ID, Collector: "main", Outcome: grid.Pending})
			}
			var silence []grid.Reading
			for at := time.Now().UTC(); len(silence) < int(half/poll); at = at.Add(poll) {
				silence = append(silence, grid.Reading{Point: "P", Source: grid.Instant, At: at, PolledAt: at, Missing: grid.NoRoute, Detail: "refused"})
			}
			a.put(silence...)
			a.pass(half)
		}
		rows := 0
		for why, n := range a.silences("P") {
			if why != grid.NoRoute {
				t.Errorf("%d for %s", n, why)
			}
			rows += n
		}
		if ripe := rows - int(2*day/poll); ripe < 2*58-4 {
			t.Errorf("%d rows of the load profile have a reason, want those of 58 hours; the account is %+v", ripe, a.Total(now.Add(-5*day)))
		}
		if said != 1 {
			t.Errorf("%d commands, want none once the meter is silent", said)
		}
		a.stop()
	})
}

func TestRowsThatArePendingForTooLongHaveAReasonUntilTheyCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-day), now.Add(day))
		a.rows("P", now.Add(-day), now.Add(-10*time.Hour))
		a.rows("P", now.Add(-9*time.Hour), now.Add(day))
		a.cfg.Every, a.cfg.Wait = half, 20*time.Hour
		a.start()
		said := 0
		for i := range day / half {
			if got := a.silences("P"); i < 18 && len(got) != 0 {
				t.Errorf("after %d half-hours they count as %v", i, got)
			}
			a.pass(half)
			for _, c := range a.sent()[said:] {
				said++
				a.Answer(grid.BackFillReply{ID: c.ID, Collector: "main", Outcome: grid.Pending})
			}
		}
		if got := a.silences("P"); got[grid.NotPolled] != 2 || len(got) != 1 {
			t.Errorf("after a day they count as %v", got)
		}
		a.rows("P", now.Add(-10*time.Hour), now.Add(-9*time.Hour))
		if got := a.silences("P"); len(got) != 0 {
			t.Errorf("after they came: %v", got)
		}
		a.stop()
	})
}

// A meter whose answers to polls are refused is not silent: the rows that were lost
// on the way are in it.
func TestMeterWhosePollsAreRefusedIsAskedForItsRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-day), now.Add(-10*time.Hour))
		a.rows("P", now.Add(-day), now.Add(-10*time.Hour))
		for at := now.Add(-10 * time.Hour).Add(time.Minute); at.Before(now); at = at.Add(poll) {
			a.put(grid.Reading{Point: "P", Source: grid.Instant, At: at.UTC(), PolledAt: at.UTC(), Missing: grid.OutOfRange, Detail: "ia is 1e9"})
		}
		a.start()
		a.pass(time.Minute)
		if sent := a.sent(); len(sent) != 1 || !sent[0].Spans[0].From.Equal(now.Add(-10*time.Hour+half/2)) {
			t.Errorf("asked: %+v", sent)
		}
		a.stop()
	})
}

// What a spool has given up is in the meter still, also the row under whose key the
// word of it came.
func TestRowsThatASpoolGaveUpAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-day), now.Add(day))
		a.rows("P", now.Add(-day), now.Add(-10*time.Hour))
		a.rows("P", now.Add(-8*time.Hour), now.Add(day))
		lost := rowAt("P", now.Add(-8*time.Hour))
		lost.Values, lost.Missing, lost.Detail = grid.Values{}, grid.Late, "4 readings were given up"
		a.put(lost)
		a.start()
		a.pass(time.Minute)
		sent := a.sent()
		want := []grid.Span{{From: now.Add(-10*time.Hour + half/2).UTC(), To: now.Add(-8*time.Hour + half/2).UTC()}}
		if len(sent) != 1 || !cmp.Equal(sent[0].Spans, want) {
			t.Fatalf("asked: %+v, want %v", sent, want)
		}
		a.rows("P", now.Add(-10*time.Hour), now.Add(-8*time.Hour))
		a.pass(10 * time.Minute)
		if got := a.silences("P"); len(got) != 0 {
			t.Errorf("after they came: %v", got)
		}
		a.stop()
	})
}
