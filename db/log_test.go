package db_test

import (
	"os"
	"testing"
)

func TestLogGivesItsRoomBackAfterALongReader(t *testing.T) {
	d := open(t)
	if _, err := d.Write.Exec("CREATE TABLE t (k INTEGER PRIMARY KEY, body BLOB NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		t.Helper()
		info, err := os.Stat(d.Path() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	write := func() {
		t.Helper()
		if _, err := d.Write.Exec("INSERT INTO t (body) VALUES (zeroblob(4000000))"); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := d.Read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := tx.QueryRow("SELECT count(*) FROM t").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		write()
	}
	if n := size(); n < 45<<20 {
		t.Fatalf("the log has %d MB beside a long reader: the test shows nothing", n>>20)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the first checkpoints, the next begins the log anew
		write()
	}
	if n := size(); n > 32<<20 {
		t.Errorf("the log still has %d MB", n>>20)
	}
}
