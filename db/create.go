package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// create makes a new file, and the folder it stands in. The file appears with
// its first page in it, so that an empty one is known to be damage.
func create(ctx context.Context, path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("create %s: %w", path, err)
		}
	}()
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	next := f.Name()
	defer func() {
		if left := os.Remove(next); !errors.Is(left, fs.ErrNotExist) {
			err = errors.Join(err, left)
		}
	}()
	// SQLite would let everyone read; what stands here is the company's.
	if err := errors.Join(f.Chmod(0o640), f.Close()); err != nil {
		return err
	}
	d, err := sql.Open("sqlite", dsn(next, "rw"))
	if err != nil {
		return err
	}
	if err := errors.Join(d.PingContext(ctx), d.Close()); err != nil {
		return err
	}
	if err := appear(next, path); err != nil {
		return err
	}
	return SyncDir(dir)
}

// appear gives a file its name, unless another process has made one of that name
// meanwhile. A link cannot overwrite it; where the file system has no links, a
// rename must do.
func appear(next, path string) error {
	err := os.Link(next, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(next, path)
}

// SyncDir makes what was created, renamed or removed in a folder survive a loss
// of power.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}
