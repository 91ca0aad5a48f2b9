package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"phutai/db"
)

// Backup copies the files of an installation into a new folder, also while the
// program runs on them. The folder appears when all of it is complete, read
// through and safe on the disk. What was committed before the call is in it, and
// of no commit the half. Progress is drawn on told where that is a terminal.
func Backup(ctx context.Context, config, dir string, out, told io.Writer) (err error) {
	cfg, err := Load(config)
	if err != nil {
		return err
	}
	if err := finishedRestore(cfg.Data); err != nil {
		return err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: name a new folder for the backup", dir)
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	part, err := os.MkdirTemp(parent, filepath.Base(dir)+".part-")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	if err := os.Chmod(part, 0o750); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	m := &manifest{Format: manifestFormat, TakenAt: time.Now().UTC()}
	for _, f := range cfg.files() {
		bar := newBar(told, f.name())
		switch err := db.Backup(ctx, f.path, filepath.Join(part, f.name()), bar.show); {
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(out, "%s: not there, left out: has the role %s run on %s yet?\n", f.name(), f.role, filepath.Dir(f.path))
			continue
		case err != nil:
			return err
		}
		bar.end()
		entry, err := describe(ctx, filepath.Join(part, f.name()))
		if err != nil {
			return fmt.Errorf("backup of %s: %w", f.path, err)
		}
		m.Files = append(m.Files, entry)
	}
	if len(m.Files) == 0 {
		return fmt.Errorf("there is nothing to back up in %s", cfg.Data)
	}
	m.Took = time.Since(m.TakenAt).Round(time.Millisecond)
	if err := errors.Join(m.write(part), db.SyncDir(part), os.Rename(part, dir), db.SyncDir(parent)); err != nil {
		return fmt.Errorf("backup to %s: %w", dir, err)
	}
	for _, f := range m.Files {
		fmt.Fprintf(out, "%s: %s, read through and sound\n", f.Name, size(f.Bytes))
	}
	_, err = fmt.Fprintf(out, "backup of %s in %s\n", m.TakenAt.Format(time.RFC3339), dir)
	return err
}

// size gives bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KB", (n+1023)/1024)
}
