package db_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"phutai/db"
)

// BenchmarkCareOfAFile reads a file of three million rows like the journal's
// through, and backs it up.
func BenchmarkCareOfAFile(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	d, err := db.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	for _, q := range []string{
		"CREATE TABLE t (k INTEGER PRIMARY KEY, body BLOB NOT NULL)",
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i+1 FROM n WHERE i < 3000000) INSERT INTO t SELECT i << 30, zeroblob(46) FROM n",
		"PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if _, err := d.Write.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("check", func(b *testing.B) {
		b.SetBytes(info.Size())
		for b.Loop() {
			if err := db.Check(b.Context(), path, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("backup", func(b *testing.B) {
		b.SetBytes(info.Size())
		for i := 0; b.Loop(); i++ {
			to := filepath.Join(b.TempDir(), fmt.Sprint(i))
			if err := db.Backup(b.Context(), path, to, nil); err != nil {
				b.Fatal(err)
			}
			if err := os.Remove(to); err != nil {
				b.Fatal(err)
			}
		}
	})
}
