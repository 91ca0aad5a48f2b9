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
	"time"

	"phutai/db"
)

// The tables by version. Numbers in void were given and stand for nothing any
// more; tombstone finds the row of a grave; age tells how old the spool was when
// a number was the newest.
const (
	schema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE spool (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE history (meter TEXT PRIMARY KEY, progress BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE ledger (point TEXT NOT NULL, source INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (point, source, at)) WITHOUT ROWID;`
	schemaOfLoss = `
CREATE TABLE tombstone (point TEXT NOT NULL, source INTEGER NOT NULL, why INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (point, source, why)) WITHOUT ROWID;
CREATE TABLE void (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE age (lived INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
INSERT INTO meta VALUES ('lived', 0);`
)

// Spool holds readings until the center has them. Safe for concurrent use;
// appends that come at the same time share one commit.
type Spool struct {
	db      *db.DB
	bounds  Bounds
	reserve reserve
	ledger  bool

	depth       atomic.Uint64
	used, inner atomic.Int64 // bytes of pages in use, and of free ones
	cramped     atomic.Bool  // the reserve has been given up: the disk is full

	pendingMu sync.Mutex // guards pending
	pending   []*entry

	writeMu sync.Mutex // held while the file is written; guards the fields below
	epoch   string
	last    uint64 // the highest sequence number ever given
	kept    uint64 // what the file says of sent
	fence   uint64 // rows up to here may be on their way as they are, and are not changed
	voids   [][2]uint64
	changed chan struct{}

	unmeasured int           // commits since the size was looked at
	tried      time.Time     // when the reserve was last tried to be made again; real
	lived      time.Duration // for which the spool has been at work, over all starts
	marked     time.Duration // lived, when it was last noted

	fresh bool          // the file was made by this process
	sent  atomic.Uint64 // the highest sequence number that may be on its way or at the center
}

// OpenSpool opens or makes the file. A new file gets a new epoch. With ledger it
// remembers the keys of all it ever held. It opens on a full disk too, if it has
// a reserve to give up there.
func OpenSpool(ctx context.Context, path string, bounds Bounds, ledger bool) (*Spool, error) {
	return openBounded(ctx, path, bounds, ledger, db.Care{})
}

// openBounded opens the file with some care. A copy from before tables are changed
// is kept only where there is room for it: polling goes before the way back to an
// older program, and the reserve is for removals alone.
func openBounded(ctx context.Context, path string, bounds Bounds, ledger bool, care db.Care) (*Spool, error) {
	if care.Copies.Need == db.Demanded {
		care.Copies.Need = db.IfRoom
	}
	r := reserve{path + ".reserve", bounds.Reserve}
	s, err := openSpool(ctx, path, ledger, care)
	if err != nil && r.give() {
		s, err = openSpool(ctx, path, ledger, care)
	}
	if err != nil {
		return nil, fmt.Errorf("open spool %s: %w", path, err)
	}
	s.bounds, s.reserve = bounds, r
	s.cramped.Store(r.make() != nil)
	return s, nil
}

func openSpool(ctx context.Context, path string, ledger bool, care db.Care) (*Spool, error) {
	d, err := db.OpenWith(ctx, path, care)
	if err != nil {
		return nil, err
	}
	s := &Spool{db: d, ledger: ledger, changed: make(chan struct{})}
	if err := s.load(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return s, nil
}

func (s *Spool) load(ctx context.Context) error {
	if err := s.db.Migrate(ctx, "spool", schema, schemaOfLoss); err != nil {
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
		if err := tx.QueryRowContext(ctx, `SELECT value, (SELECT coalesce(max(lived), 0) FROM age) FROM meta WHERE name = 'lived'`).Scan(&s.lived, &s.marked); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'sent'`).Scan(&s.kept)
	})
	if err != nil {
		return err
	}
	first, err := s.first(ctx, 0)
	if err != nil {
		return err
	}
	s.sent.Store(max(s.kept, first-1)) // what is gone has arrived, or does not matter any more
	s.fence = s.last
	var n uint64
	if err := s.db.Read.QueryRowContext(ctx, `SELECT count(*) FROM spool`).Scan(&n); err != nil {
		return err
	}
	s.depth.Store(n)
	if s.voids, err = s.loadVoids(ctx); err != nil {
		return err
	}
	s.unmeasured = measureEvery
	return s.measure(ctx)
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
	ctx := context.Background()
	err := s.db.Tx(ctx, func(tx *sql.Tx) error { return errors.Join(s.keepSent(ctx, tx, s.sent.Load()), s.keepAge(ctx, tx)) })
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
