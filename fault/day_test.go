package fault

import (
	"testing"
	"time"
)

// A day without the link to the center, for the meters of a province: all that
// waited arrives soon after the link is back, with bounded memory. By its clock
// the short form lives through two hours.
func TestDayOfOutage(t *testing.T) {
	meters, away, speed := 100, 2*time.Hour, 720.0
	if *long {
		meters, away, speed = 2000, 24*time.Hour, 360 // which two cores keep up with
	} else {
		t.Parallel()
	}
	in := Install(t, Setting{Meters: meters, Every: 30 * time.Minute, Depth: -1, Speed: speed})
	in.Begun()
	in.South.Cut()
	time.Sleep(time.Duration(float64(away) / in.Clock.Speed))
	waited, err := in.Spooled()
	if err != nil {
		t.Fatal(err)
	}
	in.Collector.Weigh()
	during := in.Collector.Peak
	if err := in.South.Mend(); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	connected, took, err := in.caughtUp(begun, waited)
	if err != nil {
		t.Fatal(err)
	}
	const bound = 150 << 20
	if during > bound {
		t.Errorf("the collector had %d MB during the outage, more than %d", during>>20, bound>>20)
	}
	in.Judge("%d meters every 30 min, their link away for %s of the clock: %d readings waited (collector then %d MB), connected again %s after the link was back and caught up %s after that",
		meters, away, waited, during>>20, connected.Round(100*time.Millisecond), (took - connected).Round(100*time.Millisecond))
}
