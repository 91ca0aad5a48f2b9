package db

import (
	"context"
	"database/sql"
	"fmt"
)

// Migrate brings the tables of one component up to date: steps[i] leads from
// version i to i+1, and each runs once, in one transaction with the note that
// it ran. A file written by a newer program is refused.
func (d *DB) Migrate(ctx context.Context, component string, steps ...string) error {
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
			return fmt.Errorf("%s: tables of %s are of version %d, this program knows up to %d: use the newer program", d.path, component, version, len(steps))
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
