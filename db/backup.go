package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	sqlite "modernc.org/sqlite"
)

// backupPages is how many pages are copied between two looks at the context:
// about a megabyte.
const backupPages = 256

// Backup copies the file at from to a new file at to, as it stands at one
// moment after the call, also while another process or this one writes to it:
// writers do not wait. The copy has been read through and is safe on the disk
// when Backup gives nil; otherwise there is no file at to. A damaged source is a
// *DamagedError of it, and where there is no room for the copy, it is a
// *NoRoomError. Progress, unless it is nil, hears how many of how many
// bytes are copied.
func Backup(ctx context.Context, from, to string, progress func(done, total int64)) (err error) {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("backup to %s: %w: name another place", to, os.ErrExist)
	}
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("backup of %s: %w", from, err)
	}
	part := to + partEnd
	if err := removePart(part); err != nil {
		return fmt.Errorf("backup to %s: %w", to, err)
	}
	defer func() {
		if err != nil {
			_ = removePart(part)
		}
	}()
	if err := copyPages(ctx, from, part, progress); err != nil {
		return fmt.Errorf("backup of %s: %w", from, err)
	}
	if err := Check(ctx, part, nil); err != nil {
		// A copy page by page has what is wrong with its source.
		if bad := Check(ctx, from, nil); bad != nil {
			return bad
		}
		return fmt.Errorf("backup of %s: the copy came out damaged: check the disk of %s", from, to)
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("backup of %s: %w", from, err)
	}
	if err := os.Rename(part, to); err != nil {
		return fmt.Errorf("backup of %s: %w", from, err)
	}
	return SyncDir(filepath.Dir(to))
}

// partEnd ends the name of a copy that is not complete.
const partEnd = ".part"

// removePart removes what there is of a copy and of its journal.
func removePart(part string) error {
	var failed []error
	for _, end := range []string{"", "-journal"} {
		if err := os.Remove(part + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// copyPages copies within one read transaction: without it SQLite would begin
// again after each commit of another connection, and never end beside a writer.
func copyPages(ctx context.Context, from, to string, progress func(done, total int64)) (err error) {
	v := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)"}}
	d, err := sql.Open("sqlite", uri(from, v))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() {
		_, end := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		err = errors.Join(err, end)
	}()
	var size int64
	if err := conn.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size); err != nil {
		return err
	}
	var pages int64
	if err := conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	if err := roomFor(filepath.Dir(to), pages*size+besides); err != nil {
		return err
	}
	var tables int
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err // the transaction's moment is that of its first look
	}
	err = conn.Raw(func(c any) error {
		b, err := c.(interface {
			NewBackup(uri string) (*sqlite.Backup, error)
		}).NewBackup(uri(to, url.Values{"mode": {"rwc"}}))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if more, err = b.Step(backupPages); err == nil {
				err = ctx.Err()
			}
			if total := int64(b.PageCount()); err == nil && progress != nil {
				progress((total-int64(b.Remaining()))*size, total*size)
			}
		}
		return errors.Join(err, b.Finish())
	})
	if Full(err) { // somebody else took the room meanwhile
		return &NoRoomError{Dir: filepath.Dir(to), Needs: pages*size + besides}
	}
	return err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o640), f.Sync(), f.Close())
}

// Versions gives the version of each component's tables in a file (see
// Migrate). It writes nothing, and reads no more than it needs: a *DamagedError
// is certain, a sound answer says nothing of the rest of the file.
func Versions(ctx context.Context, path string) (map[string]int, error) {
	v := url.Values{"mode": {"ro"}}
	if !hasLog(path) {
		v.Set("immutable", "1")
	}
	d, err := sql.Open("sqlite", uri(path, v))
	if err != nil {
		return nil, fmt.Errorf("versions of %s: %w", path, err)
	}
	defer func() { _ = d.Close() }()
	rows, err := d.QueryContext(ctx, "SELECT component, version FROM schema_version")
	if found, other := verdict(nil, err); err != nil && other == nil {
		return nil, &DamagedError{Path: path, Found: found}
	}
	if err != nil {
		return nil, fmt.Errorf("versions of %s: %w", path, err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, fmt.Errorf("versions of %s: %w", path, err)
		}
		out[name] = n
	}
	return out, rows.Err()
}
