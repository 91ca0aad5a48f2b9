package app

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
	"phutai/sheet"
	"phutai/store"
)

// TestReportTellsWhatLacksAndWhy has a meter polled each half an hour of which four
// answers of a day lack: the collector says of two why, and nobody of the others.
func TestReportTellsWhatLacksAndWhy(t *testing.T) {
	o := newOffice(t)
	o.now = o.day(6, 10)
	m := exampleRegister().Meters[:1]
	m[0].Body.Every, m[0].Body.Profile = 30*time.Minute, "eastron-sdm630" // keeps no load profile
	m[0].Body.Line = "tcp://192.0.2.10:502"
	o.imports(&fleet.Set{Meters: m}, o.day(5, 1))
	o.measure(o.day(6, 1), o.day(6, 2).Add(10*time.Hour))
	o.measure(o.day(6, 2).Add(12*time.Hour), o.day(6, 4))
	var away []grid.Reading
	for i := range 2 {
		at := o.day(6, 2).Add(10*time.Hour + time.Duration(i)*30*time.Minute)
		away = append(away, grid.Reading{Point: point, Source: grid.Instant, At: at, PolledAt: at, Missing: grid.NoAnswer, Detail: "=timeout"})
	}
	if _, err := o.journal.Commit(t.Context(), store.Entry{Readings: away}); err != nil {
		t.Fatal(err)
	}

	var out, said bytes.Buffer
	if err := ReportCollection(t.Context(), CollectionOptions{Config: o.config, Day: "2026-06-02", Output: "-", Lang: "en"}, &out, &said); err != nil {
		t.Fatal(err)
	}
	if want := "2026-06-02: 2 points, 44 of 48 readings received, 2 missing with a reason, 2 still open\n"; said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v:\n%s", len(rows), err, out.String())
	}
	for i, want := range [][]string{
		{"instant", "2", "meter does not answer", "'=timeout"},
		{"instant", "2", "not here yet", ""},
		{"", "", "never heard of, or not due on this day", ""},
	} {
		if diff := cmp.Diff(want, rows[i+1][6:]); diff != "" {
			t.Errorf("row %d: %s", i+1, diff)
		}
	}
	from, err1 := time.ParseInLocation(time.DateTime, rows[1][4], o.zone)
	to, err2 := time.ParseInLocation(time.DateTime, rows[1][5], o.zone)
	if err1 != nil || err2 != nil || to.Sub(from) != time.Hour || from.After(away[0].At) || !to.After(away[1].At) {
		t.Errorf("no answer from %v to %v", rows[1][4], rows[1][5])
	}

	book := filepath.Join(t.TempDir(), "report.xlsx")
	if err := ReportCollection(t.Context(), CollectionOptions{Config: o.config, Day: "2026-06-02", Output: book, Lang: "vi"}, &out, &said); err != nil {
		t.Fatal(err)
	}
	tables, faults := sheet.Reader{}.Workbook(book)
	if len(faults) > 0 || len(tables) != 3 {
		t.Fatalf("%d sheets, %v", len(tables), faults)
	}
	want := []string{"2026-06-02", "Đội quản lý điện lực ví dụ", "2", "1", "48", "44", "91.67", "2", "2"}
	if diff := cmp.Diff(want, tables[0].Rows[0].Cells); diff != "" {
		t.Errorf("by unit: %s", diff)
	}
	if err := ReportCollection(t.Context(), CollectionOptions{Config: o.config, Day: "June", Output: "-"}, &out, &said); err == nil {
		t.Error("a day in words was taken")
	}
}
