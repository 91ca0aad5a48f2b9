package fault

import (
	"testing"
	"time"

	"phutai/internal/disktest"
)

// The disk of the collector, or of the center, is full for a while. Polling goes
// on behind a full spool's bounds, and nothing of what was committed is lost.
func TestFullDisks(t *testing.T) {
	t.Run("collector", func(t *testing.T) {
		t.Parallel()
		disk := disktest.Small(t, 48)
		in := Install(t, Setting{Data: disk.Dir})
		in.Begun()
		in.fill(disk, 6*time.Second)
		in.Judge("the collector's disk of 48 MB full for 6 s, then freed")
	})
	t.Run("center", func(t *testing.T) {
		t.Parallel()
		disk := disktest.Small(t, 48)
		in := Install(t, Setting{Center: disk.Dir})
		in.Begun()
		in.fill(disk, 6*time.Second)
		in.Judge("the center's disk of 48 MB full for 6 s, then freed")
	})
}

// fill keeps a disk full for a while: what becomes free is taken again.
func (in *Installation) fill(disk disktest.Disk, d time.Duration) {
	time.Sleep(3 * time.Second)
	for range 6 {
		disk.Fill()
		time.Sleep(d / 6)
	}
	disk.Free()
}
