package collector

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/grid"
)

// intake puts readings into the spool and decides what is left out when there
// is no room: live readings first, since a load profile repeats what they say,
// and never without a word. In place of a run of readings that is left out, one
// absence of the point is stored as soon as that is possible.
type intake struct {
	spool *Spool
	count *counters
	log   *zap.Logger

	mu      sync.Mutex // guards the fields below
	shed    map[grid.PointID]bool
	owed    []grid.Reading // absences that could not be stored yet
	problem error
}

func newIntake(s *Spool, count *counters, log *zap.Logger) *intake {
	return &intake{spool: s, count: count, log: log, shed: map[grid.PointID]bool{}}
}

// full tells whether only load profiles are still taken.
func (in *intake) full() bool { return in.spool.Depth() >= in.spool.max/20*19 }

// live commits readings of a poll.
func (in *intake) live(ctx context.Context, readings []grid.Reading) {
	in.mu.Lock()
	full := in.full()
	owed := in.owed
	in.owed = nil
	if full {
		owed = append(owed, in.leaveOut(readings, ErrSpoolFull)...)
	}
	out := owed
	if !full {
		out = append(slices.Clone(owed), readings...)
	}
	in.mu.Unlock()

	var err error
	if len(out) > 0 {
		err = in.spool.Append(ctx, out)
	}

	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case err != nil:
		in.owed = append(in.owed, owed...) // one for each point at most: see leaveOut
		if !full {
			in.owed = append(in.owed, in.leaveOut(readings, err)...)
		}
		in.report(err)
	case full:
		in.report(ErrSpoolFull)
	default:
		for i := range readings {
			delete(in.shed, readings[i].Point)
		}
		in.report(nil)
		in.count.committed(readings)
	}
}

// leaveOut counts readings as left out and gives an absence for each point for
// which that begins now. The caller holds mu.
func (in *intake) leaveOut(readings []grid.Reading, why error) []grid.Reading {
	var out []grid.Reading
	for i := range readings {
		r := &readings[i]
		in.count.shed.Add(1)
		if in.shed[r.Point] {
			continue
		}
		in.shed[r.Point] = true
		out = append(out, grid.Reading{
			Point: r.Point, Source: r.Source, At: r.At, PolledAt: r.PolledAt, Missing: grid.Late,
			Detail: shorten("from here on readings are not kept, only the load profile: " + why.Error()),
		})
	}
	return out
}

// history commits rows of a load profile, and how far it has been read, in one.
func (in *intake) history(ctx context.Context, rows []grid.Reading, p *meterProgress) error {
	err := in.spool.append(ctx, &entry{readings: rows, progress: p})
	in.mu.Lock()
	defer in.mu.Unlock()
	if err != nil {
		in.report(err)
		return fmt.Errorf("keep load profile of meter %s: %w", p.meter, err)
	}
	in.count.rows.Add(uint64(len(rows)))
	return nil
}

// report logs a trouble when it begins and when it ends. The caller holds mu.
func (in *intake) report(err error) {
	switch {
	case err != nil && in.problem == nil:
		in.log.Error("spool does not take readings", zap.Error(err), zap.Bool("disk_full", db.Full(err)))
	case err == nil && in.problem != nil:
		in.log.Info("spool takes readings again")
	}
	in.problem = err
}

// trouble is what keeps the spool from taking readings; nil: nothing.
func (in *intake) trouble() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.problem
}

// maxDetail bounds what an absence or a reading tells in words, in bytes.
const maxDetail = 200

func shorten(s string) string {
	if len(s) <= maxDetail {
		return s
	}
	return strings.ToValidUTF8(s[:maxDetail], "")
}
