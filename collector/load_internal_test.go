package collector

import (
	"testing"
	"time"
)

// play sends for so long over an uplink that carries at most so many readings, a
// round a second, and gives how often that failed.
func play(l *load, now *time.Time, most int, d time.Duration) (broken int) {
	for end := now.Add(d); now.Before(end); *now = now.Add(time.Second) {
		if l.size > most {
			broken++
			l.failed(*now)
		} else {
			l.carried(*now, l.size)
		}
	}
	return broken
}

func TestMessagesShrinkToWhatIsCarriedAndGrowAgain(t *testing.T) {
	l, now := load{size: batchSize}, t0
	if n := play(&l, &now, 100, time.Hour); l.size != batchSize/8 || n > 20 {
		t.Errorf("at most 100 readings: %d a message, %d tries broken in an hour", l.size, n)
	}
	if n := play(&l, &now, 100, 24*time.Hour); n > 40 {
		t.Errorf("%d more tries broken in a day", n)
	}
	if play(&l, &now, 1000, 70*time.Minute); l.size != batchSize {
		t.Errorf("no bound any more: %d a message", l.size)
	}
	// An outage of all messages is no bound, and costs nothing afterwards.
	if play(&l, &now, 0, time.Hour); l.size != 1 {
		t.Errorf("in an outage: %d a message", l.size)
	}
	if play(&l, &now, 1000, 15*time.Second); l.size != batchSize {
		t.Errorf("soon after an outage: %d a message", l.size)
	}
	l.failed(now)
	l.failed(now)
	l.carried(now, 1)
	if l.failed(now); l.size != batchSize {
		t.Errorf("a failure now and then: %d a message", l.size)
	}
}
