package collector

import "time"

// load is how many readings go into one message. A broker has no other answer to
// a message over its limit than to end the connection, and a slow link none at
// all: what fails again and again is sent in smaller pieces, so that it does not
// hold up the rest for ever.
type load struct {
	size  int
	fails int           // in a row
	until time.Time     // the size does not grow before; real
	hold  time.Duration // before the next try of a size that has failed
	grown bool          // the size has not proved itself yet
}

const (
	enoughFails = 3 // in a row, before messages are made smaller
	firstHold   = time.Minute
	longestHold = time.Hour
)

// failed tells whether messages are smaller from now on.
func (l *load) failed(now time.Time) bool {
	if l.fails++; l.size == 1 || l.fails < enoughFails && !l.grown {
		return false
	}
	if l.grown {
		l.hold = min(2*l.hold, longestHold)
	} else {
		l.hold = firstHold
	}
	l.size, l.fails, l.grown, l.until = l.size/2, 0, false, now.Add(l.hold)
	return true
}

// carried notes that messages arrive, of which the largest had n readings. After a
// while larger ones are tried again, and as long as they arrive, still larger ones.
func (l *load) carried(now time.Time, n int) {
	l.fails = 0
	if n < l.size {
		return // which proves nothing of the size
	}
	l.grown = false
	if l.size < batchSize && now.After(l.until) {
		l.size, l.grown = min(2*l.size, batchSize), true
	}
}
