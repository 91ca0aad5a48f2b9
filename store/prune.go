package store

import (
	"context"
	"database/sql"
	"fmt"

	"go.uber.org/zap"
)

// pruneSlice bounds how many rows of the feed one commit removes.
const pruneSlice = 2000

// pruneEvery is how many commits pass between two looks at the feed's tail.
const pruneEvery = 64

// pruneSometimes shortens the feed if enough was added; the caller holds writing.
func (j *Journal) pruneSometimes(ctx context.Context, seq int64) {
	if seq-j.pruned < pruneEvery {
		return
	}
	if err := j.prune(ctx); err != nil {
		j.log.Warn("feed is not shortened now, it will be later", zap.Error(err))
		return
	}
	j.pruned = seq
}

// prune removes the part of the feed that every cursor has passed. A cursor
// that is too far behind is set to read everything again instead of holding
// the feed for ever.
func (j *Journal) prune(ctx context.Context) error {
	j.mu.RLock()
	head, limit := j.head, j.feed
	j.mu.RUnlock()
	return j.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE cursor SET seq = ?, scan = 0 WHERE seq < ?", head, head-limit.Max)
		if err != nil {
			return fmt.Errorf("move cursors that are far behind: %w", err)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM commit_log WHERE seq IN (SELECT seq FROM commit_log
			WHERE seq <= min(?, (SELECT coalesce(min(seq), ?) FROM cursor)) ORDER BY seq LIMIT ?)`, head-limit.Keep, head, pruneSlice)
		if err != nil {
			return fmt.Errorf("shorten feed: %w", err)
		}
		return nil
	})
}

// Forget removes the place of a consumer that is no longer configured, which
// otherwise holds the feed back until it is too far behind. If it comes back,
// it reads everything again.
func (j *Journal) Forget(ctx context.Context, name string) error {
	if _, err := j.db.Write.ExecContext(ctx, "DELETE FROM cursor WHERE name = ?", name); err != nil {
		return fmt.Errorf("forget cursor %s: %w", name, err)
	}
	return nil
}

// SetPlace puts a consumer where another one stands, or to the beginning where
// there is no such other. Not while the consumer is being followed.
func (j *Journal) SetPlace(ctx context.Context, name, like string) error {
	err := j.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM cursor WHERE name = ?", name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO cursor (name, seq, scan) SELECT ?, seq, scan FROM cursor WHERE name = ?", name, like)
		return err
	})
	if err != nil {
		return fmt.Errorf("put cursor %s to the place of %s: %w", name, like, err)
	}
	return nil
}

// Behind gives how many commits each consumer has still to read. One that
// still reads what was there before it came counts as behind by all of them.
func (j *Journal) Behind(ctx context.Context) (map[string]int64, error) {
	j.mu.RLock()
	head := j.head
	j.mu.RUnlock()
	out := map[string]int64{}
	err := j.each(ctx, "SELECT name, seq, scan FROM cursor", func(rows *sql.Rows) error {
		var name string
		var c cursor
		err := rows.Scan(&name, &c.seq, &c.scan)
		out[name] = head - c.seq
		if c.scan.Valid {
			out[name] = head
		}
		return err
	})
	return out, err
}
