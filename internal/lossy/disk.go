package lossy

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// Disk is a folder of which SQLite's work is recorded. Its methods may be called
// while SQLite works in it.
type Disk struct {
	Dir string
	t   testing.TB

	mu     sync.Mutex // guards the fields below
	record []operation
	inodes map[uint64]int     // the files that are there, by the number that the system gave them
	files  int                // how many there were ever
	opens  map[uintptr]handle // by SQLite's pointer to its file
	lying  bool
	plan   plan
}

// handle is an open file.
type handle struct {
	file    int
	journal bool // SQLite syncs its folder with the first sync through it
}

// operation is one thing that was done to the disk.
type operation struct {
	kind kind
	file int
	name string
	at   int64 // offset of a write, size after a truncation
	data []byte
}

type kind int

const (
	create   kind = iota // a name in the folder, until the folder is synced not surely
	find                 // a name with data that is safe
	write                //
	truncate             //
	settle               // a sync
	unsettle             // a sync that failed
	remove               // a name
	folder               // a sync of the folder
)

// Mount gives a new disk, which is there until the test ends. Close all of
// SQLite's files in it before.
func Mount(t testing.TB) *Disk {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // SQLite does so too
	if err != nil {
		t.Fatal(err)
	}
	d := &Disk{Dir: dir, t: t, inodes: map[uint64]int{}, opens: map[uintptr]handle{}}
	register(t, d)
	return d
}

// Path is the path of a file of the disk.
func (d *Disk) Path(name string) string { return filepath.Join(d.Dir, name) }

// Now is the moment until which the record goes: how many operations it has.
func (d *Disk) Now() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.record)
}

// Lie makes the disk say from now on that it has synced without doing so.
func (d *Disk) Lie() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lying = true
}

func (d *Disk) open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.opens)
}

func (d *Disk) mine(path string) bool { return filepath.Dir(path) == d.Dir }

// before gives the system's number of a file that is about to be opened, zero
// where there is none yet.
func (d *Disk) before(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil || !d.mine(path) {
		return 0
	}
	return info.Sys().(*syscall.Stat_t).Ino
}

// opened notes an open file and tells whether it is one of this disk.
func (d *Disk) opened(pointer uintptr, path string, known uint64, journal bool) bool {
	if !d.mine(path) {
		return false
	}
	inode := d.before(path)
	d.mu.Lock()
	defer d.mu.Unlock()
	name := filepath.Base(path)
	file, seen := d.inodes[inode]
	if !seen || known == 0 {
		d.files++
		file = d.files
		d.inodes[inode] = file
	}
	switch {
	case known == 0:
		d.add(operation{kind: create, file: file, name: name})
	case !seen:
		// SQLite's locks go when any descriptor of a file is closed; it has none on
		// one that it has just opened for the first time.
		data, err := os.ReadFile(path)
		if err != nil {
			d.t.Errorf("lossy disk: %v", err)
		}
		d.add(operation{kind: find, file: file, name: name, data: data})
	default:
		d.add(operation{kind: find, file: file, name: name}) // perhaps another name
	}
	d.opens[pointer] = handle{file, journal}
	return true
}

func (d *Disk) closed(pointer uintptr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.opens, pointer)
}

// add writes into the record; the caller holds mu.
func (d *Disk) add(o operation) { d.record = append(d.record, o) }

// write notes a write, or says how it fails and how many bytes of it are written
// all the same.
func (d *Disk) write(pointer uintptr, data []byte, at int64) (failure, torn int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.plan.next()
	if f != 0 {
		torn = int32(len(data) / 2)
		data = data[:torn]
	}
	d.add(operation{kind: write, file: d.opens[pointer].file, at: at, data: bytes.Clone(data)})
	return f.ofWrite(), torn
}

func (d *Disk) truncate(pointer uintptr, size int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(operation{kind: truncate, file: d.opens[pointer].file, at: size})
}

// sync notes a sync, or says how it fails.
func (d *Disk) sync(pointer uintptr) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.opens[pointer]
	if f := d.plan.next(); f != 0 {
		d.add(operation{kind: unsettle, file: h.file})
		return f.ofSync()
	}
	if d.lying {
		return 0
	}
	d.add(operation{kind: settle, file: h.file})
	if h.journal {
		h.journal = false
		d.opens[pointer] = h
		d.add(operation{kind: folder})
	}
	return 0
}

func (d *Disk) removed(path string, known uint64, synced bool) {
	if !d.mine(path) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.inodes, known) // the system gives the number to another file
	d.add(operation{kind: remove, name: filepath.Base(path)})
	if synced && !d.lying {
		d.add(operation{kind: folder})
	}
}
