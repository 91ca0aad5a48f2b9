package lossy_test

import (
	"os"
	"path/filepath"
	"testing"

	"phutai/db"
	"phutai/internal/lossy"
)

// ledger is a file of numbered rows that are committed one at a time.
type ledger struct {
	t    *testing.T
	disk *lossy.Disk
	made int   // the moment when the table was there
	safe []int // the moments after each commit
}

func write(t *testing.T, prepare func(*lossy.Disk)) *ledger {
	l := &ledger{t: t, disk: lossy.Mount(t)}
	d, err := db.Open(l.disk.Path("x.db"))
	if err != nil {
		t.Fatal(err)
	}
	exec := func(q string) {
		t.Helper()
		if _, err := d.Write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE t (k INTEGER PRIMARY KEY, body BLOB NOT NULL)")
	l.made = l.disk.Now()
	if prepare != nil {
		prepare(l.disk)
	}
	for i := range 60 {
		exec("INSERT INTO t (body) VALUES (randomblob(3000))")
		l.safe = append(l.safe, l.disk.Now())
		if i%17 == 16 {
			exec("PRAGMA wal_checkpoint(PASSIVE)")
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return l
}

// after gives how many rows an image of a moment holds, and how many must be
// there; a file that is refused holds none.
func (l *ledger) after(r *lossy.Replay, moment int, seed uint64) (have, want int) {
	l.t.Helper()
	for want < len(l.safe) && l.safe[want] <= moment {
		want++
	}
	dir, err := os.MkdirTemp(l.t.TempDir(), "")
	if err != nil {
		l.t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	r.To(moment)
	if err := r.Image(dir, seed); err != nil {
		l.t.Fatal(err)
	}
	d, err := db.Open(filepath.Join(dir, "x.db"))
	if err != nil {
		return 0, want
	}
	defer d.Close()
	if err := d.Read.QueryRow("SELECT count(*) FROM t").Scan(&have); err != nil {
		return 0, want
	}
	return have, want
}

func TestCommittedRowsAreInEveryImage(t *testing.T) {
	l := write(t, nil)
	r := l.disk.Replay()
	behind := 0 // images in which a commit was under way and did not happen
	for moment := l.made; moment <= l.disk.Now(); moment++ {
		have, want := l.after(r, moment, 1)
		if have < want || have > want+1 {
			t.Fatalf("power lost after operation %d: %d rows, want %d", moment, have, want)
		}
		if have == want && want < len(l.safe) {
			behind++
		}
	}
	if behind == 0 {
		t.Error("no image has ever lost anything: the test shows nothing")
	}
}

// The test of the test: the same on a disk that lies must show losses.
func TestADiskThatLiesAboutSyncsIsSeen(t *testing.T) {
	l := write(t, (*lossy.Disk).Lie)
	r := l.disk.Replay()
	lost := 0
	for moment := l.made; moment <= l.disk.Now(); moment += 3 {
		if have, want := l.after(r, moment, 1); have < want {
			lost++
		}
	}
	if lost == 0 {
		t.Error("nothing is ever lost on a disk that lies")
	}
}

func TestOtherFoldersPassThrough(t *testing.T) {
	disk := lossy.Mount(t)
	d, err := db.Open(filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if n := disk.Now(); n > 0 {
		t.Errorf("%d operations of another folder are recorded", n)
	}
}
