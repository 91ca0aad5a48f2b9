package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"phutai/db"
)

func TestQueryThatHangsEnds(t *testing.T) {
	d, err := db.Open(filepath.Join(t.TempDir(), "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	j, err := OpenJournal(t.Context(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		n := 0
		err := j.each(t.Context(), "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i+1 FROM n LIMIT 100) SELECT i FROM n", func(*sql.Rows) error {
			if n++; n == 3 {
				time.Sleep(time.Hour)
				synctest.Wait()
			}
			return nil
		})
		if !errors.Is(err, context.DeadlineExceeded) || n != 3 {
			t.Errorf("%d rows were read, %v; want an end after the third", n, err)
		}
	})
}
