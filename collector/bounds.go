package collector

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Bounds say how much a spool may hold. Zero fields mean no bound.
type Bounds struct {
	Readings uint64
	Bytes    int64         // of the file's pages in use; pages that removals freed are used again and do not count
	Age      time.Duration // for which readings may wait, of time in which the collector runs
	Reserve  int64         // bytes on the disk kept for removals and tombstones; zero: none
}

// Marks on the way to the nearer of the bounds of count and bytes.
const (
	warnAt = 0.80
	rowsAt = 0.95 // from here on load profiles only, since they repeat what polls say
	fullAt = 1.00
)

// innerRoom is how many free bytes inside the file let readings in while the disk
// is full: more than a commit needs, so that the file need not grow for it.
const innerRoom = 256 << 10

// ErrSpoolFull says that the spool holds as much as it may.
var ErrSpoolFull = errors.New("spool is full: the center has not taken readings for long")

// ErrDiskFull says that the disk is so full that the spool keeps the rest of it
// for removals.
var ErrDiskFull = errors.New("the disk is full: free some of it, at least what spool_reserve_mb asks for")

// Fill is how full the spool is by the nearer of its bounds of count and bytes;
// 1 is full.
func (s *Spool) Fill() float64 {
	var of float64
	if s.bounds.Readings > 0 {
		of = float64(s.depth.Load()) / float64(s.bounds.Readings)
	}
	if s.bounds.Bytes > 0 {
		of = max(of, float64(s.used.Load())/float64(s.bounds.Bytes))
	}
	return of
}

// Bytes is what the pages in use take.
func (s *Spool) Bytes() int64 { return s.used.Load() }

// refusesPolls tells why readings of polls are not taken now; nil: they are.
func (s *Spool) refusesPolls() error {
	if s.Fill() >= rowsAt {
		return ErrSpoolFull
	}
	return s.noRoom()
}

// noRoom tells whether the disk is full, and the file too.
func (s *Spool) noRoom() error {
	if s.cramped.Load() && s.inner.Load() < innerRoom {
		return ErrDiskFull
	}
	return nil
}

// refuses tells why n more readings of any kind are not taken after others of the
// same commit; nil: they are.
func (s *Spool) refuses(n, others uint64) error {
	switch {
	case n == 0:
		return nil
	case s.Fill() >= fullAt, s.bounds.Readings > 0 && s.depth.Load()+others+n > s.bounds.Readings:
		return ErrSpoolFull
	}
	return s.noRoom()
}

// restockEvery is how often the reserve is tried to be made again, in real time.
const restockEvery = 5 * time.Second

// cramp gives the reserve up. It tells whether that helps; it does not twice. The
// caller holds writeMu.
func (s *Spool) cramp() bool {
	if !s.reserve.give() {
		return false
	}
	s.cramped.Store(true)
	s.tried = time.Now()
	return true
}

// restock makes the reserve again as soon as the disk has room for it. The caller
// holds writeMu.
func (s *Spool) restock() {
	if !s.cramped.Load() || time.Since(s.tried) < restockEvery {
		return
	}
	s.tried = time.Now()
	s.cramped.Store(s.reserve.make() != nil)
}

// measureEvery is how many commits may pass between two looks at a size that is far
// from its bound: fewer than could take it there.
const measureEvery = 16

// measure notes the size of the file, now and then or when it matters. The caller
// holds writeMu.
func (s *Spool) measure(ctx context.Context) error {
	far := s.bounds.Bytes == 0 || s.used.Load() < s.bounds.Bytes/2
	if s.unmeasured++; far && s.unmeasured < measureEvery && !s.cramped.Load() {
		return nil
	}
	var size, pages, free int64
	if err := s.db.Write.QueryRowContext(ctx, `SELECT * FROM pragma_page_size, pragma_page_count, pragma_freelist_count`).Scan(&size, &pages, &free); err != nil {
		return fmt.Errorf("measure spool: %w", err)
	}
	s.used.Store((pages - free) * size)
	s.inner.Store(free * size)
	s.unmeasured = 0
	return nil
}
