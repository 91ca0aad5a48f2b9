package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestDemoClockGoesOnWhereItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clock.json")
	first := time.Date(2026, 6, 25, 10, 0, 0, 0, time.UTC)
	noted := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	shown := first.Add(30 * time.Minute)

	if got, err := resume(path, first, 60, noted); err != nil || !got.Equal(first) {
		t.Errorf("a new folder starts at %v, %v, want %v", got, err, first)
	}
	if err := noteClock(path, clockNote{shown, noted}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		away time.Duration
		want time.Time
	}{
		"after two seconds":         {2 * time.Second, shown.Add(3 * time.Minute)},
		"the next morning":          {12 * time.Hour, shown.Add(time.Hour)},
		"machine's clock went back": {-time.Hour, shown.Add(time.Minute)},
	} {
		if got, err := resume(path, first, 60, noted.Add(c.away)); err != nil || !got.Equal(c.want) {
			t.Errorf("%s it starts at %v, %v, want %v", name, got, err, c.want)
		}
	}
}

func TestForeignClockNoteIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clock.json")
	if err := os.WriteFile(path, []byte(`{"a":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := resume(path, time.Now(), 60, time.Now()); err == nil {
		t.Error("taken as a clock note")
	}
}
