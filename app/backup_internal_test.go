package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/store"
)

// configured writes a configuration for a folder of its own.
func configured(t *testing.T) (path string, cfg Config) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "phutai.yml")
	if err := os.WriteFile(path, []byte("broker: {listen: 127.0.0.1:0}\nweb: {listen: 127.0.0.1:0}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, cfg
}

// ledger commits readings one commit after another and remembers each.
type ledger struct {
	*store.Journal
	close   func() error
	commits atomic.Int64
}

// perCommit is how many readings a commit of the ledger has.
const perCommit = 7

func newLedger(t *testing.T, cfg Config) *ledger {
	t.Helper()
	d, err := db.Open(filepath.Join(cfg.Data, journalFile))
	if err != nil {
		t.Fatal(err)
	}
	j, err := store.OpenJournal(t.Context(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &ledger{Journal: j, close: d.Close}
}

func (l *ledger) readings(commit int64) (out []grid.Reading) {
	for i := range int64(perCommit) {
		r := grid.Reading{Point: grid.PointID(fmt.Sprint("P", i)), Source: grid.Instant, At: noon.Add(time.Duration(commit) * time.Second)}
		r.Values.Set(grid.P, float64(commit))
		out = append(out, r)
	}
	return out
}

func (l *ledger) commit(ctx context.Context) error {
	n := l.commits.Load()
	_, err := l.Commit(ctx, store.Entry{
		Spool: store.Spool{Collector: "c", Epoch: "e"}, First: uint64(n)*perCommit + 1, Count: perCommit, Readings: l.readings(n),
	})
	if err == nil {
		l.commits.Add(1)
	}
	return err
}

// held counts the commits that the journal has; none may be there by half.
func (l *ledger) held(t *testing.T, commits int64) (n int64) {
	t.Helper()
	for c := range commits {
		var keys []grid.Key
		for _, r := range l.readings(c) {
			keys = append(keys, r.Key())
		}
		has, err := l.Has(t.Context(), keys...)
		if err != nil {
			t.Fatal(err)
		}
		there := 0
		for _, ok := range has {
			if ok {
				there++
			}
		}
		if there != 0 && there != perCommit {
			t.Errorf("of commit %d there are %d readings", c, there)
		}
		if there > 0 {
			n++
		}
	}
	return n
}

func TestBackupUnderLoadIsRestoredWhole(t *testing.T) {
	path, cfg := configured(t)
	started(t, cfg)
	l := newLedger(t, cfg)
	for range 200 {
		if err := l.commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			if err := l.commit(context.WithoutCancel(ctx)); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	before := l.commits.Load()
	from := filepath.Join(t.TempDir(), "backups", "monday")
	var said bytes.Buffer
	if err := Backup(t.Context(), path, from, &said, io.Discard); err != nil {
		t.Fatal(err)
	}
	for now := l.commits.Load(); l.commits.Load() < now+50; { // and goes on after it
		time.Sleep(time.Millisecond) // a real file: there is nothing to wait on
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	total := l.commits.Load()
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), path, from, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "name a new folder") {
		t.Errorf("a backup was overwritten: %v", err)
	}

	present, err := os.ReadFile(filepath.Join(cfg.Data, journalFile))
	if err != nil {
		t.Fatal(err)
	}
	said.Reset()
	if err := Restore(t.Context(), RestoreOptions{Config: path, From: from}, &said, io.Discard); err != nil {
		t.Fatal(err)
	}
	aside, err := filepath.Glob(filepath.Join(cfg.Data, journalFile+".before-restore-*Z"))
	if err != nil || len(aside) != 1 || !strings.Contains(said.String(), aside[0]) {
		t.Fatalf("the present file is kept as %q (%v); told was\n%s", aside, err, &said)
	}
	if kept, err := os.ReadFile(aside[0]); err != nil || !bytes.Equal(kept, present) {
		t.Errorf("what is kept is not what stood there (%v)", err)
	}

	r := newLedger(t, cfg)
	defer func() { _ = r.close() }()
	held := r.held(t, total)
	if held < before || held >= total {
		t.Errorf("%d commits are there; want the %d from before the backup at least, and not all of %d", held, before, total)
	}
	if n := r.Count().Readings; n != held*perCommit {
		t.Errorf("the journal counts %d readings in %d commits", n, held)
	}
	if w := r.Watermarks()["c"]; w.Seq != uint64(held*perCommit) || len(w.Missing) > 0 {
		t.Errorf("watermark %+v with %d commits", w, held)
	}
	started(t, cfg) // and the program starts on all of it
}

func TestRestoreVerifiesBeforeItChangesAnything(t *testing.T) {
	path, cfg := configured(t)
	started(t, cfg)
	from := filepath.Join(t.TempDir(), "b")
	if err := Backup(t.Context(), path, from, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	before := listing(t, cfg.Data)
	restore := func(what, want string, only ...string) {
		t.Helper()
		err := Restore(t.Context(), RestoreOptions{Config: path, From: from, Only: only}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", what, err, want)
		}
		if after := listing(t, cfg.Data); after != before {
			t.Errorf("%s: the folder holds\n%s\nwant\n%s", what, after, before)
		}
	}
	restore("a file that is in no backup", "the backup", "broker.db")

	unlock, err := lockFolder(cfg.Data, Center)
	if err != nil {
		t.Fatal(err)
	}
	restore("a running center", "already runs the role")
	if err := unlock(); err != nil {
		t.Fatal(err)
	}

	last := filepath.Join(from, stateFile)
	text, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(last, text, 0o640); err != nil {
		t.Fatal(err)
	}
	restore("a backup with a changed bit", "is not what was backed up")
	if err := os.Remove(filepath.Join(from, manifestName)); err != nil {
		t.Fatal(err)
	}
	restore("a folder without a manifest", "is no backup")
}

// listing gives the names and sizes of a folder's files.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsDir() && !strings.HasSuffix(e.Name(), ".lock") {
			fmt.Fprintln(&b, e.Name(), info.Size())
		}
	}
	return b.String()
}

func TestInterruptedRestoreKeepsTheProgramFromBeginningAnew(t *testing.T) {
	path, cfg := configured(t)
	started(t, cfg)
	from := filepath.Join(t.TempDir(), "b")
	if err := Backup(t.Context(), path, from, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	// As after a kill between the two renames.
	if err := os.WriteFile(filepath.Join(cfg.Data, unfinished), []byte(journalFile+"\n"+stateFile+"\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(cfg.Data, journalFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), cfg, Parts{}); err == nil || !strings.Contains(err.Error(), "run phutai store restore again") {
		t.Errorf("got %v", err)
	}
	err := Restore(t.Context(), RestoreOptions{Config: path, From: from, Only: []string{stateFile}}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "a restore of journal.db was interrupted here") {
		t.Errorf("a restore without the other file: %v", err)
	}
	if err := Restore(t.Context(), RestoreOptions{Config: path, From: from}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	started(t, cfg)
}
