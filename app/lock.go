package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lockFolder keeps a second process with the same role away from a folder of
// readings: two collectors would number their readings alike, and two centers
// would overwrite each other's alarms. The kernel gives the lock up when the
// process ends, however it ends.
func lockFolder(dir string, r Role) (unlock func() error, err error) {
	path := filepath.Join(dir, string(r)+".lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, lockError(dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		holder, _ := os.ReadFile(path)
		return nil, &runningError{role: r, dir: dir, process: strings.TrimSpace(string(holder))}
	}
	// Who holds it is told to people only: a full disk, on which that cannot be
	// written, must not keep the program from starting.
	if f.Truncate(0) == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f.Close, nil
}

// lockError says why the file of the lock cannot be opened, and what to do.
func lockError(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("lock the folder of readings: %w; run this as the user that the files belong to (with the service: sudo -u phutai), or give them to this one: chown -R USER %s", err, dir)
	}
	return fmt.Errorf("lock the folder of readings: %w", err)
}

// runningError says that another process has a role on a folder.
type runningError struct {
	role         Role
	dir, process string
}

func (e *runningError) Error() string {
	return fmt.Sprintf("another phutai (process %s) already runs the role %q on %s: stop it, or give this one a folder of its own", e.process, e.role, e.dir)
}
