package lossy

import (
	"fmt"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// vfs is a copy of SQLite's default file system layer of which opening and
// removing go through the disk, and of each table of file methods that it uses,
// of which writing, truncating, syncing and closing do. The copies stand in C's
// memory, which has no pointers that Go's collector follows: methods keeps the
// functions alive.
type vfs struct {
	disk    *Disk
	tls     *libc.TLS
	self    uintptr             // *sqlite3.Tsqlite3_vfs
	base    uintptr             // the one that was the default
	tables  map[uintptr]uintptr // copies of the tables of file methods, by original
	methods []any
}

// The methods as SQLite calls them.
type (
	openFunc     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	deleteFunc   = func(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32
	writeFunc    = func(tls *libc.TLS, file, data uintptr, n int32, at int64) int32
	truncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc     = func(tls *libc.TLS, file uintptr, flags int32) int32
	closeFunc    = func(tls *libc.TLS, file uintptr) int32
)

// at gives what stands at an address of C's memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// method makes a Go function of C's pointer to one.
func method[F any](pointer uintptr) F { return *(*F)(unsafe.Pointer(&pointer)) }

// pointer makes C's pointer of a Go function, which v keeps alive.
func pointer[F any](v *vfs, f F) uintptr {
	kept := &f
	v.methods = append(v.methods, kept)
	return *(*uintptr)(unsafe.Pointer(kept))
}

// register makes the disk's layer SQLite's default until the test ends.
func register(t testing.TB, d *Disk) {
	t.Helper()
	v := &vfs{disk: d, tls: libc.NewTLS(), tables: map[uintptr]uintptr{}}
	v.base = sqlite3.Xsqlite3_vfs_find(v.tls, 0)
	if v.base == 0 {
		t.Fatal("SQLite has no file system")
	}
	name, err := libc.CString(fmt.Sprintf("lossy-%p", d))
	if err != nil {
		t.Fatal(err)
	}
	v.self = v.copyOf(v.base, unsafe.Sizeof(sqlite3.Tsqlite3_vfs{}))
	s := at[sqlite3.Tsqlite3_vfs](v.self)
	s.FzName, s.FpNext = name, 0
	s.FxOpen = pointer[openFunc](v, v.open)
	s.FxDelete = pointer[deleteFunc](v, v.remove)
	if rc := sqlite3.Xsqlite3_vfs_register(v.tls, v.self, 1); rc != sqlite3.SQLITE_OK {
		t.Fatalf("register the lossy disk: SQLite says %d", rc)
	}
	t.Cleanup(func() {
		if n := d.open(); n > 0 {
			t.Errorf("%d files of the lossy disk are still open", n)
			return // SQLite would call what is freed
		}
		sqlite3.Xsqlite3_vfs_unregister(v.tls, v.self)
		for _, table := range v.tables {
			libc.Xfree(v.tls, table)
		}
		libc.Xfree(v.tls, v.self)
		libc.Xfree(v.tls, name)
		v.tls.Close()
	})
}

// copyOf copies n bytes into new memory of C.
func (v *vfs) copyOf(from, n uintptr) uintptr {
	to := libc.Xmalloc(v.tls, libc.Tsize_t(n))
	copy(unsafe.Slice(at[byte](to), n), unsafe.Slice(at[byte](from), n))
	return to
}

func (v *vfs) open(tls *libc.TLS, _, name, file uintptr, flags int32, outFlags uintptr) int32 {
	path := ""
	if name != 0 {
		path = libc.GoString(name)
	}
	known := v.disk.before(path)
	rc := method[openFunc](at[sqlite3.Tsqlite3_vfs](v.base).FxOpen)(tls, v.base, name, file, flags, outFlags)
	if rc != sqlite3.SQLITE_OK {
		return rc
	}
	const journals = sqlite3.SQLITE_OPEN_MAIN_JOURNAL | sqlite3.SQLITE_OPEN_SUPER_JOURNAL | sqlite3.SQLITE_OPEN_WAL
	if v.disk.opened(file, path, known, flags&sqlite3.SQLITE_OPEN_CREATE != 0 && flags&journals != 0) {
		m := at[sqlite3.Tsqlite3_file](file)
		m.FpMethods = v.table(m.FpMethods)
	}
	return rc
}

// table gives the copy of a table of file methods.
func (v *vfs) table(original uintptr) uintptr {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	if known, ok := v.tables[original]; ok {
		return known
	}
	base := at[sqlite3.Tsqlite3_io_methods](original)
	table := v.copyOf(original, unsafe.Sizeof(*base))
	m := at[sqlite3.Tsqlite3_io_methods](table)
	m.FiVersion = min(m.FiVersion, 2) // no memory maps: they are written to unseen
	write, truncate, closing := method[writeFunc](base.FxWrite), method[truncateFunc](base.FxTruncate), method[closeFunc](base.FxClose)
	m.FxWrite = pointer[writeFunc](v, func(tls *libc.TLS, file, data uintptr, n int32, off int64) int32 {
		if failure, torn := v.disk.write(file, unsafe.Slice(at[byte](data), n), off); failure != 0 {
			if torn > 0 {
				write(tls, file, data, torn, off)
			}
			return failure
		}
		return write(tls, file, data, n, off)
	})
	m.FxTruncate = pointer[truncateFunc](v, func(tls *libc.TLS, file uintptr, size int64) int32 {
		v.disk.truncate(file, size)
		return truncate(tls, file, size)
	})
	// The real disk need not sync: the test's machine keeps its power.
	m.FxSync = pointer[syncFunc](v, func(_ *libc.TLS, file uintptr, _ int32) int32 { return v.disk.sync(file) })
	m.FxClose = pointer[closeFunc](v, func(tls *libc.TLS, file uintptr) int32 {
		v.disk.closed(file)
		return closing(tls, file)
	})
	v.tables[original] = table
	return table
}

func (v *vfs) remove(tls *libc.TLS, _, name uintptr, syncDir int32) int32 {
	path := libc.GoString(name)
	known := v.disk.before(path)
	rc := method[deleteFunc](at[sqlite3.Tsqlite3_vfs](v.base).FxDelete)(tls, v.base, name, 0)
	if rc == sqlite3.SQLITE_OK {
		v.disk.removed(path, known, syncDir != 0)
	}
	return rc
}
