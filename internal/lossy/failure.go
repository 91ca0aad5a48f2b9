package lossy

import sqlite3 "modernc.org/sqlite/lib"

// Failure is how an operation fails.
type Failure int

// The failures. A write that fails has written the first half of its data.
const (
	NoSpace Failure = iota + 1 // the disk is full; of a sync that what was written does not fit
	Broken                     // the disk gives an error
)

func (f Failure) ofWrite() int32 {
	switch f {
	case NoSpace:
		return sqlite3.SQLITE_FULL
	case Broken:
		return sqlite3.SQLITE_IOERR_WRITE
	}
	return sqlite3.SQLITE_OK
}

func (f Failure) ofSync() int32 {
	switch f {
	case NoSpace, Broken:
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	return sqlite3.SQLITE_OK
}

// plan says which of the writes and syncs to come fail.
type plan struct {
	done    int // writes and syncs, failed ones included
	from    int
	to      int // not included
	failure Failure
	failed  int
}

// next gives how the next write or sync fails; zero: it does not.
func (p *plan) next() Failure {
	p.done++
	if p.done < p.from || p.done >= p.to {
		return 0
	}
	p.failed++
	return p.failure
}

// Fail makes the n-th write or sync from now on fail, counting from 1, and those
// that follow it, many in all. It replaces what was planned before.
func (d *Disk) Fail(n, many int, f Failure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan.from, d.plan.to, d.plan.failure, d.plan.failed = d.plan.done+n, d.plan.done+n+many, f, 0
}

// Heal ends all failures and tells how many there were since Fail.
func (d *Disk) Heal() (failed int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan.from, d.plan.to = 0, 0
	return d.plan.failed
}

// Done counts the writes and syncs so far.
func (d *Disk) Done() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plan.done
}
