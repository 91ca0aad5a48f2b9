package app

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"phutai/db"
	"phutai/internal/disktest"
)

// outgrown is an installation, with its files on a disk of its own, whose journal is of
// an older version and larger than what is free beside it.
func outgrown(t *testing.T) (config string, cfg Config, free func()) {
	t.Helper()
	disk := disktest.Small(t, 96)
	config = filepath.Join(t.TempDir(), "phutai.yml")
	text := "data: " + filepath.Join(disk.Dir, "data") + "\nbroker: {listen: 127.0.0.1:0}\nweb: {listen: 127.0.0.1:0}\nlog: {level: error}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(config)
	if err != nil {
		t.Fatal(err)
	}
	started(t, cfg)
	d, err := db.Open(filepath.Join(cfg.Data, journalFile))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, q := range []string{
		"DROP TABLE collection", "UPDATE schema_version SET version = 1 WHERE component = 'journal'",
		"CREATE TABLE big (k INTEGER PRIMARY KEY, body BLOB NOT NULL)",
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i+1 FROM n WHERE i < 10000) INSERT INTO big SELECT i, zeroblob(2000) FROM n",
		"PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if _, err := d.Write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	disk.Fill()
	ballast := filepath.Join(disk.Dir, "ballast")
	info, err := os.Stat(ballast)
	if err == nil {
		err = os.Truncate(ballast, info.Size()-12<<20)
	}
	if err != nil {
		t.Fatal(err)
	}
	return config, cfg, disk.Free
}

func TestCollectorPollsWhileTheCenterWaitsForRoom(t *testing.T) {
	config, cfg, free := outgrown(t)
	s := newSuperior(t, 300*time.Millisecond)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- RunFile(ctx, config, nil, os.Stderr) }()
	s.until("READY=1\nSTATUS=polling only, the center waits for room: " + cfg.Data)
	if _, err := lockFolder(cfg.Data, Collect); err == nil {
		t.Error("the collector is not at work")
	}
	if copies, err := filepath.Glob(filepath.Join(cfg.Data, "*.before-*")); err != nil || len(copies) > 0 {
		t.Errorf("%v is left behind, %v", copies, err)
	}
	free()
	meanwhile := s.until("STATUS=at work")
	if said := strings.Join(meanwhile, "\n"); strings.Contains(said, "STOPPING") || !strings.Contains(said, "keeping a copy of journal.db") {
		t.Errorf("on the way it says %q", said)
	}
	stop()
	s.until("STOPPING=1")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if copies, err := filepath.Glob(filepath.Join(cfg.Data, "*.before-journal-*")); err != nil || len(copies) != 1 {
		t.Errorf("the copies are %v, %v", copies, err)
	}
}

// A quota refuses what the disk has room for: meters are polled for a while before
// the large file is copied again.
func TestRoomThatIsThereAndIsRefusedIsNotTriedAgainAtOnce(t *testing.T) {
	for _, test := range []struct {
		needs int64
		long  time.Duration
	}{{1, roomRest}, {1 << 60, time.Hour}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), time.Hour)
			defer stop()
			began := time.Now()
			awaitRoom(ctx, &db.NoRoomError{Dir: os.TempDir(), Needs: test.needs})
			if took := time.Since(began); took != test.long {
				t.Errorf("for %d bytes it waits %s, want %s", test.needs, took, test.long)
			}
		})
	}
}

func TestPersonMayGoOnWithoutACopy(t *testing.T) {
	config, cfg, _ := outgrown(t)
	var out bytes.Buffer
	err := Migrate(t.Context(), MigrateOptions{Config: config}, &out, os.Stderr)
	if _, lacks := errors.AsType[*db.NoRoomError](err); !lacks {
		t.Fatalf("got %v, want that there is no room", err)
	}
	if err := Migrate(t.Context(), MigrateOptions{Config: config, WithoutCopy: true}, &out, os.Stderr); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "journal.db: up to date map[") {
		t.Errorf("it says %q", &out)
	}
	if all, err := filepath.Glob(filepath.Join(cfg.Data, "*.before-*")); err != nil || len(all) > 0 {
		t.Errorf("%v is there, %v", all, err)
	}
	if versions, err := db.Versions(t.Context(), filepath.Join(cfg.Data, journalFile)); err != nil || versions["journal"] < 2 {
		t.Errorf("versions %v, %v", versions, err)
	}
}

// A manager that stops waiting for a start after a while is asked for more time,
// on its socket, before a file is read through.
func TestManagerIsAskedForTimeWhileFilesAreReadThrough(t *testing.T) {
	config, cfg := configured(t)
	started(t, cfg)
	s := newSuperior(t, time.Second)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- RunFile(ctx, config, nil, os.Stderr) }()
	before := strings.Join(s.until("READY=1\nSTATUS=at work"), "|")
	for _, file := range []string{"state.db", "journal.db", "spool.db"} {
		if !strings.Contains(before, "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=reading through "+file) {
			t.Errorf("it does not ask for time for %s: %q", file, before)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
