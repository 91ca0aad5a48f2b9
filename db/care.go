package db

import (
	"path/filepath"
	"time"

	"go.uber.org/zap"
)

// Care says how a file is looked after when it is opened and its tables are
// changed. The zero value keeps copies beside the file and tells nobody.
type Care struct {
	Log *zap.Logger // nil: silent
	// Busy hears what is done to a file when reading it through or copying it
	// begins, and again every ten seconds as long as that may take; nil: nobody.
	Busy   func(what string)
	Copies Copies
}

// Copies says what is kept of a file before its tables are changed, as the way
// back to the program of before.
type Copies struct {
	Dir  string // a folder for it; empty: beside the file
	Need Need
}

// Need is how much a copy matters.
type Need int

// Where there is no room for a copy.
const (
	Demanded Need = iota // the tables are not changed
	IfRoom               // they are changed all the same
	None                 // no copy is made
)

// How soon, and how often, work that takes long is told.
const (
	slowAfter = 2 * time.Second
	slowEvery = 10 * time.Second
)

// slowestDisk is the pace, in bytes a second, below which work on a file counts
// as stuck and Busy hears no more of it.
const slowestDisk = 2 << 20

// leeway is what such work may take besides.
const leeway = time.Minute

// during tells of work on a file until it is stopped. The log hears of work that
// lasts; size is how many bytes are read or written in it.
func (c Care) during(what, path string, size int64) (stop func()) {
	if c.Log == nil && c.Busy == nil {
		return func() {}
	}
	log, busy := c.Log, c.Busy
	if log == nil {
		log = zap.NewNop()
	}
	if busy == nil {
		busy = func(string) {}
	}
	what += " " + filepath.Base(path)
	busy(what)
	since, end, ended := time.Now(), make(chan struct{}), make(chan struct{})
	most := leeway + time.Duration(size/slowestDisk)*time.Second
	go func() {
		defer close(ended)
		for wait := slowAfter; ; wait = slowEvery {
			select {
			case <-end:
				return
			case <-time.After(wait):
				took := time.Since(since)
				if took <= most {
					busy(what)
				}
				log.Info(what, zap.String("file", path), zap.Int64("bytes", size), zap.Duration("for", took.Round(time.Second)))
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
