package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// DamagedError says that a file cannot be trusted. Neither it nor its
// write-ahead log was written to.
type DamagedError struct {
	Path  string
	Found []string // the first things that are wrong, as SQLite words them
}

// Error tells what was found and what to do.
func (e *DamagedError) Error() string {
	return fmt.Sprintf(`%[1]s is damaged and was left as it is:
  %[2]s
put the one of a backup in its place, which keeps the damaged file beside it:
  phutai store restore -c FILE --from DIR --only %[3]s
without a backup, move %[3]s and %[3]s-wal away: the next start makes an empty one, and what only this file held is lost`,
		e.Path, strings.Join(e.Found, "\n  "), filepath.Base(e.Path))
}

// Check reads a whole file and gives a *DamagedError where its pages, or the
// order of its rows, are not as SQLite writes them. It never writes to the file
// or its write-ahead log, and may be asked while another process writes: it
// judges one moment of it. A file that is not there is an error of its own. Log
// may be nil; it hears of a check that takes longer than two seconds.
func Check(ctx context.Context, path string, log *zap.Logger) error {
	return Care{Log: log}.check(ctx, path)
}

func (c Care) check(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("check %s: %w", path, err)
	}
	if info.Size() == 0 {
		// Open never leaves one behind: see create.
		return &DamagedError{Path: path, Found: []string{"it is empty: 0 bytes"}}
	}
	defer c.during("reading through", path, info.Size())()
	for {
		logged := hasLog(path)
		found, err := quickCheck(ctx, path, logged)
		switch {
		case err != nil:
			return fmt.Errorf("check %s: %w", path, err)
		case len(found) == 0:
			return nil
		case !logged && hasLog(path):
			continue // another process began to write while the file was read as one at rest
		}
		return &DamagedError{Path: path, Found: found}
	}
}

// hasLog tells whether there is a write-ahead log, which a crash leaves behind
// and which is there while a process has the file open.
func hasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

// mostFound bounds what is told of a damaged file.
const mostFound = 5

// quickCheck gives what is wrong with a file; nothing where it is sound.
//
// A read-only connection never checkpoints, also not as the last to close: it
// cannot lock the file for writing. A file without a log is read as one that
// nobody changes, since SQLite would make an empty log for it otherwise.
func quickCheck(ctx context.Context, path string, logged bool) (found []string, err error) {
	v := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "cache_size(-16000)"}}
	if !logged {
		v.Set("immutable", "1")
	}
	d, err := sql.Open("sqlite", uri(path, v))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	rows, err := d.QueryContext(ctx, fmt.Sprintf("PRAGMA quick_check(%d)", mostFound))
	if err != nil {
		return verdict(nil, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return verdict(found, err)
		}
		if line != "ok" {
			found = append(found, strings.Split(strings.TrimSpace(line), "\n")...)
		}
	}
	found, err = verdict(found, rows.Err())
	return found[:min(len(found), mostFound)], err
}

// verdict tells an error that speaks of the file's contents from others, such
// as that it may not be read.
func verdict(found []string, err error) ([]string, error) {
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB) {
		return append(found, e.Error()), nil
	}
	return found, err
}
