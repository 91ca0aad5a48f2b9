package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// SaveState keeps a small piece of a consumer's state under a name.
func (j *Journal) SaveState(ctx context.Context, name string, body []byte) error {
	return putState(ctx, j.db.Write, name, body)
}

// writer is a connection or a transaction.
type writer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func putState(ctx context.Context, w writer, name string, body []byte) error {
	_, err := w.ExecContext(ctx, "INSERT INTO state (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body", name, body)
	if err != nil {
		return fmt.Errorf("save state %s: %w", name, err)
	}
	return nil
}

// LoadState gives what SaveState kept, and nil where there is nothing.
func (j *Journal) LoadState(ctx context.Context, name string) ([]byte, error) {
	var body []byte
	err := j.db.Read.QueryRowContext(ctx, "SELECT body FROM state WHERE name = ?", name).Scan(&body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("load state %s: %w", name, err)
	}
	return body, nil
}
