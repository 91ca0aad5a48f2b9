package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
)

// before stands in the name of a copy, after that of its file.
const before = ".before"

// keepCopy keeps a copy of the file from before the change to a version, and
// gives its path; empty where the file's care lets it go without.
func (d *DB) keepCopy(ctx context.Context, component string, version int) (string, error) {
	log, care := d.care.Log.With(zap.String("file", d.path)), d.care.Copies
	if care.Need == None {
		log.Warn("tables are changed without a copy from before: there is no way back to the older program")
		return "", nil
	}
	d.sweep()
	dir := cmp.Or(care.Dir, filepath.Dir(d.path))
	kept := filepath.Join(dir, fmt.Sprintf("%s%s-%s-%d-%s", filepath.Base(d.path), before, component, version, time.Now().UTC().Format("20060102T150405Z")))
	log.Info("keeping a copy before tables are changed", zap.String("copy", kept))
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		err = d.copyTo(ctx, kept)
	}
	_, noRoom := errors.AsType[*NoRoomError](err)
	switch {
	case err == nil:
		return kept, nil
	case noRoom && care.Need == IfRoom:
		log.Error("tables are changed without a copy from before, for which there is no room: there is no way back to the older program", zap.Error(err))
		return "", nil
	case noRoom:
		return "", fmt.Errorf("a copy of %s is kept before its tables are changed, and %w: make room, or name a folder on another disk (copies in the configuration), or go without a way back to the older program: phutai store migrate -c FILE --without-copy", d.path, err)
	}
	return "", fmt.Errorf("keep a copy first: %w", err)
}

func (d *DB) copyTo(ctx context.Context, kept string) error {
	size := int64(0)
	if info, err := os.Stat(d.path); err == nil {
		size = info.Size()
	}
	defer d.care.during("keeping a copy of", d.path, 3*size)() // read, written, and read through
	return Backup(ctx, d.path, kept, nil)
}

// folders lists where copies of the file may stand.
func (d *DB) folders() []string {
	all := []string{filepath.Dir(d.path)}
	if dir := d.care.Copies.Dir; dir != "" && filepath.Clean(dir) != all[0] {
		all = append(all, dir)
	}
	return all
}

// copies gives those of the file whose name goes on with what, the newest last.
func (d *DB) copies(what string) (found []string) {
	for _, dir := range d.folders() {
		entries, _ := os.ReadDir(dir) // what cannot be read holds no copies for us
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), filepath.Base(d.path)+before+what) && !strings.Contains(e.Name(), partEnd) {
				found = append(found, filepath.Join(dir, e.Name()))
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return found
}

// sweep removes what interrupted copies have left, which may take as much room
// as the file.
func (d *DB) sweep() {
	for _, dir := range d.folders() {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			name, part := strings.CutSuffix(strings.TrimSuffix(e.Name(), "-journal"), partEnd)
			if !part || !strings.HasPrefix(name, filepath.Base(d.path)+before+"-") {
				continue
			}
			left := filepath.Join(dir, e.Name())
			if err := os.Remove(left); err != nil {
				d.care.Log.Warn("what an interrupted copy left is not removed", zap.String("file", left), zap.Error(err))
				continue
			}
			d.care.Log.Info("what an interrupted copy left is removed", zap.String("file", left))
		}
	}
}
