package collector

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
)

// reserve is a file beside the spool that does nothing but take room. On a full
// disk it is given up, since also a removal needs room in the write-ahead log:
// without it a full spool could not be emptied.
type reserve struct {
	path string
	size int64
}

// make writes the file, unless it stands there whole or none is wanted. An error
// leaves nothing.
func (r reserve) make() error {
	if r.size == 0 {
		return nil
	}
	if info, err := os.Stat(r.path); err == nil && info.Size() == r.size {
		return nil
	}
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	// Random, so that no file system packs it into less room than it stands for.
	block := make([]byte, 1<<20)
	_, err = rand.Read(block)
	for rest := r.size; rest > 0 && err == nil; {
		n := min(rest, int64(len(block)))
		_, err = f.Write(block[:n])
		rest -= n
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(r.path))
	}
	return nil
}

// give frees the room, and tells whether there was any to give.
func (r reserve) give() bool {
	if err := os.Truncate(r.path, 0); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return os.Remove(r.path) == nil
}
