package collector

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.uber.org/zap"

	"phutai/grid"
)

// intake puts readings into the spool and decides what is left out when there
// is no room: live readings first, since a load profile repeats what they say,
// and never without a word. What is left out becomes a tombstone in the spool.
type intake struct {
	spool *Spool
	count *counters
	log   *zap.Logger

	mu      sync.Mutex          // guards the fields below
	owed    map[grave]tombstone // that could not be stored yet
	problem error
}

func newIntake(s *Spool, count *counters, log *zap.Logger) *intake {
	return &intake{spool: s, count: count, log: log, owed: map[grave]tombstone{}}
}

// live commits readings of a poll, or the word that they are given up.
func (in *intake) live(ctx context.Context, readings []grid.Reading) {
	err := in.spool.refusesPolls()
	if err == nil {
		err = in.commit(ctx, &entry{readings: readings})
	}
	if err == nil {
		in.count.committed(readings)
	} else {
		in.count.shed.Add(uint64(len(readings)))
		stones := make([]tombstone, len(readings))
		for i := range readings {
			stones[i] = bury(&readings[i], lossOf(err))
		}
		_ = in.commit(ctx, &entry{stones: stones}) // which keeps what it cannot write
	}
	in.report(err)
}

// commit appends an entry together with the tombstones that are owed. Those that
// cannot be written are owed afterwards.
func (in *intake) commit(ctx context.Context, e *entry) error {
	in.mu.Lock()
	e.stones = append(slices.Collect(maps.Values(in.owed)), e.stones...)
	clear(in.owed)
	in.mu.Unlock()
	err := in.spool.append(ctx, e)
	if err != nil {
		in.mu.Lock()
		defer in.mu.Unlock()
		for _, t := range e.stones {
			owed := in.owed[t.grave]
			owed.merge(t)
			in.owed[t.grave] = owed
		}
	}
	return err
}

// history commits rows of a load profile, and how far it has been read, in one.
func (in *intake) history(ctx context.Context, rows []grid.Reading, p *meterProgress) error {
	if err := in.commit(ctx, &entry{readings: rows, progress: p}); err != nil {
		in.report(err)
		return fmt.Errorf("keep load profile of meter %s: %w", p.meter, err)
	}
	in.count.rows.Add(uint64(len(rows)))
	return nil
}

// report logs a trouble when it begins and when it ends.
func (in *intake) report(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case err != nil && in.problem == nil:
		in.log.Error("spool does not take readings", zap.Error(err), zap.Bool("disk_full", diskIsFull(err)))
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
