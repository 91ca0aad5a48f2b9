package alerting

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"phutai/db"
)

func TestPageWaitsForAnEarlierOneAboutItsAlarm(t *testing.T) {
	d, err := db.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(t.Context(), "alerting", schema...); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 25, 10, 0, 0, 0, time.UTC)
	for _, p := range []struct {
		key, channel string
		next         time.Time
	}{
		{"7F3K/1", "sms", now.Add(time.Minute)}, // failed, tried again later
		{"7F3K/2", "sms", now},
		{"7F3K/2", "log", now},
		{"7F3/1", "sms", now}, // another alarm
	} {
		if _, err := d.Write.Exec(`INSERT INTO page (key, channel, body, next_at) VALUES (?, ?, '{}', ?)`, p.key, p.channel, p.next.UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	box := outbox{db: d}
	due := func(at time.Time) (ids []int64, next time.Time) {
		t.Helper()
		entries, next, err := box.Due(t.Context(), at, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		return ids, next
	}
	if ids, next := due(now); !slices.Equal(ids, []int64{3, 4}) || !next.Equal(now.Add(time.Minute)) {
		t.Errorf("due %v, next %v; want 3 and 4, and the first in a minute", ids, next)
	}
	if ids, _ := due(now.Add(time.Minute)); !slices.Equal(ids, []int64{1, 2, 3, 4}) {
		t.Errorf("a minute later due %v, want all", ids)
	}
	if err := box.Failed(t.Context(), 1, time.Time{}, "gave up"); err != nil {
		t.Fatal(err)
	}
	if ids, _ := due(now); !slices.Equal(ids, []int64{2, 3, 4}) {
		t.Errorf("after the first was given up due %v, want the others", ids)
	}
	box.reach = 30 * time.Minute
	if ids, _ := due(now.Add(-time.Hour)); !slices.Equal(ids, []int64{2, 3, 4}) {
		t.Errorf("after the clock was set back by an hour due %v, want all the same", ids)
	}
	if ids, next := due(now.Add(-time.Minute)); len(ids) > 0 || !next.Equal(now) {
		t.Errorf("a minute before due %v, next %v", ids, next)
	}
}
