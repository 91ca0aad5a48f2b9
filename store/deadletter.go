package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"phutai/grid"
)

// lettersSchema1 adds what people do with dead letters: the kind says how a
// letter is taken in again, and an order waits for the journal's owner.
const lettersSchema1 = `
ALTER TABLE dead_letter ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
CREATE TABLE dead_letter_order (letter INTEGER PRIMARY KEY, retry INTEGER NOT NULL, given_at INTEGER NOT NULL);
`

// lettersComponent names the tables' versions.
const lettersComponent = "letters"

// DeadLetter is something that could not be taken in and waits for a person.
// The same thing coming again is counted, not kept again.
type DeadLetter struct {
	ID        int64 // given by the journal
	Kind      LetterKind
	FirstSeen time.Time
	LastSeen  time.Time // equal to FirstSeen for one that is new
	Times     int
	Collector grid.CollectorID // or the store writer that was refused
	Reason    string           // a short word: "poison", "no-ratio", "clock-off", "out-of-range", "refused"
	Detail    string           // what was wrong and what to do, in English
	Payload   []byte           // as received; a single reading as JSON
	Ordered   string           // what a person has ordered and is not carried out yet: "retry", "drop" or nothing
}

// digest tells whether two letters are the same. A reading is the same when it
// is asked for once more: only when it was read, and how the meter's clock stood
// then, differs.
func (d *DeadLetter) digest() []byte {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q ", d.Collector, d.Reason)
	payload := d.Payload
	if d.kind() == LetterReading {
		if r, err := parseLetter(payload); err == nil {
			r.PolledAt, r.ClockKnown = time.Time{}, false
			payload = letter(&r)
		}
	}
	sum.Write(payload)
	return sum.Sum(nil)
}

// bury keeps a letter, or counts it where it is there already. Beyond the most
// that may be kept it is only counted, as shed. Lines that another database refuses
// have half of the room: their readings are in the journal, those of other letters
// are nowhere else.
func (w *work) bury(ctx context.Context, d *DeadLetter) error {
	digest, seen := d.digest(), d.FirstSeen.UnixMilli()
	res, err := w.tx.ExecContext(ctx, "UPDATE dead_letter SET last_seen = ?, times = times + 1 WHERE digest = ?", seen, digest)
	if err != nil {
		return fmt.Errorf("keep dead letter from %s: %w", d.Collector, err)
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	room := w.j.mostLetters - w.j.counts.DeadLetters - w.buried
	if d.kind() == LetterLine && room > 0 {
		var lines int64
		if err := w.tx.QueryRowContext(ctx, "SELECT count(*) FROM dead_letter WHERE kind = ?", int(LetterLine)).Scan(&lines); err != nil {
			return fmt.Errorf("count refused lines: %w", err)
		}
		room = w.j.mostLetters/2 - lines
	}
	if room <= 0 {
		w.shed++
		return nil
	}
	_, err = w.tx.ExecContext(ctx, `INSERT INTO dead_letter (digest, kind, first_seen, last_seen, times, collector, reason, detail, payload)
		VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)`, digest, int(d.Kind), seen, seen, string(d.Collector), d.Reason, d.Detail, d.Payload)
	if err != nil {
		return fmt.Errorf("keep dead letter from %s: %w", d.Collector, err)
	}
	w.buried++
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
	return j.Bury(ctx, DeadLetter{
		Kind: LetterLine, FirstSeen: at, Collector: grid.CollectorID(consumer), Reason: "refused", Detail: why.Error(), Payload: payload,
	})
}

// DeadLetters hands the dead letters to f, oldest first.
func (j *Journal) DeadLetters(ctx context.Context, f func(DeadLetter) error) error {
	return eachLetter(ctx, j.db.Read, f)
}

const selectLetters = `SELECT d.id, d.kind, d.first_seen, d.last_seen, d.times, d.collector, d.reason, d.detail, d.payload, o.retry
	FROM dead_letter d LEFT JOIN dead_letter_order o ON o.letter = d.id `

func eachLetter(ctx context.Context, q *sql.DB, f func(DeadLetter) error) error {
	for after := int64(0); ; {
		part, err := letters(ctx, q, selectLetters+"WHERE d.id > ? ORDER BY d.id LIMIT 100", after)
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

// errNoLetter says that there is no letter of a number.
var errNoLetter = errors.New("there is no dead letter of that number")

func oneLetter(ctx context.Context, q *sql.DB, id int64) (DeadLetter, error) {
	part, err := letters(ctx, q, selectLetters+"WHERE d.id = ?", id)
	if err != nil {
		return DeadLetter{}, err
	}
	if len(part) == 0 {
		return DeadLetter{}, fmt.Errorf("dead letter %d: %w", id, errNoLetter)
	}
	return part[0], nil
}

func letters(ctx context.Context, q *sql.DB, query string, args ...any) ([]DeadLetter, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []DeadLetter
	for rows.Next() {
		var d DeadLetter
		var first, last int64
		var retry sql.NullBool
		err := rows.Scan(&d.ID, &d.Kind, &first, &last, &d.Times, &d.Collector, &d.Reason, &d.Detail, &d.Payload, &retry)
		if err != nil {
			return nil, fmt.Errorf("read dead letters: %w", err)
		}
		d.FirstSeen, d.LastSeen = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
		switch {
		case retry.Valid && retry.Bool:
			d.Ordered = "retry"
		case retry.Valid:
			d.Ordered = "drop"
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// DropDeadLetter removes a dead letter that has been dealt with.
func (j *Journal) DropDeadLetter(ctx context.Context, id int64) error {
	_, err := j.Commit(ctx, Entry{Retried: &Retried{Letter: id}})
	return err
}
