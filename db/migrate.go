package db

import (
	"context"
	"database/sql"
	"fmt"
)

// Migrate brings the tables of one component up to date: steps[i] leads from
// version i to i+1, and each runs once, in one transaction with the note that
// it ran. A file written by a newer program is refused; a file that is open to be
// read alone is refused also where it is older.
func (d *DB) Migrate(ctx context.Context, component string, steps ...string) error {
	if d.Write == nil {
		return d.upToDate(ctx, component, len(steps))
	}
	const create = `CREATE TABLE IF NOT EXISTS schema_version (component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID`
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, create); err != nil {
			return fmt.Errorf("migrate %s: %w", component, err)
		}
		var version int
		err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_version WHERE component = ?`, component).Scan(&version)
		if err != nil {
			return fmt.Errorf("migrate %s: %w", component, err)
		}
		if version > len(steps) {
			return tooNew(d.path, component, version, len(steps))
		}
		for i := version; i < len(steps); i++ {
			if _, err := tx.ExecContext(ctx, steps[i]); err != nil {
				return fmt.Errorf("migrate %s to version %d: %w", component, i+1, err)
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO schema_version (component, version) VALUES (?, ?)
			ON CONFLICT (component) DO UPDATE SET version = excluded.version`, component, len(steps))
		return err
	})
}

func tooNew(path, component string, version, known int) error {
	return fmt.Errorf("%s: tables of %s are of version %d, this program knows up to %d: use the newer program", path, component, version, known)
}

// upToDate refuses tables that are not of the version this program knows.
func (d *DB) upToDate(ctx context.Context, component string, known int) error {
	versions, err := Versions(ctx, d.path)
	switch {
	case err != nil:
		return err
	case versions[component] > known:
		return tooNew(d.path, component, versions[component], known)
	case versions[component] < known:
		return fmt.Errorf("%s: tables of %s are of version %d and are read as version %d: start this program on it once (phutai run)", d.path, component, versions[component], known)
	}
	return nil
}
