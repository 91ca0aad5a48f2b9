package db

import (
	"fmt"
	"syscall"
)

// NoRoomError says that there is no room for a copy. Nothing is left of it.
type NoRoomError struct {
	Dir         string // on whose disk the room lacks
	Needs, Free int64  // bytes
}

// Error tells how much lacks where.
func (e *NoRoomError) Error() string {
	return fmt.Sprintf("%s has %d MB free, the copy needs %d MB", e.Dir, e.Free>>20, (e.Needs+1<<20-1)>>20)
}

// Lasts tells whether the room still lacks.
func (e *NoRoomError) Lasts() bool { return roomFor(e.Dir, e.Needs) != nil }

// besides is what must stay free beside a copy: the change of tables that
// follows it is written, too, and the program wants to go on.
const besides = 8 << 20

// roomFor gives a *NoRoomError where a folder's disk has less than needs bytes
// free. A disk that does not tell has room.
func roomFor(dir string, needs int64) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Blocks == 0 {
		return nil
	}
	if free := int64(s.Bavail) * int64(s.Bsize); free < needs { //nolint:unconvert // Bsize is narrower on some machines
		return &NoRoomError{Dir: dir, Needs: needs, Free: free}
	}
	return nil
}
