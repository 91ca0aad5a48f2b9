package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"phutai/fleet"
)

func TestWhatGoesIsToldFirstAndTheListIsBounded(t *testing.T) {
	zone := time.FixedZone("+07", 7*3600)
	day := func(d int) time.Time { return time.Date(2026, 6, d, 0, 0, 0, 0, zone).UTC() }
	diff := fleet.Diff{}
	for i := range mostChanges + 3 {
		diff.Changes = append(diff.Changes, fleet.Change{Kind: fleet.Meters, ID: fmt.Sprintf("M%03d", i), What: fleet.Added})
	}
	diff.Changes = append(diff.Changes,
		fleet.Change{Kind: fleet.Points, ID: "P1", What: fleet.Changed, From: day(1).Add(90 * time.Minute), To: day(2), Fields: []fleet.Field{{Column: "name", Before: "a", After: "b"}, {Column: "side", After: "LV"}}},
		fleet.Change{Kind: fleet.Points, ID: "P2", What: fleet.Removed, To: day(5)})
	var b strings.Builder
	if err := tellChanges(&b, &diff, zone); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	want := []string{
		"points P2: until 2026-06-05: gone",
		`points P1: name: "a" -> "b", from 2026-06-01T01:30:00+07:00 until 2026-06-02`,
		`points P1: side: "" -> "LV", from 2026-06-01T01:30:00+07:00 until 2026-06-02`,
		"meters M000: always: new",
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("line %d: %s\nwant    %s", i+1, lines[i], want[i])
		}
	}
	if last := lines[len(lines)-1]; last != "and 3 more new" || len(lines) != 3+mostChanges+1 {
		t.Errorf("%d lines, the last is %q", len(lines), last)
	}
}
