// Package db opens SQLite files the way phutai keeps them: write-ahead log,
// synchronous=FULL on every connection (an acknowledged commit survives power
// loss), one writer, a pool of readers, and migrations by component. It is the
// one owner of the SQLite driver.
//
// Each file has one owner process. Packages that keep tables in a file bring
// their own migrations, named by component, so that several can share one.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"go.uber.org/zap"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// DB is one SQLite file. Write has exactly one connection, so that writers
// queue instead of meeting SQLITE_BUSY; it is nil where the file is open to be
// read alone. Read is a pool of read-only ones.
type DB struct {
	Write *sql.DB
	Read  *sql.DB
	path  string
	care  Care
}

// readers is how many queries may run side by side; two cores gain nothing
// from more, and each keeps a page cache of its own.
const readers = 4

// Open is OpenWith without an end and with no special care.
func Open(path string) (*DB, error) { return OpenWith(context.Background(), path, Care{}) }

// OpenWith opens or creates the file at path, and the folder it stands in.
// It reads an existing file through first (see Check) and refuses a damaged one
// with a *DamagedError before anything is written.
func OpenWith(ctx context.Context, path string, care Care) (*DB, error) {
	if care.Log == nil {
		care.Log = zap.NewNop()
	}
	err := care.check(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		err = create(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	w, err := openWriter(ctx, path)
	if err != nil {
		return nil, err
	}
	r, err := openReaders(path)
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return &DB{Write: w, Read: r, path: path, care: care}, nil
}

func openReaders(path string) (*sql.DB, error) {
	r, err := sql.Open("sqlite", dsn(path, "ro"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	return r, nil
}

// dsn carries the pragmas, because a pragma set by a statement would reach one
// connection of the pool only.
func dsn(path, mode string) string {
	v := url.Values{}
	v.Set("mode", mode)
	v.Add("_pragma", "busy_timeout(10000)")
	v.Add("_pragma", "journal_mode(WAL)")
	v.Add("_pragma", "synchronous(FULL)")
	v.Add("_pragma", "foreign_keys(ON)")
	v.Add("_pragma", "cache_size(-16000)")
	v.Add("_pragma", "wal_autocheckpoint(2000)")
	// A log that has grown beside a long reader, such as a backup, gives its room back.
	v.Add("_pragma", fmt.Sprintf("journal_size_limit(%d)", mostLog))
	v.Set("_txlock", "immediate")
	if mode == "ro" {
		v.Set("_txlock", "deferred")
		v.Add("_pragma", "query_only(ON)")
	}
	return uri(path, v)
}

// mostLog is how large, in bytes, the write-ahead log stays once nobody reads from
// a moment long past: with the checkpoints above it does not come near that.
const mostLog = 32 << 20

func uri(path string, v url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: v.Encode()}).String()
}

// Path is the file's path.
func (d *DB) Path() string { return d.path }

// Close closes readers and writer.
func (d *DB) Close() error {
	err := d.Read.Close()
	if d.Write != nil {
		err = errors.Join(err, d.Write.Close())
	}
	return err
}

// Tx runs f in one write transaction, committed if f gives nil.
func (d *DB) Tx(ctx context.Context, f func(*sql.Tx) error) error {
	if d.Write == nil {
		return fmt.Errorf("%s is open to be read alone", d.path)
	}
	tx, err := d.Write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin on %s: %w", filepath.Base(d.path), err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit on %s: %w", filepath.Base(d.path), err)
	}
	return nil
}

// Full tells whether err says that the disk or the file's size limit is
// reached: nothing was written, and trying again later may help.
func Full(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL
}

// owned adds what to do to an error that says that the file may not be written to.
func owned(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_READONLY {
		return fmt.Errorf("%w; run this as the user that the file and its folder belong to", err)
	}
	return err
}
