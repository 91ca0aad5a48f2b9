package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phutai/db"
)

// filled makes a file of some hundred pages; with unclean its last commits are
// in the write-ahead log alone, as after a kill.
func filled(t *testing.T, unclean bool) string {
	t.Helper()
	from := filepath.Join(t.TempDir(), "x.db")
	d, err := db.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, q := range []string{
		"CREATE TABLE t (k INTEGER PRIMARY KEY, body BLOB NOT NULL)",
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i+1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, randomblob(60) FROM n",
		"PRAGMA wal_checkpoint(TRUNCATE)",
		"INSERT INTO t VALUES (10000, 'the last')",
	} {
		if _, err := d.Write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if !unclean {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	to := filepath.Join(t.TempDir(), "x.db")
	for name, text := range contents(t, from) {
		if err := os.WriteFile(to+name, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// contents gives a file and its write-ahead log, if there is one.
func contents(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + name)
		if err == nil {
			out[name] = string(text)
		} else if !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return out
}

func TestDamagedFileIsRefusedAndLeftAsItIs(t *testing.T) {
	for name, damage := range map[string]func(text []byte) []byte{
		"a page in the middle": func(text []byte) []byte {
			for i := range 64 {
				text[20*4096+i] ^= 0x55
			}
			return text
		},
		"the schema":     func(text []byte) []byte { clear(text[100:4096]); return text },
		"the first page": func(text []byte) []byte { clear(text[:4096]); return text },
		"cut in half":    func(text []byte) []byte { return text[:len(text)/2] },
		// The last page stands whole in the log, which makes its loss from the file none.
		"cut by pages":   func(text []byte) []byte { return text[:len(text)-5*4096-1000] },
		"cut to nothing": func([]byte) []byte { return nil },
		"no database":    func([]byte) []byte { return []byte(strings.Repeat("a list of passwords\n", 1000)) },
	} {
		for _, unclean := range []bool{false, true} {
			path := filled(t, unclean)
			before := contents(t, path)
			if _, logged := before["-wal"]; logged != unclean {
				t.Fatalf("a write-ahead log stands there: %v, want %v", logged, unclean)
			}
			before[""] = string(damage([]byte(before[""])))
			if err := os.WriteFile(path, []byte(before[""]), 0o640); err != nil {
				t.Fatal(err)
			}
			_, err := db.Open(path)
			var damaged *db.DamagedError
			if !errors.As(err, &damaged) || damaged.Path != path || len(damaged.Found) == 0 {
				t.Errorf("%s (unclean %v): got %v, want a DamagedError", name, unclean, err)
				continue
			}
			if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "phutai store restore") {
				t.Errorf("%s: the error does not say which file, or what to do: %v", name, err)
			}
			if d := cmp.Diff(before, contents(t, path)); d != "" {
				t.Errorf("%s (unclean %v): file or log was changed", name, unclean)
			}
		}
	}
}

func TestCheckOfASoundFileChangesNothing(t *testing.T) {
	for _, unclean := range []bool{false, true} {
		path := filled(t, unclean)
		before := contents(t, path)
		if err := db.Check(t.Context(), path, nil); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(before, contents(t, path)); d != "" {
			t.Errorf("unclean %v: a sound file or its log was changed", unclean)
		}
		d, err := db.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := errors.Join(d.Read.QueryRow("SELECT count(*) FROM t").Scan(&rows), d.Close()); err != nil || rows != 5001 {
			t.Errorf("unclean %v: %d rows, %v, want 5001", unclean, rows, err)
		}
	}
}

func TestCheckBesideAWriterFindsNothing(t *testing.T) {
	d := open(t)
	if _, err := d.Write.Exec("CREATE TABLE t (k INTEGER PRIMARY KEY, body BLOB NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			if _, err := d.Write.Exec("INSERT INTO t (body) VALUES (randomblob(3000))"); err != nil {
				ended <- err
				return
			}
		}
	}()
	for range 20 {
		if err := db.Check(t.Context(), d.Path(), nil); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestFileThatMayNotBeReadIsNotCalledDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	if err := os.Mkdir(path, 0o750); err != nil {
		t.Fatal(err)
	}
	var damaged *db.DamagedError
	if _, err := db.Open(path); err == nil || errors.As(err, &damaged) {
		t.Errorf("got %v, want an error that speaks of no damage", err)
	}
}

func TestNewFileIsForItsOwnersAlone(t *testing.T) {
	d := open(t)
	info, err := os.Stat(d.Path())
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v, want 0640", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(d.Path()))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ".new-") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// Verbs that read a file alone come upon its damage without Check.
func TestVersionsOfADamagedFileAreRefusedWithTheWaysOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := db.Versions(t.Context(), path)
	if _, damaged := errors.AsType[*db.DamagedError](err); !damaged {
		t.Fatalf("got %v, want a DamagedError", err)
	}
	for _, want := range []string{"store restore -c FILE --from DIR --only journal.db", "move journal.db and journal.db-wal away"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}
