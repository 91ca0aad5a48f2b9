package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"phutai/db"
	"phutai/internal/disktest"
)

// nearlyFull is a file of an older program, some megabytes large, on a disk that
// has less than that free.
func nearlyFull(t *testing.T) (path string, free func()) {
	t.Helper()
	disk := disktest.Small(t, 48)
	path = filepath.Join(disk.Dir, "x.db")
	d, err := db.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context(), "alerting", stepOne); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"INSERT INTO alarm VALUES ('A1', 'standing')",
		"CREATE TABLE big (k INTEGER PRIMARY KEY, body BLOB NOT NULL)",
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i+1 FROM n WHERE i < 10000) INSERT INTO big SELECT i, zeroblob(1000) FROM n",
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
		err = os.Truncate(ballast, info.Size()-4<<20)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path, disk.Free
}

func openCaring(t *testing.T, path string, copies db.Copies) *db.DB {
	t.Helper()
	d, err := db.OpenWith(t.Context(), path, db.Care{Copies: copies})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// names lists what stands in a folder besides the file itself.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); n != "ballast" && n != "x.db" && n != "x.db-wal" && n != "x.db-shm" {
			out = append(out, n)
		}
	}
	return out
}

func TestWithoutRoomForACopyTablesStayAsTheyAre(t *testing.T) {
	path, free := nearlyFull(t)
	d := openCaring(t, path, db.Copies{})
	err := d.Migrate(t.Context(), "alerting", stepOne, stepTwo)
	room, ok := errors.AsType[*db.NoRoomError](err)
	if !ok || room.Dir != filepath.Dir(path) || room.Needs < 10_000_000 || room.Free >= room.Needs || !room.Lasts() {
		t.Fatalf("got %v, %+v", err, room)
	}
	for _, want := range []string{path, filepath.Dir(path), " MB free", "copies in the configuration", "--without-copy"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %q: %v", want, err)
		}
	}
	if n := count(t, d, "SELECT count(*) FROM alarm WHERE state = 'standing'"); n != 1 {
		t.Errorf("%d alarms stand, want 1", n)
	}
	if left := names(t, filepath.Dir(path)); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
	free()
	if room.Lasts() {
		t.Error("the room is said to lack still")
	}
	if err := d.Migrate(t.Context(), "alerting", stepOne, stepTwo); err != nil {
		t.Error(err)
	}
}

func TestCopyGoesToAnotherDisk(t *testing.T) {
	path, _ := nearlyFull(t)
	other := filepath.Join(t.TempDir(), "copies")
	d := openCaring(t, path, db.Copies{Dir: other})
	if err := d.Migrate(t.Context(), "alerting", stepOne, stepTwo); err != nil {
		t.Fatal(err)
	}
	kept := names(t, other)
	if len(kept) != 1 || !strings.HasPrefix(kept[0], "x.db.before-alerting-2-") {
		t.Fatalf("kept is %v", kept)
	}
	err := d.Migrate(t.Context(), "alerting", stepOne)
	if err == nil || !strings.Contains(err.Error(), filepath.Join(other, kept[0])) {
		t.Errorf("the older program is not told of the copy: %v", err)
	}
	c := openCaring(t, filepath.Join(other, kept[0]), db.Copies{})
	if n := count(t, c, "SELECT count(*) FROM alarm WHERE state = 'standing'"); n != 1 {
		t.Errorf("the copy has %d alarms, want 1", n)
	}
}

func TestTablesAreChangedWithoutACopyWhereThatIsAllowed(t *testing.T) {
	for name, copies := range map[string]db.Copies{"if room": {Need: db.IfRoom}, "none": {Need: db.None}} {
		t.Run(name, func(t *testing.T) {
			path, _ := nearlyFull(t)
			d := openCaring(t, path, copies)
			if err := d.Migrate(t.Context(), "alerting", stepOne, stepTwo); err != nil {
				t.Fatal(err)
			}
			if left := names(t, filepath.Dir(path)); len(left) > 0 {
				t.Errorf("%v is there", left)
			}
			if n := count(t, d, "SELECT count(*) FROM alarm"); n != 1 {
				t.Errorf("%d alarms, want 1", n)
			}
		})
	}
}

func TestNextStartRemovesWhatAnInterruptedCopyHasLeft(t *testing.T) {
	d, other := open(t), t.TempDir()
	if err := d.Migrate(t.Context(), "alerting", stepOne); err != nil {
		t.Fatal(err)
	}
	path := d.Path()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	const half = ".before-alerting-2-20260601T000000Z.part"
	for _, dir := range []string{filepath.Dir(path), other} {
		for _, name := range []string{"x.db" + half, "x.db" + half + "-journal", "y.db" + half, "x.db.before-alerting-1-20260101T000000Z"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	d = openCaring(t, path, db.Copies{Dir: other})
	if err := d.Migrate(t.Context(), "alerting", stepOne, stepTwo); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]int{filepath.Dir(path): 2, other: 3} {
		left := names(t, dir)
		for _, n := range left {
			if strings.HasPrefix(n, "x.db"+half) {
				t.Errorf("%s is still in %s", n, dir)
			}
		}
		if len(left) != want {
			t.Errorf("%s has %v, want %d files", dir, left, want)
		}
	}
}

func TestBackupSaysHowMuchRoomItNeeds(t *testing.T) {
	path, _ := nearlyFull(t)
	to := filepath.Join(filepath.Dir(path), "copy.db")
	err := db.Backup(t.Context(), path, to, nil)
	if room, ok := errors.AsType[*db.NoRoomError](err); !ok || room.Dir != filepath.Dir(path) {
		t.Errorf("got %v, want that there is no room", err)
	}
	if left := names(t, filepath.Dir(path)); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
}
