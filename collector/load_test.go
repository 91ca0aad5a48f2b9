package collector_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

// narrowUplink breaks at each message of more than so many readings.
type narrowUplink struct {
	*center
	most   int
	broken int
}

func (n *narrowUplink) PublishBatch(ctx context.Context, b grid.Batch) error {
	if len(b.Readings) > n.most {
		n.set(func(*center) { n.broken++ })
		return errors.New("connection lost")
	}
	return n.center.PublishBatch(ctx, b)
}

func TestBatchThatTheBrokerNeverTakesIsSentInPieces(t *testing.T) {
	for _, most := range []int{1, 40, 499} {
		synctest.Test(t, func(t *testing.T) {
			w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}})
			n := &narrowUplink{center: w.center, most: most}
			w.uplink = n
			w.prefill(600)
			w.start(on("l1", "A"))
			time.Sleep(8 * time.Minute) // not yet time to try larger ones
			w.drain()
			if len(w.center.got) < 600 || n.broken == 0 {
				t.Errorf("at most %d: %d readings arrived, %d messages broke", most, len(w.center.got), n.broken)
			}
		})
	}
}
