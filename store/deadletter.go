package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
)

// DeadLetter is something that could not be taken in and waits for a person.
// The same thing coming again is counted, not kept again.
type DeadLetter struct {
	ID        int64 // given by the journal
	FirstSeen time.Time
	LastSeen  time.Time // equal to FirstSeen for one that is new
	Times     int
	Collector grid.CollectorID // or the store writer that was refused
	Reason    string           // a short word: "poison", "no-ratio", "clock-off", "out-of-range", "refused"
	Detail    string           // what was wrong and what to do, in English
	Payload   []byte           // as received; a single reading as JSON
}

func (w *work) bury(ctx context.Context, d *DeadLetter) error {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q ", d.Collector, d.Reason)
	sum.Write(d.Payload)
	seen := d.FirstSeen.UnixMilli()
	var times int64
	err := w.tx.QueryRowContext(ctx, `INSERT INTO dead_letter (digest, first_seen, last_seen, times, collector, reason, detail, payload)
		VALUES (?, ?, ?, 1, ?, ?, ?, ?)
		ON CONFLICT (digest) DO UPDATE SET last_seen = excluded.last_seen, times = times + 1 RETURNING times`,
		sum.Sum(nil), seen, seen, string(d.Collector), d.Reason, d.Detail, d.Payload).Scan(&times)
	if err != nil {
		return fmt.Errorf("keep dead letter from %s: %w", d.Collector, err)
	}
	if times == 1 {
		w.buried++
	}
	return nil
}

// Bury keeps dead letters of a consumer, such as lines that a database refuses.
func (j *Journal) Bury(ctx context.Context, letters ...DeadLetter) error {
	_, err := j.Commit(ctx, Entry{Dead: letters})
	return err
}

// Refused keeps what a consumer's database will never take, such as a line of
// InfluxDB's protocol.
func (j *Journal) Refused(ctx context.Context, consumer string, at time.Time, payload []byte, why error) error {
	return j.Bury(ctx, DeadLetter{FirstSeen: at, Collector: grid.CollectorID(consumer), Reason: "refused", Detail: why.Error(), Payload: payload})
}

// DeadLetters hands the dead letters to f, oldest first.
func (j *Journal) DeadLetters(ctx context.Context, f func(DeadLetter) error) error {
	for after := int64(0); ; {
		var part []DeadLetter
		err := j.each(ctx, `SELECT id, first_seen, last_seen, times, collector, reason, detail, payload
			FROM dead_letter WHERE id > ? ORDER BY id LIMIT 100`, func(rows *sql.Rows) error {
			var d DeadLetter
			var first, last int64
			err := rows.Scan(&d.ID, &first, &last, &d.Times, &d.Collector, &d.Reason, &d.Detail, &d.Payload)
			d.FirstSeen, d.LastSeen = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
			part = append(part, d)
			return err
		}, after)
		if err != nil || len(part) == 0 {
			return err
		}
		for _, d := range part {
			if err := f(d); err != nil {
				return err
			}
			after = d.ID
		}
	}
}

// DropDeadLetter removes a dead letter that has been dealt with.
func (j *Journal) DropDeadLetter(ctx context.Context, id int64) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	res, err := j.db.Write.ExecContext(ctx, "DELETE FROM dead_letter WHERE id = ?", id)
	if err != nil {
		return fmt.Errorf("drop dead letter %d: %w", id, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("drop dead letter %d: %w", id, err)
	}
	if n == 0 {
		return fmt.Errorf("drop dead letter %d: there is none of that number", id)
	}
	j.mu.Lock()
	j.counts.DeadLetters--
	j.mu.Unlock()
	return nil
}
