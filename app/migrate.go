package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"phutai/db"
)

// MigrateOptions are the flags of the migrate verb.
type MigrateOptions struct {
	Config      string
	WithoutCopy bool
}

// Migrate brings the tables of an installation's files up to this version, as
// the next start would; no part of it may run. It is how a person goes on whose
// disk has no room for the copy from before.
func Migrate(ctx context.Context, opt MigrateOptions, out, logs io.Writer) error {
	cfg, err := Load(opt.Config)
	if err != nil {
		return err
	}
	log, err := newLogger(cfg.Log, logs)
	if err != nil {
		return err
	}
	cfg.Roles = slices.DeleteFunc(slices.Clone(cfg.Roles), func(r Role) bool { return r == Broker })
	a, err := New(ctx, cfg, Parts{Log: log, WithoutCopy: opt.WithoutCopy})
	if err != nil {
		return err
	}
	if err := a.Close(); err != nil {
		return err
	}
	for _, f := range cfg.files() {
		if _, err := os.Stat(f.path); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		versions, err := db.Versions(ctx, f.path)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: up to date %v\n", f.name(), versions)
	}
	return nil
}
