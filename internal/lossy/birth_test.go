package lossy_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"phutai/db"
	"phutai/internal/lossy"
)

// A file that was just made is there with its tables, or is not there at all:
// an empty or half one would be refused as damaged for ever.
func TestNewFileIsSoundOrNotThere(t *testing.T) {
	disk := lossy.Mount(t)
	d, err := db.Open(disk.Path("x.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Migrate(t.Context(), "a", "CREATE TABLE a (x)"), d.Close()); err != nil {
		t.Fatal(err)
	}
	born := 0
	err = disk.Cut(0, lossy.Cuts(t, 200), lossy.Seed(t), func(dir string, _ int) error {
		path := filepath.Join(dir, "x.db")
		if _, err := os.Stat(path); err == nil {
			born++
		}
		d, err := db.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(d.Migrate(t.Context(), "a", "CREATE TABLE a (x)"), d.Close())
	})
	if err != nil {
		t.Error(err)
	}
	if born == 0 {
		t.Error("there was never a file")
	}
}
