package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"phutai/db"
	"phutai/store"
)

// RecomputeDays has the peaks and sums by day worked out again from all derived
// rows that are kept. Days of which such rows are gone stay as they are.
func RecomputeDays(ctx context.Context, config string, out io.Writer) (err error) {
	cfg, err := Load(config)
	if err != nil {
		return err
	}
	if err := finishedRestore(cfg.Data); err != nil {
		return err
	}
	file, err := db.OpenBeside(ctx, filepath.Join(cfg.Data, journalFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := store.RecomputeDays(ctx, file); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "the running program works all days out again beside its other work; one that is stopped does so at its next start")
	return err
}
