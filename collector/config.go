package collector

import (
	"fmt"
	"time"

	"phutai/grid"
)

// Config is what a collector can be told. Spans of the schedule are of the
// clock it runs on; ResendAfter, TurnTimeout and ReadTimeout are real time.
type Config struct {
	ID            grid.CollectorID `yaml:"id"`
	Spool         string           `yaml:"spool"`            // file of the spool
	Every         time.Duration    `yaml:"every"`            // between two polls of a meter that sets no other
	Spread        time.Duration    `yaml:"spread"`           // over which polls of one slot are spread, at most Every/2
	TurnTimeout   time.Duration    `yaml:"turn_timeout"`     // of one poll of one meter, dialling included
	Turns         int              `yaml:"turns"`            // meters asked at a time, over all lines
	KeepOpen      time.Duration    `yaml:"keep_open"`        // a connection not needed for longer is closed
	HistoryDepth  time.Duration    `yaml:"history_depth"`    // how far back a load profile is read; 0: not at all
	HistoryEvery  time.Duration    `yaml:"history_every"`    // how often new rows of a load profile are read
	HistoryOffset time.Duration    `yaml:"history_offset"`   // after the end of an interval, for the meter to write the row
	HistorySlice  time.Duration    `yaml:"history_slice"`    // of a load profile that is read in one go
	ReadTimeout   time.Duration    `yaml:"read_timeout"`     // of one such slice
	HistoryPause  uint64           `yaml:"history_pause"`    // readings in the spool above which history waits for live ones
	SpoolMax      uint64           `yaml:"spool_max"`        // readings in the spool
	SpoolMB       int64            `yaml:"spool_mb"`         // megabytes of the spool's pages in use
	SpoolAge      time.Duration    `yaml:"spool_age"`        // for which a reading waits for the center while the collector runs
	ReserveMB     int64            `yaml:"spool_reserve_mb"` // megabytes beside the spool that a full disk is emptied with; 0: none
	InFlight      uint64           `yaml:"in_flight"`        // readings sent ahead of the watermark
	ResendAfter   time.Duration    `yaml:"resend_after"`     // without progress of the watermark
	Ledger        bool             `yaml:"ledger"`           // keep the keys of all readings ever committed, for audits
}

// DefaultConfig polls every five minutes and reads thirty days back.
func DefaultConfig() Config {
	return Config{
		ID: "main", Spool: "spool.db", Every: 5 * time.Minute, Spread: 2 * time.Minute,
		TurnTimeout: 20 * time.Second, Turns: 500, KeepOpen: time.Minute,
		HistoryDepth: 30 * 24 * time.Hour, HistoryEvery: 30 * time.Minute, HistoryOffset: time.Minute,
		HistorySlice: 24 * time.Hour, ReadTimeout: time.Minute, HistoryPause: 5_000,
		SpoolMax: 5_000_000, SpoolMB: 2000, SpoolAge: 30 * 24 * time.Hour, ReserveMB: 16, InFlight: 10_000, ResendAfter: 30 * time.Second,
	}
}

// Validate gives everything that is wrong.
func (c Config) Validate() []grid.Problem {
	var out []grid.Problem
	bad := func(field, format string, a ...any) {
		out = append(out, grid.Problem{Field: field, Text: fmt.Sprintf(format, a...)})
	}
	within := func(field string, d, least, most time.Duration) {
		if d < least || d > most {
			bad(field, "%s is out of range: give %s to %s", d, least, most)
		}
	}
	if c.ID == "" {
		bad("id", "a collector needs a name of its own")
	}
	if c.Spool == "" {
		bad("spool", "give the file in which readings wait for the center")
	}
	const day = 24 * time.Hour
	within("every", c.Every, time.Second, day)
	within("spread", c.Spread, 0, day)
	within("turn_timeout", c.TurnTimeout, 100*time.Millisecond, 10*time.Minute)
	within("keep_open", c.KeepOpen, 0, day)
	within("history_depth", c.HistoryDepth, 0, 400*day)
	within("history_every", c.HistoryEvery, time.Minute, 7*day)
	within("history_offset", c.HistoryOffset, 0, c.HistoryEvery)
	within("history_slice", c.HistorySlice, time.Hour, 31*day)
	within("read_timeout", c.ReadTimeout, time.Second, time.Hour)
	within("spool_age", c.SpoolAge, day, 3650*day)
	within("resend_after", c.ResendAfter, time.Second, time.Hour)
	if c.Turns < 1 || c.Turns > 100_000 {
		bad("turns", "%d is out of range: give 1 to 100000", c.Turns)
	}
	if c.SpoolMax < 10_000 {
		bad("spool_max", "%d is too few: give at least 10000 readings", c.SpoolMax)
	}
	if c.SpoolMB < 10 {
		bad("spool_mb", "%d is too few: give at least 10 megabytes", c.SpoolMB)
	}
	if c.ReserveMB < 0 || c.ReserveMB > 1024 {
		bad("spool_reserve_mb", "%d is out of range: give 0 to 1024 megabytes", c.ReserveMB)
	}
	if c.InFlight < batchSize {
		bad("in_flight", "%d is too few: give at least %d readings", c.InFlight, batchSize)
	}
	if c.HistoryPause == 0 {
		bad("history_pause", "0 would never read a load profile: give readings, such as 5000")
	}
	return out
}

// bounds is how much the spool may hold.
func (c Config) bounds() Bounds {
	const mb = 1_000_000
	return Bounds{Readings: c.SpoolMax, Bytes: c.SpoolMB * mb, Age: c.SpoolAge, Reserve: c.ReserveMB * mb}
}
