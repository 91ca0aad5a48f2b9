package db

import (
	"context"
	"database/sql"
	"fmt"
	"os"
)

// Migrate brings the tables of one component up to date: steps[i] leads from
// version i to i+1, and each runs once, in one transaction with the note that
// it ran. Where there are tables of an earlier version, which that version's
// program would then refuse, a copy of the file is kept first (see Copies); its name
// ends in .before-COMPONENT-VERSION-DATE. A file written by a newer program is
// refused; a file that is open to be read alone is refused also where it is older.
func (d *DB) Migrate(ctx context.Context, component string, steps ...string) error {
	if d.Write == nil {
		return d.upToDate(ctx, component, len(steps))
	}
	version, err := d.version(ctx, component)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", component, err)
	}
	kept := ""
	if version > 0 && version < len(steps) {
		if kept, err = d.keepCopy(ctx, component, len(steps)); err != nil {
			return fmt.Errorf("migrate %s: %w", component, err)
		}
	}
	if err := d.migrate(ctx, component, steps); err != nil {
		if kept != "" {
			_ = os.Remove(kept) // nothing was changed
		}
		return err
	}
	return nil
}

// version gives the version of a component's tables, zero where there are none.
func (d *DB) version(ctx context.Context, component string) (version int, err error) {
	const create = `CREATE TABLE IF NOT EXISTS schema_version (component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID`
	if _, err := d.Write.ExecContext(ctx, create); err != nil {
		return 0, err
	}
	err = d.Write.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_version WHERE component = ?`, component).Scan(&version)
	return version, err
}

func (d *DB) migrate(ctx context.Context, component string, steps []string) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		var version int
		err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_version WHERE component = ?`, component).Scan(&version)
		if err != nil {
			return fmt.Errorf("migrate %s: %w", component, err)
		}
		if version > len(steps) {
			return d.tooNew(component, version, len(steps))
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

// tooNew names the copy from before, if there is one: the way back.
func (d *DB) tooNew(component string, version, known int) error {
	err := fmt.Errorf("%s: tables of %s are of version %d, this program knows up to %d: use the newer program", d.path, component, version, known)
	if kept := d.copies(fmt.Sprintf("-%s-%d-", component, version)); len(kept) > 0 {
		err = fmt.Errorf("%w, or put back the copy from before, without what came since: %s", err, kept[len(kept)-1])
	}
	return err
}

// upToDate refuses tables that are not of the version this program knows.
func (d *DB) upToDate(ctx context.Context, component string, known int) error {
	versions, err := Versions(ctx, d.path)
	switch {
	case err != nil:
		return err
	case versions[component] > known:
		return d.tooNew(component, versions[component], known)
	case versions[component] < known:
		return fmt.Errorf("%s: tables of %s are of version %d and are read as version %d: start this program on it once (phutai run)", d.path, component, versions[component], known)
	}
	return nil
}
