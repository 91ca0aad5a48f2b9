package db_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"phutai/db"
)

// The steps of a component over two versions of a program.
const (
	stepOne = "CREATE TABLE alarm (id TEXT PRIMARY KEY, state TEXT NOT NULL)"
	stepTwo = "ALTER TABLE alarm DROP COLUMN state"
)

func count(t *testing.T, d *db.DB, query string) (n int) {
	t.Helper()
	if err := d.Read.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrationLeavesAWayBack(t *testing.T) {
	d := open(t)
	if err := d.Migrate(t.Context(), "alerting", stepOne); err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context(), "another", "CREATE TABLE other (x)"); err != nil { // nothing that an older program refuses
		t.Fatal(err)
	}
	if _, err := d.Write.Exec("INSERT INTO alarm VALUES ('A1', 'standing')"); err != nil {
		t.Fatal(err)
	}
	copies := func() []string {
		t.Helper()
		all, err := filepath.Glob(d.Path() + ".before-*")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if err := d.Migrate(t.Context(), "alerting", stepOne, stepTwo, "NONSENSE"); err == nil {
		t.Fatal("nonsense ran")
	}
	if got := copies(); len(got) > 0 {
		t.Fatalf("%v is kept although nothing was changed", got)
	}
	for range 2 {
		if err := d.Migrate(t.Context(), "alerting", stepOne, stepTwo); err != nil {
			t.Fatal(err)
		}
	}
	kept := copies()
	if len(kept) != 1 || !strings.HasPrefix(kept[0], d.Path()+".before-alerting-2-") {
		t.Fatalf("kept is %v, want one copy from before version 2", kept)
	}

	// The older program refuses the file and names the copy, on which it runs.
	err := d.Migrate(t.Context(), "alerting", stepOne)
	if err == nil || !strings.Contains(err.Error(), kept[0]) {
		t.Errorf("got %v, want that it names %s", err, kept[0])
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(kept[0], d.Path()); err != nil {
		t.Fatal(err)
	}
	old, err := db.Open(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := old.Migrate(t.Context(), "alerting", stepOne); err != nil {
		t.Error(err)
	}
	if n := count(t, old, "SELECT count(*) FROM alarm WHERE state = 'standing'"); n != 1 {
		t.Errorf("%d alarms stand, want 1", n)
	}
}

func TestFileOpenToBeReadIsOnlyCompared(t *testing.T) {
	d := open(t)
	if err := d.Migrate(t.Context(), "alerting", stepOne); err != nil {
		t.Fatal(err)
	}
	r, err := db.OpenToRead(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Migrate(t.Context(), "alerting", stepOne); err != nil {
		t.Error(err)
	}
	if err := r.Migrate(t.Context(), "alerting", stepOne, stepTwo); err == nil || !strings.Contains(err.Error(), "start this program on it once") {
		t.Errorf("an older file was taken: %v", err)
	}
	if err := r.Migrate(t.Context(), "alerting"); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("a newer file was taken: %v", err)
	}
	if n := count(t, r, "SELECT count(*) FROM alarm"); n != 0 {
		t.Errorf("%d alarms", n)
	}
	if _, err := db.OpenToRead(filepath.Join(t.TempDir(), "none.db")); err == nil {
		t.Error("a file that is not there was opened")
	}
}
