// Package disktest gives tests a disk that is really small and really full.
package disktest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Disk is a file system of its own, which lasts as long as its test.
type Disk struct {
	Dir string // its folder
	t   *testing.T
}

// Small mounts a disk of so many MiB. It needs the right to mount: without it
// the test is skipped, or fails under PHUTAI_REAL=1.
func Small(t *testing.T, mib int) Disk {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		if os.Getenv("PHUTAI_REAL") == "1" {
			t.Fatalf("mount a small disk: %v; PHUTAI_REAL=1 demands it", err)
		}
		t.Skipf("no right to mount a small disk (%v)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return Disk{Dir: dir, t: t}
}

func (d Disk) ballast() string { return filepath.Join(d.Dir, "ballast") }

// Fill takes what room is left, and what has become free since the last call.
func (d Disk) Fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 4 {
		for {
			if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
				break
			} else if err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

// Free gives back what Fill took.
func (d Disk) Free() {
	d.t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.t.Fatal(err)
	}
}
