package main_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"phutai/alerting/notify"
	"phutai/collector"
	"phutai/db"
	"phutai/grid"
	"phutai/sim"
	"phutai/store"
)

// audit reads the files that a demo left, and the province that it was about,
// which is a pure function of its seed and of time.
type audit struct {
	province       *sim.Province
	points         []grid.MeteringPoint
	meters         map[grid.PointID]grid.Meter
	faults         map[grid.PointID]sim.Fault
	journalFile    *db.DB
	journal        *store.Journal
	spoolFile      *db.DB
	spool          *collector.Spool
	stateFile      *db.DB
	pages          string
	end            time.Time // what the demo's clock showed last
	raised, paged  int       // as the summary counts them
	polled, stored int
}

func openAudit(t *testing.T, data string) *audit {
	t.Helper()
	a := &audit{province: sim.New(sim.Config{}), meters: map[grid.PointID]grid.Meter{}, pages: filepath.Join(data, "pages.jsonl"), end: clockAtEnd(t, data)}
	f := a.province.Fleet()
	a.points, a.faults = f.Points, a.province.Faults()
	for _, m := range f.Meters {
		a.meters[m.Point] = m
	}
	open := func(name string) *db.DB {
		d, err := db.Open(filepath.Join(data, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	a.journalFile, a.spoolFile, a.stateFile = open("journal.db"), open("spool.db"), open("state.db")
	var err error
	if a.journal, err = store.OpenJournal(t.Context(), a.journalFile, nil); err != nil {
		t.Fatal(err)
	}
	if a.spool, err = collector.OpenSpool(t.Context(), filepath.Join(data, "spool.db"), collector.Bounds{Readings: 1e6}, true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.spool.Close() })
	return a
}

func (a *audit) checkSummary(t *testing.T, out []byte) {
	t.Helper()
	m := summary.FindSubmatch(out)
	if m == nil {
		t.Fatal("the demo's last lines are not the six of the contract")
	}
	var n [6]int
	for i := range n {
		n[i], _ = strconv.Atoi(string(m[i+1]))
	}
	a.polled, a.stored, a.raised, a.paged = n[1], n[2], n[4], n[5]
	if n[0] != len(a.points) || n[3] != 0 || n[1] != n[2] || n[1] == 0 {
		t.Errorf("the summary says meters %d, polled %d, stored %d, lost %d; want %d meters, all stored, none lost", n[0], n[1], n[2], n[3], len(a.points))
	}
}

// number asks one figure of a file.
func number(t *testing.T, d *db.DB, query string) int {
	t.Helper()
	var n int
	if err := d.Read.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// checkLedger holds the ledger of what was committed to the spool against the
// rows of the journal: the same keys, each once, and none of the spool left.
func (a *audit) checkLedger(t *testing.T) {
	t.Helper()
	if got := number(t, a.spoolFile, `SELECT count(*) FROM spool`); got != 0 {
		t.Errorf("%d readings still lie in the spool", got)
	}
	if got := number(t, a.journalFile, `SELECT count(*) FROM dead_letter`); got != 0 {
		t.Errorf("%d dead letters", got)
	}
	held := map[grid.Key]int{}
	count := func(r grid.Reading) error {
		if !r.Absent() || !r.PolledAt.IsZero() { // otherwise the gap audit says it: nobody polled it
			held[r.Key()]++
		}
		return nil
	}
	for _, p := range a.points {
		for _, s := range []grid.Source{grid.Instant, grid.Profile} {
			a.series(t, p.ID, s, count)
		}
		a.absences(t, p.ID, count)
	}
	rows := number(t, a.journalFile, `SELECT (SELECT count(*) FROM reading) + (SELECT count(*) FROM absence)`)
	if rows != len(held) || rows != a.stored {
		t.Errorf("the journal has %d rows under %d keys, and the summary says stored %d", rows, len(held), a.stored)
	}
	ledger := 0
	err := a.spool.Ledger(t.Context(), func(k grid.Key) error {
		ledger++
		if n := held[k]; n != 1 {
			t.Errorf("%v was polled and is in the journal %d times", k, n)
		}
		delete(held, k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if ledger != a.polled {
		t.Errorf("the ledger holds %d keys, the summary says polled %d", ledger, a.polled)
	}
	for k := range held {
		t.Errorf("%v is in the journal and was never polled", k)
	}
}

// ever is a window that holds all.
var ever = [2]time.Time{time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2068, 1, 1, 0, 0, 0, 0, time.UTC)}

func (a *audit) series(t *testing.T, p grid.PointID, s grid.Source, f func(grid.Reading) error) {
	t.Helper()
	if err := a.journal.Series(t.Context(), p, s, ever[0], ever[1], f); err != nil {
		t.Fatal(err)
	}
}

func (a *audit) absences(t *testing.T, p grid.PointID, f func(grid.Reading) error) {
	t.Helper()
	if err := a.journal.Absences(t.Context(), p, ever[0], ever[1], f); err != nil {
		t.Fatal(err)
	}
}

// same tells whether two figures are the same but for the last bits, which is
// far less than a step of the stored resolution.
func same(x, y float64) bool { return math.Abs(x-y) <= 1e-9*(1+math.Abs(y)) }

// readPast is how far a meter's load profile has been read, by the spool.
type readPast struct {
	Newest  int64
	Pending [][2]int64 // ends after the first and not after the second are still to be read
}

func (p readPast) unread(end time.Time) bool {
	ms := end.UnixMilli()
	for _, w := range p.Pending {
		if w[0] < ms && ms <= w[1] {
			return true
		}
	}
	return ms > p.Newest
}

func (a *audit) past(t *testing.T, m grid.MeterID) (p readPast, found bool) {
	t.Helper()
	var raw []byte
	err := a.spoolFile.Read.QueryRowContext(t.Context(), `SELECT progress FROM history WHERE meter = ?`, string(m)).Scan(&raw)
	if err == sql.ErrNoRows {
		return p, false
	}
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		t.Fatalf("progress of meter %s: %v", m, err)
	}
	return p, true
}

// The load profile is read thirty days back, and each row soon after its end:
// at most this much later, of the demo's clock, after which a row of a meter
// that answers in time is overdue.
const (
	depth   = 30 * 24 * time.Hour
	overdue = 15 * time.Minute
)

// checkRows holds the stored load profiles against the truth: all values the
// same, none more, and none less but those that a late meter is still to give.
func (a *audit) checkRows(t *testing.T) {
	t.Helper()
	checked := 0
	for _, p := range a.points {
		got := map[time.Time]grid.Values{}
		first := a.end
		a.series(t, p.ID, grid.Profile, func(r grid.Reading) error {
			got[r.At] = r.Values
			if r.PolledAt.Before(first) {
				first = r.PolledAt
			}
			if r.Interval != sim.Period || r.Quality != 0 {
				t.Errorf("%s: row of %s is of %s and quality %b", p.ID, r.At, r.Interval, r.Quality)
			}
			return nil
		})
		rows, err := a.province.Rows(p.ID, first.Add(-depth), a.end)
		if err != nil {
			t.Fatal(err)
		}
		fault := a.faults[p.ID]
		past, begun := a.past(t, a.meters[p.ID].ID)
		if fault == sim.Silent || len(rows) == 0 {
			if len(got) != 0 {
				t.Errorf("%s gives no load profile and has %d rows", p.ID, len(got))
			}
			continue
		}
		if !begun {
			t.Errorf("%s: its load profile was never read", p.ID)
			continue
		}
		if fault != sim.AnswerLate && (len(past.Pending) > 0 || past.Newest < a.end.Add(-overdue-sim.Period).UnixMilli()) {
			t.Errorf("%s: its load profile is read up to %s but for %d stretches, at %s", p.ID, time.UnixMilli(past.Newest).UTC(), len(past.Pending), a.end)
		}
		for _, row := range rows {
			have, ok := got[row.End]
			if delete(got, row.End); !ok {
				if !past.unread(row.End) {
					t.Errorf("%s: the row of %s is missing, though it counts as read", p.ID, row.End)
				} else if fault != sim.AnswerLate && row.End.Before(a.end.Add(-overdue)) {
					t.Errorf("%s: the row of %s is missing", p.ID, row.End)
				}
				continue
			}
			checked++
			want, err := a.province.Primary(p.ID, row.Values)
			if err != nil {
				t.Fatal(err)
			}
			for q, x := range have.All() {
				if y, ok := want.Get(q); !ok || !same(x, y) {
					t.Errorf("%s: row of %s: %s is %v, the meter had %v", p.ID, row.End, q, x, y)
				}
			}
			if have.Mask() != want.Mask() {
				t.Errorf("%s: row of %s has quantities %b, the meter had %b", p.ID, row.End, have.Mask(), want.Mask())
			}
		}
		for at := range got {
			t.Errorf("%s: the row of %s is in no meter", p.ID, at)
		}
	}
	t.Logf("%d rows of load profiles are what the meters hold", checked)
}

// slowest is how much older than its stamp a figure of a poll may be: a poll is
// cut off after ten seconds, which are ten minutes of the demo's clock.
const slowest = 10

// checkInstants holds each figure that was read against what the meter showed at
// that minute, or a few minutes before where the poll was slow.
func (a *audit) checkInstants(t *testing.T) {
	t.Helper()
	var ages [slowest + 1]int
	for _, p := range a.points {
		polls := 0
		a.series(t, p.ID, grid.Instant, func(r grid.Reading) error {
			polls++
			if r.At.Before(sim.Start()) || r.At.After(a.end.Add(time.Minute)) {
				t.Errorf("%s: a reading of %s, outside the demo's time", p.ID, r.At)
			}
			var shown [slowest + 1]grid.Values
			for i := range shown {
				shown[i] = a.shown(t, p.ID, r.At.Add(-time.Duration(i)*time.Minute))
			}
			oldest := 0
			for q, x := range r.Values.All() {
				age := 0
				for ; age <= slowest; age++ {
					if y, ok := shown[age].Get(q); ok && same(x, y) {
						break
					}
				}
				if age > slowest {
					y, _ := shown[0].Get(q)
					t.Errorf("%s: at %s %s is %v, the meter showed %v", p.ID, r.At, q, x, y)
					continue
				}
				oldest = max(oldest, age)
			}
			ages[oldest]++
			return nil
		})
		if dead := a.faults[p.ID] == sim.Silent || a.faults[p.ID] == sim.DeadUnit; dead != (polls == 0) {
			t.Errorf("%s with fault %q has %d readings", p.ID, a.faults[p.ID], polls)
		}
	}
	t.Logf("readings by age of their oldest figure, in minutes of the demo's clock: %v", ages)
}

func (a *audit) shown(t *testing.T, p grid.PointID, at time.Time) grid.Values {
	t.Helper()
	v, err := a.province.Shown(p, at)
	if err == nil {
		v, err = a.province.Primary(p, v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// pollEvery is the interval of the demo's polls.
const pollEvery = 5 * time.Minute

// checkAbsences wants a reason for each poll without an answer.
func (a *audit) checkAbsences(t *testing.T) {
	t.Helper()
	reasons := map[string]int{}
	for _, p := range a.points {
		var answers []time.Time
		a.series(t, p.ID, grid.Instant, func(r grid.Reading) error { answers = append(answers, r.At); return nil })
		a.absences(t, p.ID, func(r grid.Reading) error {
			reasons[r.Missing.String()]++
			if r.Missing == grid.NoReason || r.Values.Len() != 0 {
				t.Errorf("%s: absence of %s with reason %q and %d values", p.ID, r.At, r.Missing, r.Values.Len())
			}
			if r.Missing == grid.NotPolled && slices.ContainsFunc(answers, func(at time.Time) bool { return !at.Before(r.At) && at.Before(r.At.Add(pollEvery)) }) {
				t.Errorf("%s: the poll of %s is said not to have been made, and its answer is there", p.ID, r.At)
			}
			return nil
		})
	}
	t.Logf("absences by reason: %v", reasons)
}

// checkAlarms wants at most one episode open for a condition, an episode only
// after the one before it was over, and none that the truth forbids. Those raised
// before the last kill are the ones that a start could have raised again.
func (a *audit) checkAlarms(t *testing.T, killed time.Time) {
	t.Helper()
	may := map[grid.TransformerID]grid.Severity{}
	for _, e := range a.province.Expect(sim.Start(), a.end, sim.DefaultRule()) {
		for _, id := range e.Transformers {
			may[id] = e.May
		}
	}
	rows, err := a.stateFile.Read.QueryContext(t.Context(), `SELECT subject, alarm FROM alarm ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	last, n, old := map[string]grid.Alarm{}, 0, 0
	for rows.Next() {
		var subject, text string
		var alarm grid.Alarm
		if err := rows.Scan(&subject, &text); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &alarm); err != nil {
			t.Fatal(err)
		}
		if n++; alarm.RaisedAt.Before(killed) {
			old++
		}
		if before, again := last[subject]; again && (before.Active() || before.ClearedAt.IsZero() || alarm.RaisedAt.Before(before.ClearedAt)) {
			t.Errorf("%s: %s was raised at %s while %s stands since %s", subject, alarm.ID, alarm.RaisedAt, before.ID, before.RaisedAt)
		} else if again {
			t.Errorf("%s: %s was raised at %s; %s was cleared at %s, in an evening whose load only grows", subject, alarm.ID, alarm.RaisedAt, before.ID, before.ClearedAt)
		}
		last[subject] = alarm
		fault := a.faults[alarm.Point]
		if alarm.Kind == grid.CommsLoss && fault != sim.Silent && fault != sim.DeadUnit {
			t.Errorf("%s: %s says that the meter is silent: %s", subject, alarm.ID, text)
		}
		if alarm.Kind == grid.Overload && alarm.Severity > may[alarm.Transformer] {
			t.Errorf("%s: %s is %s, the truth allows %q", subject, alarm.ID, alarm.Severity, may[alarm.Transformer])
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n != a.raised {
		t.Errorf("%d episodes, the summary says alarms raised %d", n, a.raised)
	}
	t.Logf("%d episodes, %d of them raised before the last kill", n, old)
	if _, ok := last["overload/"+string(sim.SteadyTransformer)]; !ok {
		t.Errorf("the overload of %s was not raised", sim.SteadyTransformer)
	}
}

// checkPages wants each page of the outbox delivered: once, or twice where the
// kill came between delivering it and striking it off.
func (a *audit) checkPages(t *testing.T) {
	t.Helper()
	delivered := map[string]int{}
	f, err := os.Open(a.pages)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m notify.Message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Errorf("a line of the pages is %q: %v", lines.Bytes(), err)
			continue
		}
		delivered[m.Key]++
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	due := number(t, a.stateFile, `SELECT count(DISTINCT key) FROM page`)
	if due != len(delivered) || due != a.paged {
		t.Errorf("%d pages in the outbox, %d delivered, and the summary says pages sent %d", due, len(delivered), a.paged)
	}
	for key, n := range delivered {
		if n > 2 {
			t.Errorf("page %s was delivered %d times", key, n)
		}
	}
}
