package main_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"phutai/alerting/notify"
	"phutai/db"
	"phutai/grid"
	"phutai/internal/lossless"
	"phutai/sim"
)

// audit reads what a demo has left: its readings by the checker, its alarms and
// pages here.
type audit struct {
	province       *sim.Province
	meters         int
	faults         map[grid.PointID]sim.Fault
	checker        *lossless.Checker
	stateFile      *db.DB
	pages          string
	end            time.Time // what the demo's clock showed last
	raised, paged  int       // as the summary counts them
	polled, stored int
}

// How the demo polls: every five minutes of its clock, thirty days back, and cut
// off after ten seconds, which are ten minutes there. Each row of a load profile
// is read soon after its end: one of a meter that answers in time is overdue a
// quarter of an hour later.
const (
	pollEvery = 5 * time.Minute
	depth     = 30 * 24 * time.Hour
	slowest   = 10 * time.Minute
	overdue   = 15 * time.Minute
)

func openAudit(t *testing.T, data string) *audit {
	t.Helper()
	a := &audit{province: sim.New(sim.Config{}), pages: filepath.Join(data, "pages.jsonl"), end: clockAtEnd(t, data)}
	a.meters, a.faults = len(a.province.Fleet().Points), a.province.Faults()
	var err error
	a.checker, err = lossless.Open(t.Context(), lossless.Evidence{
		Province: a.province, Spool: filepath.Join(data, "spool.db"), Journal: filepath.Join(data, "journal.db"),
		Start: sim.Start(), End: a.end, Settled: a.end.Add(-overdue), Every: pollEvery, Depth: depth, Slowest: slowest,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.checker.Close() })
	if a.stateFile, err = db.Open(filepath.Join(data, "state.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.stateFile.Close() })
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
	if n[0] != a.meters || n[3] != 0 || n[1] != n[2] || n[1] == 0 {
		t.Errorf("the summary says meters %d, polled %d, stored %d, lost %d; want %d meters, all stored, none lost", n[0], n[1], n[2], n[3], a.meters)
	}
}

// checkReadings wants of the files what the summary says, and the truth.
func (a *audit) checkReadings(t *testing.T) {
	t.Helper()
	found, err := a.checker.Judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(found)
	if err := found.Err(); err != nil {
		t.Error(err)
	}
	if found.Stored != a.stored || found.Committed != a.polled {
		t.Errorf("the summary says polled %d and stored %d, the files say %d and %d", a.polled, a.stored, found.Committed, found.Stored)
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
