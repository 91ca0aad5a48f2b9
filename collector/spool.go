package collector

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/grid"
)

// ErrSpoolFull says that the spool holds as many readings as it may.
var ErrSpoolFull = errors.New("spool is full: the center has not taken readings for long")

const schema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE spool (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE history (meter TEXT PRIMARY KEY, progress BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE ledger (point TEXT NOT NULL, source INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (point, source, at)) WITHOUT ROWID;`

// Spool holds readings until the center has them. Safe for concurrent use;
// appends that come at the same time share one commit.
type Spool struct {
	db     *db.DB
	max    uint64
	ledger bool

	depth atomic.Uint64

	pendingMu sync.Mutex // guards pending
	pending   []*entry

	writeMu sync.Mutex // held while the file is written; guards the fields below
	epoch   string
	last    uint64 // the highest sequence number ever given
	kept    uint64 // what the file says of sent
	changed chan struct{}

	fresh bool          // the file was made by this process
	sent  atomic.Uint64 // the highest sequence number that may be on its way or at the center
}

// entry is what one Append wants committed.
type entry struct {
	readings []grid.Reading
	progress *meterProgress
	done     bool
	err      error
}

// meterProgress is how far a meter's load profile has been read.
type meterProgress struct {
	meter grid.MeterID
	raw   []byte
}

// OpenSpool opens or makes the file. A new file gets a new epoch. It holds at
// most limit readings; with ledger it remembers the keys of all it ever held.
func OpenSpool(ctx context.Context, path string, limit uint64, ledger bool) (*Spool, error) {
	return openSpool(ctx, path, limit, ledger, nil)
}

// openSpool tells log, unless it is nil, what takes long.
func openSpool(ctx context.Context, path string, limit uint64, ledger bool, log *zap.Logger) (*Spool, error) {
	d, err := db.OpenContext(ctx, path, log)
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	s := &Spool{db: d, max: limit, ledger: ledger, changed: make(chan struct{})}
	if err := s.load(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open spool %s: %w", path, err), d.Close())
	}
	return s, nil
}

func (s *Spool) load(ctx context.Context) error {
	if err := s.db.Migrate(ctx, "spool", schema); err != nil {
		return err
	}
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		fresh, err := newEpoch()
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO meta VALUES ('epoch', ?), ('last', 0), ('sent', 0)`, fresh); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'epoch'`).Scan(&s.epoch); err != nil {
			return err
		}
		s.fresh = s.epoch == fresh
		if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'last'`).Scan(&s.last); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'sent'`).Scan(&s.kept)
	})
	if err != nil {
		return err
	}
	first, err := s.first(ctx)
	if err != nil {
		return err
	}
	s.sent.Store(max(s.kept, first-1)) // what is gone has arrived
	var n uint64
	err = s.db.Read.QueryRowContext(ctx, `SELECT count(*) FROM spool`).Scan(&n)
	s.depth.Store(n)
	return err
}

func newEpoch() (string, error) {
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", fmt.Errorf("make epoch: %w", err)
	}
	return hex.EncodeToString(raw[:]), nil
}

// Close closes the file.
func (s *Spool) Close() error {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	err := s.db.Tx(context.Background(), func(tx *sql.Tx) error { return s.keepSent(context.Background(), tx, s.sent.Load()) })
	return errors.Join(err, s.db.Close())
}

// Sent gives the highest sequence number that was ever sent from this file. A
// watermark beyond it speaks of other readings than the file holds: of those
// that another copy of it gave the same numbers.
func (s *Spool) Sent() uint64 { return s.sent.Load() }

// MarkSent notes that the readings up to seq are about to be sent. The file
// learns of it with the next commit, which costs nothing; a crash before that
// makes Sent too low after the restart, never too high.
func (s *Spool) MarkSent(seq uint64) {
	if seq > s.sent.Load() { // one goroutine sends
		s.sent.Store(seq)
	}
}

// keepSent writes what was sent, in a transaction of which it is not the sense.
// The caller holds writeMu and sets kept once it is committed.
func (s *Spool) keepSent(ctx context.Context, tx *sql.Tx, sent uint64) error {
	if sent == s.kept {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'sent'`, sent)
	return err
}

// Depth counts the readings that the center is not known to have.
func (s *Spool) Depth() uint64 { return s.depth.Load() }

// Position gives the epoch and the highest sequence number given so far.
func (s *Spool) Position() (epoch string, last uint64) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	return s.epoch, s.last
}

// Append commits readings and gives nil only when they are safe on the disk.
func (s *Spool) Append(ctx context.Context, readings []grid.Reading) error {
	return s.append(ctx, &entry{readings: readings})
}

// append commits e with whatever others wait for at this moment: whoever gets
// the lock commits for all.
func (s *Spool) append(ctx context.Context, e *entry) error {
	s.pendingMu.Lock()
	s.pending = append(s.pending, e)
	s.pendingMu.Unlock()

	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	if e.done {
		return e.err
	}
	s.pendingMu.Lock()
	group := s.pending
	s.pending = nil
	s.pendingMu.Unlock()
	// The others' contexts are not this one's: once begun, a commit ends.
	err := s.commit(context.WithoutCancel(ctx), group)
	for _, g := range group {
		g.done, g.err = true, err
	}
	return e.err
}

func (s *Spool) commit(ctx context.Context, group []*entry) error {
	total := uint64(0)
	for _, e := range group {
		total += uint64(len(e.readings))
	}
	if s.depth.Load()+total > s.max {
		return ErrSpoolFull
	}
	last, sent := s.last, s.sent.Load()
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, `INSERT INTO spool (seq, body) VALUES (?, ?)`)
		if err != nil {
			return err
		}
		defer insert.Close()
		var body []byte
		for _, e := range group {
			for i := range e.readings {
				last++
				body = appendRecord(body[:0], &e.readings[i])
				if _, err := insert.ExecContext(ctx, last, body); err != nil {
					return err
				}
			}
			if err := s.note(ctx, tx, e); err != nil {
				return err
			}
		}
		if err := s.keepSent(ctx, tx, sent); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'last'`, last)
		return err
	})
	if err != nil {
		return fmt.Errorf("commit %d readings to the spool: %w", total, err)
	}
	s.last, s.kept = last, sent
	s.depth.Add(total)
	s.tell()
	return nil
}

// note writes what goes with the readings of e.
func (s *Spool) note(ctx context.Context, tx *sql.Tx, e *entry) error {
	if s.ledger {
		for i := range e.readings {
			r := &e.readings[i]
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO ledger VALUES (?, ?, ?)`, string(r.Point), r.Source, r.At.UnixMilli()); err != nil {
				return err
			}
		}
	}
	if e.progress == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO history VALUES (?, ?) ON CONFLICT (meter) DO UPDATE SET progress = excluded.progress`,
		string(e.progress.meter), e.progress.raw)
	return err
}

// tell wakes those who wait for a change. The caller holds writeMu.
func (s *Spool) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Changed is closed at the next commit or removal.
func (s *Spool) Changed() <-chan struct{} {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	return s.changed
}
