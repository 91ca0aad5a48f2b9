package weather_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phutai/weather"
)

type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }
func (c *handClock) Wait(ctx context.Context, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

var noon = time.Date(2026, 6, 22, 5, 0, 0, 0, time.UTC) // 12:00 in Hà Nội

const file = "time,temperature_c\n2026-06-22 12:00,38\n2026-06-22T06:00:00Z,39\n2026-06-22 20:00,34\n"

func write(t *testing.T, path, text string, at time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) (*weather.Air, *handClock, string) {
	t.Helper()
	cfg := weather.DefaultConfig()
	cfg.File = filepath.Join(t.TempDir(), "air.csv")
	write(t, cfg.File, file, noon)
	clock := &handClock{noon}
	a, err := weather.New(cfg, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a, clock, cfg.File
}

func TestAirIsInterpolatedAndGrowsOld(t *testing.T) {
	a, _, _ := open(t)
	for _, c := range []struct {
		at    time.Duration
		want  float64
		known bool
	}{
		{0, 38, true}, {30 * time.Minute, 38.5, true}, {time.Hour, 39, true},
		{3 * time.Hour, 39, true},            // the last one holds, for the next is far away
		{5 * time.Hour, 34, true},            // and so does the next one
		{-2 * time.Hour, 38, true},           // before the first
		{-4 * time.Hour, 29.5, false},        // the month's mean
		{12 * time.Hour, 29.5, false},        // grown old
		{6 * 30 * 24 * time.Hour, 18, false}, // December
	} {
		if got, known := a.AirAt(noon.Add(c.at), "S1"); got != c.want || known != c.known {
			t.Errorf("after %v: %v, %v; want %v, %v", c.at, got, known, c.want, c.known)
		}
	}
}

func TestChangedFileIsReadAgainAndABadOneIsNot(t *testing.T) {
	a, clock, path := open(t)
	write(t, path, "time,temperature_c\n2026-06-22 12:00,41\n", noon.Add(time.Minute))
	if got, _ := a.AirAt(noon, ""); got != 38 {
		t.Errorf("read again at once: %v", got)
	}
	clock.now = noon.Add(2 * time.Minute)
	if got, _ := a.AirAt(noon, ""); got != 41 {
		t.Errorf("got %v, want 41", got)
	}
	write(t, path, "nonsense", noon.Add(3*time.Minute))
	clock.now = noon.Add(9 * time.Minute)
	if got, known := a.AirAt(noon, ""); got != 41 || !known {
		t.Errorf("a bad file took the place of a good one: %v, %v", got, known)
	}
}

func TestWithoutAFileThereIsTheClimatology(t *testing.T) {
	a, err := weather.New(weather.DefaultConfig(), &handClock{noon}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, known := a.AirAt(noon, ""); got != weather.Climatology(noon) || known {
		t.Errorf("got %v, %v", got, known)
	}
	cfg := weather.DefaultConfig()
	cfg.File = filepath.Join(t.TempDir(), "none.csv")
	if _, err := weather.New(cfg, &handClock{noon}, nil); err == nil {
		t.Error("a file that is not there was accepted")
	}
}

func TestBadRowsAreNamedByTheirLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "header"}, {"a,b\n", "header"},
		{"time,temperature_c\nyesterday,30\n", "line 2: time"},
		{"time,temperature_c\n2026-06-22 12:00,86\n", "line 2: temperature_c"},
		{"time,temperature_c\n2026-06-22 12:00,30\n2026-06-22 12:00,30\n", "line 3: time"},
		{"time,temperature_c\n2026-06-22 12:00\n", "line 2"},
	} {
		if _, err := weather.Parse(strings.NewReader(c.in), time.UTC); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.in, err, c.want)
		}
	}
	if ps := weather.DefaultConfig().Validate(); len(ps) != 0 {
		t.Errorf("the defaults are refused: %v", ps)
	}
	if ps := (weather.Config{Timezone: "Mars"}).Validate(); len(ps) != 2 {
		t.Errorf("got %v, want 2 problems", ps)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(file)
	f.Add("\ufefftime,temperature_c\r\n2026-06-22T12:00:00,-3.5\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := weather.Parse(strings.NewReader(in), time.UTC)
		if err != nil {
			return
		}
		for i, p := range s {
			if !(p.AirC >= -30 && p.AirC <= 60) || i > 0 && !p.At.After(s[i-1].At) {
				t.Fatalf("row %d is %v", i, p)
			}
		}
	})
}
