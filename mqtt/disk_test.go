package mqtt_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"phutai/grid"
	"phutai/internal/disktest"
	"phutai/mqtt"
)

// A store that failed to write once refuses all writes for the life of its
// server, also after there is room again.
func TestBrokerWorksAgainAfterItsDiskWasFull(t *testing.T) {
	disk := disktest.Small(t, 24)
	b := startBroker(t, "127.0.0.1:0", filepath.Join(disk.Dir, "broker"))
	start(t, b.Run)
	center, north := centerLink(t, b.Addr()), collectorLink(t, "north", "north/1", b.Addr())
	var came atomic.Uint64 // the highest number
	center.OnReadings(func(_ context.Context, _ grid.CollectorID, payload []byte, ack func()) {
		ack()
		if b, err := mqtt.DecodeBatch(payload); err == nil {
			came.Store(max(came.Load(), b.FirstSeq))
		}
	})
	start(t, center.Run)
	start(t, north.Run)
	sent := uint64(0)
	publish := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sent++
		return north.PublishBatch(ctx, batch(sent, reading()))
	}
	eventually(t, "readings go over", func() bool { return publish() == nil && came.Load() > 0 })

	disk.Fill()
	eventually(t, "the full disk stops the broker, and it says so", func() bool {
		disk.Fill()
		return publish() != nil && b.Trouble() != nil
	})
	disk.Free()
	before := sent
	eventually(t, "readings go over again", func() bool { return publish() == nil && came.Load() > before })
	eventually(t, "nothing is wrong any more", func() bool { return b.Trouble() == nil })
}

// What a new start does not mend is said, and not tried over and over: whoever is
// connected stays so.
func TestBrokerThatANewStartDoesNotMendSaysSo(t *testing.T) {
	dir := t.TempDir()
	b := startBroker(t, "127.0.0.1:0", dir)
	north := collectorLink(t, "north", "north/1", b.Addr())
	start(t, north.Run)
	eventually(t, "connected", north.Connected)
	if err := os.MkdirAll(filepath.Join(dir, "jetstream", "$G", "streams", "stray"), 0o750); err != nil {
		t.Fatal(err)
	}
	start(t, b.Run)
	eventually(t, "the trouble is said", func() bool { return b.Trouble() != nil })
	eventually(t, "readings go over all the same", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return north.PublishBatch(ctx, batch(1, reading())) == nil
	})
	if b.Trouble() == nil {
		t.Error("the trouble is forgotten")
	}
}
