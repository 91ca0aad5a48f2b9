package fault

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"phutai/app"
	"phutai/db"
)

// A backup is taken while readings come in; then the journal is damaged. The
// center refuses to start on it and says how to restore it, which is done. What
// came after the backup is sent again, as the collector has not been told that it
// was kept: watermarks do not reach it from the backup's beginning on.
func TestDamagedJournalIsRestoredFromABackupUnderLoad(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{})
	in.Begun()
	time.Sleep(2 * time.Second)
	heal, err := in.South.Suffer(Harm{"timeout", "downstream", map[string]any{"timeout": 0}})
	if err != nil {
		t.Fatal(err)
	}
	config, copied := filepath.Join(in.Dir, "center.yml"), filepath.Join(in.Dir, "backup")
	before := in.stored()
	if err := app.Backup(t.Context(), config, copied, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	in.until("readings that came after the backup", 30*time.Second, func() (bool, error) { return in.stored() > before, nil })
	if err := in.Center.Kill(); err != nil {
		t.Fatal(err)
	}
	damage(t, in.journalFile())

	damaged, err := os.ReadFile(in.journalFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Center.Start(); err != nil {
		t.Fatal(err)
	}
	in.until("the center refuses the damaged file", time.Minute, func() (bool, error) { return !in.Center.Running(), nil })
	said := in.Center.tail(3)
	if !strings.Contains(said, "journal.db") || !strings.Contains(said, "phutai store restore") {
		t.Errorf("it does not say which file, or how to restore it:\n%s", said)
	}
	if now, err := os.ReadFile(in.journalFile()); err != nil || !bytes.Equal(now, damaged) {
		t.Errorf("the damaged file was written to (%v)", err)
	}
	if err := app.Restore(t.Context(), app.RestoreOptions{Config: config, From: copied, Only: []string{"journal.db"}}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	// The watermark that stands at the broker is of the file that is no more: the
	// center's new one has to take its place before the collector hears of it.
	if err := in.Center.Start(); err != nil {
		t.Fatal(err)
	}
	in.until("the center is back", time.Minute, func() (bool, error) {
		all, err := in.trouble()
		return !slices.ContainsFunc(all, func(p string) bool { return strings.HasPrefix(p, "broker") }), err
	})
	time.Sleep(time.Second)
	in.South.Cut()
	if err := heal(); err != nil {
		t.Fatal(err)
	}
	if err := in.South.Mend(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(6 * time.Second) // of which polls are due too
	in.Judge("the journal backed up while readings came in, then damaged: refused at the start, restored, and what came since sent again")
}

// stored is Stored for a test.
func (in *Installation) stored() int {
	in.t.Helper()
	n, err := in.Stored()
	if err != nil {
		in.t.Fatal(err)
	}
	return n
}

// damage overwrites a third of a SQLite file, once its log is in it: pages there
// hide what is damaged below them.
func damage(t *testing.T, path string) {
	t.Helper()
	d, err := db.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	about, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	third := about.Size() / 3 &^ 4095
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xA5}, int(third)), third); err != nil {
		t.Fatal(err)
	}
}

// The checker itself must be able to fail: it finds a reading that was taken out
// of the journal.
func TestCheckerFindsWhatIsLost(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{Meters: 8, Depth: -1})
	in.Begun()
	settled, err := in.Rest()
	if err != nil {
		t.Fatal(err)
	}
	file, err := db.Open(in.journalFile())
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write.Exec("DELETE FROM reading WHERE key = (SELECT min(key) FROM reading)")
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	found, err := in.found(settled)
	if err != nil {
		t.Fatal(err)
	}
	if found.Lost != 1 || found.Err() == nil {
		t.Errorf("a reading was taken out of the journal, and the checker finds %s", found)
	}
	t.Logf("\n  did    a reading taken out of the journal\n  found  %s", found)
}
