package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"phutai/db"
)

// RestoreOptions are the flags of the restore verb.
type RestoreOptions struct {
	Config string
	From   string   // a folder that Backup wrote
	Only   []string // names of files; empty: all that the backup has of this installation
}

// Restore puts files of a backup in the place of those of an installation, of
// which no part may run. All of it is verified before anything is changed, and
// the present files are kept beside the restored ones under a dated name.
func Restore(ctx context.Context, opt RestoreOptions, out, told io.Writer) (err error) {
	cfg, err := Load(opt.Config)
	if err != nil {
		return err
	}
	m, err := readManifest(opt.From)
	if err != nil {
		return err
	}
	chosen, err := chosenFiles(&cfg, m, opt)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, r := range cfg.Roles {
		unlock, busy := lockFolder(cfg.Data, r)
		if busy != nil {
			return fmt.Errorf("restore: %w", busy)
		}
		defer func() { err = errors.Join(err, unlock()) }()
	}
	defer func() {
		for _, f := range chosen {
			_ = os.Remove(staged(f.path)) // gone from there when all went well
		}
	}()
	for _, f := range chosen {
		if err := stage(ctx, f, m.file(f.name()), opt.From, told); err != nil {
			return fmt.Errorf("restore: %w; nothing was changed", err)
		}
	}
	return exchange(cfg.Data, chosen, m, out)
}

// chosenFiles gives what is to be restored: each file has a place in the
// installation and is in the backup.
func chosenFiles(cfg *Config, m *manifest, opt RestoreOptions) ([]keptFile, error) {
	all := cfg.files()
	var chosen []keptFile
	var here []string
	for _, f := range all {
		if m.file(f.name()) == nil {
			continue
		}
		here = append(here, f.name())
		if len(opt.Only) == 0 || slices.Contains(opt.Only, f.name()) {
			chosen = append(chosen, f)
		}
	}
	for _, name := range opt.Only {
		if !slices.Contains(here, name) {
			return nil, fmt.Errorf("--only %s: the backup %s has no such file for the roles of %s; it has %s", name, opt.From, opt.Config, strings.Join(here, ", "))
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("the backup %s has no file for the roles of %s", opt.From, opt.Config)
	}
	return chosen, nil
}

// staged is where a file of the backup is put before it takes its place.
func staged(path string) string { return path + ".restoring" }

// stage copies a file of the backup beside its place and verifies the copy.
func stage(ctx context.Context, f keptFile, want *backedUp, from string, told io.Writer) (err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o750); err != nil {
		return err
	}
	src, err := os.Open(filepath.Join(from, want.Name))
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(staged(f.path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	b, sum, done := newBar(told, want.Name), sha256.New(), int64(0)
	defer b.end()
	for err == nil && ctx.Err() == nil {
		var n int64
		n, err = io.CopyN(io.MultiWriter(dst, sum), src, 1<<20)
		done += n
		b.show(done, want.Bytes)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err := errors.Join(err, ctx.Err(), dst.Sync(), dst.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); done != want.Bytes || got != want.SHA256 {
		return fmt.Errorf("%s in the backup is not what was backed up (%d bytes with SHA-256 %s, want %d with %s): use another backup", want.Name, done, got, want.Bytes, want.SHA256)
	}
	return db.Check(ctx, staged(f.path), nil)
}

// exchange moves the present files aside and the staged ones into their places.
// A kill in between leaves the mark by which the next start is refused.
func exchange(data string, chosen []keptFile, m *manifest, out io.Writer) error {
	mark := filepath.Join(data, unfinished)
	if err := includes(mark, chosen); err != nil {
		return err
	}
	var names strings.Builder
	for _, f := range chosen {
		fmt.Fprintln(&names, f.name())
	}
	if err := errors.Join(writeSynced(mark, []byte(names.String())), db.SyncDir(data)); err != nil {
		return fmt.Errorf("restore: %w; nothing was changed", err)
	}
	aside := ".before-restore-" + time.Now().UTC().Format("20060102T150405Z")
	for _, f := range chosen {
		kept, err := moveAside(f.path, f.path+aside)
		if err == nil {
			err = errors.Join(os.Rename(staged(f.path), f.path), db.SyncDir(filepath.Dir(f.path)))
		}
		if err != nil {
			return fmt.Errorf("restore %s: %w; run it again when that is mended", f.path, err)
		}
		fmt.Fprintf(out, "%s: restored, as of %s\n", f.path, m.TakenAt.Format(time.RFC3339))
		if kept {
			fmt.Fprintf(out, "  what stood there is kept as %s\n", f.path+aside)
		}
	}
	if err := errors.Join(os.Remove(mark), db.SyncDir(data)); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err := fmt.Fprintln(out, "done; start phutai again")
	return err
}

// includes refuses a restore that leaves out a file of one that was interrupted:
// the program would begin anew with an empty one.
func includes(mark string, chosen []keptFile) error {
	text, err := os.ReadFile(mark)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("restore: %w; nothing was changed", err)
	}
	for name := range strings.FieldsSeq(string(text)) {
		if !slices.ContainsFunc(chosen, func(f keptFile) bool { return f.name() == name }) {
			return fmt.Errorf("a restore of %s was interrupted here: restore that file as well; nothing was changed", name)
		}
	}
	return nil
}

// moveAside renames a file and its write-ahead log, which belong together: a log
// left behind would be written over the restored file. The index of the log is
// of this machine's memory and goes.
func moveAside(path, to string) (there bool, err error) {
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	for _, end := range []string{"-wal", ""} {
		if _, err := os.Lstat(to + end); err == nil {
			return false, fmt.Errorf("%s is there already", to+end)
		}
		switch err := os.Rename(path+end, to+end); {
		case err == nil:
			there = true
		case !errors.Is(err, fs.ErrNotExist):
			return there, err
		}
	}
	return there, nil
}
