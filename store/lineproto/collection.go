package lineproto

import (
	"context"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// Accounts tells how much of what was due has come, by unit and day.
type Accounts interface {
	// Accounts gives those of the last days, today among them.
	Accounts(ctx context.Context, days int) ([]Account, error)
}

// Account is that of one unit on one local day.
type Account struct {
	Unit   grid.UnitID
	Day    time.Time // its first moment
	Points int       // metering points
	grid.Collection
}

// Accounts change as long as readings come late or are asked for once more: those of the
// newest days are looked at often, those of a month each hour. Then all are
// written, changed or not, since a database may have lost what it took.
const (
	accountsEvery = 5 * time.Minute
	newestDays    = 3
	allDays       = 31
	roundsPerAll  = 12
)

// CollectionLine writes an account as one line, at the first moment of its day. What has
// a reason and what is open is in no field of its own that could shrink: a
// database without keys would show the greatest that it ever was.
func CollectionLine(a *Account) string {
	l := newLine("collection", "unit", string(a.Unit))
	l.integer("due", int64(a.Due))
	l.integer("received", int64(a.Received))
	l.integer("points", int64(a.Points))
	return l.at(a.Day.UnixMilli())
}

// account writes what has changed of the accounts, again and again, until ctx ends.
func (w *Writer) account(ctx context.Context) error {
	written := map[string]bool{}
	for round := 0; ; round++ {
		now := w.clock.Now()
		days := newestDays
		if round%roundsPerAll == 0 {
			days = allDays
			clear(written)
		}
		if err := w.writeAccounts(ctx, days, written); err != nil && ctx.Err() == nil {
			w.log.Warn("how much was collected is written later", zap.Error(err))
		}
		if w.clock.Wait(ctx, now.Add(accountsEvery)) != nil {
			return nil
		}
	}
}

func (w *Writer) writeAccounts(ctx context.Context, days int, written map[string]bool) error {
	all, err := w.accounts.Accounts(ctx, days)
	if err != nil {
		return err
	}
	var lines []string
	for i := range all {
		if line := CollectionLine(&all[i]); all[i].Due > 0 && !written[line] {
			lines = append(lines, line)
		}
	}
	if err := w.write(ctx, lines); err != nil {
		return err
	}
	for _, line := range lines {
		written[line] = true
	}
	return nil
}
