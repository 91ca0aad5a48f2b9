package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"phutai/db"
)

func TestBackupBesideAWriterIsOneMoment(t *testing.T) {
	d := open(t)
	for _, q := range []string{
		"CREATE TABLE t (k INTEGER PRIMARY KEY, body BLOB NOT NULL)", "CREATE TABLE n (rows INTEGER)", "INSERT INTO n VALUES (0)",
	} {
		if _, err := d.Write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	// Each commit has three rows, and their number in another table.
	commit := func() error {
		_, err := d.Write.Exec(`BEGIN; INSERT INTO t (body) VALUES (randomblob(900)), (randomblob(900)), (randomblob(900)); UPDATE n SET rows = rows + 3; COMMIT`)
		return err
	}
	for range 400 {
		if err := commit(); err != nil {
			t.Fatal(err)
		}
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	during := 0
	err := db.Backup(t.Context(), d.Path(), to, func(done, total int64) {
		if done < total { // in the midst of the copy
			for range 10 {
				if err := commit(); err != nil {
					t.Error(err)
				}
			}
			during++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if during == 0 {
		t.Fatal("nothing was written during the copy: the test shows nothing")
	}
	c, err := db.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var rows, noted int
	if err := c.Read.QueryRow("SELECT (SELECT count(*) FROM t), rows FROM n").Scan(&rows, &noted); err != nil || rows != 1200 || noted != 1200 {
		t.Errorf("%d rows, %d noted, %v, want the 1200 from before the copy", rows, noted, err)
	}
}

func TestBackupOverwritesNothing(t *testing.T) {
	from := filled(t, true)
	to := filepath.Join(t.TempDir(), "x.db")
	if err := os.WriteFile(to, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), from, to, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v, want that it is there already", err)
	}
	if text, err := os.ReadFile(to); string(text) != "mine" {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

func TestBackupOfADamagedFileIsNone(t *testing.T) {
	from := filled(t, false)
	text := []byte(contents(t, from)[""])
	for i := range 64 {
		text[20*4096+i] ^= 0x55
	}
	if err := os.WriteFile(from, text, 0o640); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	err := db.Backup(t.Context(), from, filepath.Join(dir, "x.db"), nil)
	if damaged, ok := errors.AsType[*db.DamagedError](err); !ok || damaged.Path != from {
		t.Errorf("got %v, want that the source is damaged", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v was left behind (%v)", left, err)
	}
}

func TestVersionsOfAFile(t *testing.T) {
	d := open(t)
	if err := d.Migrate(t.Context(), "a", "CREATE TABLE a (x)"); err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context(), "b", "CREATE TABLE b (x)", "CREATE TABLE c (x)"); err != nil {
		t.Fatal(err)
	}
	got, err := db.Versions(t.Context(), d.Path())
	if err != nil || len(got) != 2 || got["a"] != 1 || got["b"] != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}
