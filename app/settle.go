package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phutai/grid"
)

// Summary is what a run came to, over all runs on the same folder.
type Summary struct {
	Meters int // in the register
	Polled int // readings and stated absences that were committed to the spool, each key once
	Stored int // keys in the journal that collectors have brought
	Lost   int // keys that were polled and are not stored
	Raised int // alarm episodes
	Pages  int // pages that went out
}

// String gives the last lines of the demo (design section 6).
func (s Summary) String() string {
	return fmt.Sprintf("meters %d\npolled %d\nstored %d\nlost %d\nalarms raised %d\npages sent %d\n",
		s.Meters, s.Polled, s.Stored, s.Lost, s.Raised, s.Pages)
}

// settleWithin bounds how long the end of a run waits for what is under way.
const settleWithin = 60 * time.Second

// Settle stops polling, waits until all that was polled has arrived, and
// compares the collector's ledger, key by key, with the journal. It needs all
// roles in this process and Collector.Ledger.
func (a *App) Settle(ctx context.Context) (Summary, error) {
	if a.center == nil || a.collect == nil {
		return Summary{}, errors.New("settle: needs collector and center in one process")
	}
	within, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	if err := a.collect.Pause(within); err != nil {
		return Summary{}, fmt.Errorf("stop polling: %w", err)
	}
	// What does not arrive in time is counted as lost below.
	drained := a.collect.Drain(within)

	sum := Summary{Meters: a.collect.Stats().Meters}
	err := a.audit(ctx, &sum)
	stored, counting := a.Journal().Brought(ctx)
	sum.Stored = int(stored)
	stats, counted := a.center.alarms.Stats(ctx)
	err = errors.Join(err, counting, counted)
	sum.Raised, sum.Pages = int(stats.Raised), int(stats.Sent)
	if sum.Lost > 0 {
		err = errors.Join(err, drained)
	}
	return sum, err
}

// auditChunk is how many keys are looked up at a time.
const auditChunk = 2000

func (a *App) audit(ctx context.Context, sum *Summary) error {
	keys := make([]grid.Key, 0, auditChunk)
	look := func() error {
		held, err := a.Journal().Has(ctx, keys...)
		if err != nil {
			return fmt.Errorf("compare ledger and journal: %w", err)
		}
		for _, ok := range held {
			sum.Polled++
			if !ok {
				sum.Lost++
			}
		}
		keys = keys[:0]
		return nil
	}
	err := a.collect.Ledger(ctx, func(k grid.Key) error {
		if keys = append(keys, k); len(keys) == auditChunk {
			return look()
		}
		return nil
	})
	return errors.Join(err, look())
}
