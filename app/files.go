package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of a center.
const (
	stateFile   = "state.db"
	journalFile = "journal.db"
)

// keptFile is one SQLite file of an installation, with the role that owns it.
type keptFile struct {
	role Role
	path string
}

// name is what the file is called in a backup.
func (f keptFile) name() string { return filepath.Base(f.path) }

// files lists the SQLite files of the configured roles in the order in which
// they are backed up: the spool first, so that a reading which it has given up
// since is in the journal's copy.
func (c *Config) files() []keptFile {
	var all []keptFile
	if c.has(Collect) {
		all = append(all, keptFile{Collect, c.Collector.Spool})
	}
	if c.has(Center) {
		all = append(all, keptFile{Center, filepath.Join(c.Data, journalFile)}, keptFile{Center, filepath.Join(c.Data, stateFile)})
	}
	return all
}

// unfinished is the file that stands in the folder of readings while a restore
// changes files. It is left there by one that was killed.
const unfinished = "restore.unfinished"

// finishedRestore refuses a folder in which a restore has changed some files and
// not the others: the program would begin anew with an empty file.
func finishedRestore(dir string) error {
	path := filepath.Join(dir, unfinished)
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a restore under way: %w", err)
	}
	return fmt.Errorf("a restore in %s is under way or was interrupted: run phutai store restore again, which ends it (%s says so)", dir, path)
}
