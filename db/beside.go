package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"go.uber.org/zap"
)

// OpenToRead opens an existing file for reading alone, also while its owner
// runs. It is not checked for damage, and Migrate only compares versions.
func OpenToRead(path string) (*DB, error) {
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open: %w: phutai run makes it at its first start; if it has run, look whether data in the configuration names its folder", err)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	r, err := openReaders(path)
	if err != nil {
		return nil, err
	}
	return &DB{Read: r, path: path, care: Care{Log: zap.NewNop()}}, nil
}

// OpenBeside opens an existing file for a small note to its owner, which runs
// and has checked it.
func OpenBeside(ctx context.Context, path string) (*DB, error) {
	d, err := OpenToRead(path)
	if err != nil {
		return nil, err
	}
	if d.Write, err = openWriter(ctx, path); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func openWriter(ctx context.Context, path string) (*sql.DB, error) {
	w, err := sql.Open("sqlite", dsn(path, "rw"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	w.SetConnMaxIdleTime(0)
	if err := w.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, owned(err)), w.Close())
	}
	return w, nil
}
