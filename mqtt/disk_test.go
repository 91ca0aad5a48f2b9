package mqtt_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"phutai/grid"
	"phutai/internal/disktest"
)

// A store that failed to write once refuses all writes for the life of its
// server, also after there is room again.
func TestBrokerWorksAgainAfterItsDiskWasFull(t *testing.T) {
	disk := disktest.Small(t, 24)
	b := startBroker(t, "127.0.0.1:0", filepath.Join(disk.Dir, "broker"))
	start(t, b.Run)
	center, north := centerLink(t, b.Addr()), collectorLink(t, "north", "north/1", b.Addr())
	came := make(chan struct{}, 1)
	center.OnReadings(func(_ context.Context, _ grid.CollectorID, _ []byte, ack func()) {
		ack()
		select {
		case came <- struct{}{}:
		default:
		}
	})
	start(t, center.Run)
	start(t, north.Run)
	publish := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return north.PublishBatch(ctx, batch(1, reading()))
	}
	eventually(t, "readings go over", func() bool { return publish() == nil })
	receive(t, "a reading before", came)

	disk.Fill()
	eventually(t, "the full disk stops the broker", func() bool {
		disk.Fill()
		return publish() != nil
	})
	disk.Free()
	eventually(t, "readings go over again", func() bool { return publish() == nil })
	receive(t, "a reading afterwards", came)
}
