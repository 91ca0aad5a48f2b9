package collector

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"phutai/grid"
	"phutai/internal/disktest"
)

// onDisk is a spool on a small disk, with some readings in it.
func onDisk(t *testing.T) (*yard, disktest.Disk) {
	disk := disktest.Small(t, 48)
	y := &yard{T: t, path: filepath.Join(disk.Dir, "spool.db"), bounds: Bounds{Reserve: 16_000_000}}
	y.open()
	t.Cleanup(func() { _ = y.Close() })
	many := make([]grid.Reading, 500)
	for i := range many {
		many[i] = at("A", i)
	}
	for range 40 {
		y.put(many...)
	}
	return y, disk
}

// refused appends until the disk is full, and gives the error.
func (y *yard) refused() (err error) {
	for i := 0; err == nil; i++ {
		if i > 10_000 {
			y.Fatal("the disk never gets full")
		}
		err = y.Append(y.Context(), []grid.Reading{at("A", 1000+i)})
	}
	return err
}

func (y *yard) reserved() bool {
	info, err := os.Stat(y.path + ".reserve")
	return err == nil && info.Size() == y.bounds.Reserve
}

func TestFullDiskIsLeftByTheWatermarkAlone(t *testing.T) {
	y, disk := onDisk(t)
	disk.Fill()
	if err := y.refused(); !errors.Is(err, ErrDiskFull) {
		t.Errorf("got %v, want ErrDiskFull", err)
	}
	if y.reserved() {
		t.Error("the reserve was not given up")
	}
	y.lay(stone("A", diskFull, 1, 1, 1)) // There is room to say so,
	y.reopen()                           // to start anew,
	disk.Fill()
	if err := y.refused(); !errors.Is(err, ErrDiskFull) {
		t.Errorf("after a restart: got %v, want ErrDiskFull", err)
	}
	y.lay(stone("A", diskFull, 2, 2, 1))
	epoch, last := y.Position()
	y.MarkSent(last)
	mark := grid.Watermark{Epoch: epoch, Seq: last - 1, Missing: y.Voids(last - 1)}
	if gone, err := y.Forget(t.Context(), mark); err != nil || y.Depth() != 1 {
		t.Fatalf("%d of %d removed, %d left, %v", gone, last, y.Depth(), err) // and to empty it.
	}
	y.want(fmt.Sprintf("%d A @2 2 gone", last))
	for i := range 2000 { // The disk is as full as it was; the room is inside the file.
		y.put(at("A", 10_000+i))
	}
	if y.reserved() {
		t.Error("the disk was not full")
	}
	disk.Free()
	y.tried = time.Time{}
	y.put(at("A", 20_000))
	if !y.reserved() || y.noRoom() != nil {
		t.Error("the reserve was not made again")
	}
}

func TestFullDiskThatTakesTheReserveTooIsLeftWhenThereIsRoom(t *testing.T) {
	y, disk := onDisk(t)
	disk.Fill()
	_ = y.refused()
	disk.Fill()
	epoch, last := y.Position()
	y.MarkSent(last)
	_, err := y.Forget(t.Context(), grid.Watermark{Epoch: epoch, Seq: last})
	t.Logf("with no room at all a removal gives %v", err)
	disk.Free()
	if gone, err := y.Forget(t.Context(), grid.Watermark{Epoch: epoch, Seq: last}); err != nil || y.Depth() != 0 {
		t.Errorf("%d removed, %d left, %v", gone, y.Depth(), err)
	}
	y.tried = time.Time{}
	y.put(at("A", 20_000))
}

func TestSpoolIsOpenedOnAFullDisk(t *testing.T) {
	y, disk := onDisk(t)
	if err := y.Close(); err != nil {
		t.Fatal(err)
	}
	disk.Fill()
	y.open()
	if y.reserved() {
		t.Error("the disk was not full")
	}
	y.lay(stone("A", diskFull, 1, 1, 1))
}
