package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
)

// Noon is the time around which the contract's readings lie.
var Noon = time.Date(2026, 6, 3, 5, 0, 0, 0, time.UTC)

// Equal compares readings; grid.Values keeps its fields to itself.
var Equal = cmp.Comparer(func(a, b grid.Values) bool { return a == b })

// Reading makes an instantaneous reading with a power of kw, minutes after Noon.
func Reading(point grid.PointID, minutes int, kw float64) grid.Reading {
	at := Noon.Add(time.Duration(minutes) * time.Minute)
	r := grid.Reading{Point: point, Source: grid.Instant, At: at, PolledAt: at, Ratio: 120}
	r.Values.Set(grid.P, kw)
	return r
}

// Row makes a row of the load profile, polled a day after its time.
func Row(point grid.PointID, minutes int, kw float64) grid.Reading {
	r := Reading(point, minutes, kw)
	r.Source, r.Interval, r.PolledAt = grid.Profile, 30*time.Minute, r.At.Add(24*time.Hour)
	return r
}

// Absence makes the statement that an attempt was without success.
func Absence(point grid.PointID, minutes int, why grid.Reason) grid.Reading {
	at := Noon.Add(time.Duration(minutes) * time.Minute)
	return grid.Reading{Point: point, Source: grid.Instant, At: at, PolledAt: at, Missing: why, Detail: "timeout"}
}
