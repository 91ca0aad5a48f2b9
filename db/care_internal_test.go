package db

import (
	"testing"
	"testing/synctest"
	"time"
)

// What takes long is told at once and again, but not for ever: a disk that hangs is
// for the service manager to see.
func TestWorkThatLastsIsToldAsLongAsItMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []time.Duration
		began := time.Now()
		care := Care{Busy: func(what string) {
			if what != "reading through journal.db" {
				t.Errorf("it is said: %q", what)
			}
			told = append(told, time.Since(began))
		}}
		stop := care.during("reading through", "/data/journal.db", 100<<20) // may take 50 s and a minute
		time.Sleep(time.Hour)
		stop()
		if n := len(told); n != 12 || told[0] != 0 || told[1] != slowAfter || told[n-1] != 102*time.Second {
			t.Errorf("told after %v", told)
		}
	})
}

func TestWorkThatEndsIsNotToldAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		stop := Care{Busy: func(string) { n++ }}.during("reading through", "x.db", 1)
		stop()
		time.Sleep(time.Minute)
		if n != 1 {
			t.Errorf("told %d times, want once", n)
		}
	})
}
