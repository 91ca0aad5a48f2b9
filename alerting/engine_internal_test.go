package alerting

import (
	"testing"
	"time"
)

func TestTicksGoOnWhateverTheClockDoes(t *testing.T) {
	last := time.Date(2026, 6, 25, 10, 0, 0, 0, time.UTC)
	const every = 10 * time.Second
	for name, c := range map[string]struct{ now, want time.Duration }{ // since the last tick was due
		"in time":             {2 * time.Second, every},
		"late":                {time.Minute, time.Minute},
		"clock set forward":   {time.Hour, time.Hour},
		"clock set back":      {-time.Hour, -time.Hour + every},
		"clock a little back": {-time.Second, every - time.Second},
	} {
		if got := after(last, last.Add(c.now), every); !got.Equal(last.Add(c.want)) {
			t.Errorf("%s: the next tick comes %s after the last one, want %s", name, got.Sub(last), c.want)
		}
	}
}
