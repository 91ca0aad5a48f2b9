package db_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"phutai/db"
)

func open(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(filepath.Join(t.TempDir(), "a folder", "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestEveryConnectionIsFullySynchronous(t *testing.T) {
	d := open(t)
	for name, pool := range map[string]*sql.DB{"write": d.Write, "read": d.Read} {
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
			var got string
			if err := pool.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s pool: pragma %s = %q, %v, want %q", name, pragma, got, err, want)
			}
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	d := open(t)
	if _, err := d.Read.Exec("CREATE TABLE t (x)"); err == nil {
		t.Error("a reader wrote")
	}
}

func TestMigrationsRunOnceAndNewerFilesAreRefused(t *testing.T) {
	d := open(t)
	first := []string{"CREATE TABLE t (x INTEGER)"}
	both := append(first, "INSERT INTO t VALUES (1)")
	for _, steps := range [][]string{first, both, both} {
		if err := d.Migrate(t.Context(), "c", steps...); err != nil {
			t.Fatal(err)
		}
	}
	var rows int
	if err := d.Read.QueryRow("SELECT count(*) FROM t").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("step 2 ran %d times, want 1 (%v)", rows, err)
	}
	if err := d.Migrate(t.Context(), "c", first...); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("a newer file was accepted: %v", err)
	}
}

func TestFailedStepLeavesNothing(t *testing.T) {
	d := open(t)
	if err := d.Migrate(t.Context(), "c", "CREATE TABLE t (x)", "NONSENSE"); err == nil {
		t.Fatal("nonsense ran")
	}
	if _, err := d.Read.Exec("SELECT * FROM t"); err == nil {
		t.Error("the first step stayed although the second failed")
	}
}
