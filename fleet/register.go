package fleet

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"phutai/db"
	"phutai/grid"
)

// Register is the live register. Its methods may be called from many
// goroutines; looking up never waits for an import.
type Register struct {
	db  *db.DB
	now func() time.Time

	known atomic.Pointer[snapshot]

	mu sync.Mutex // held while a new version is made
}

// snapshot is what is known at one version, and the views of it.
type snapshot struct {
	version int64
	facts   *facts
	views   *views
	next    chan struct{} // closed when the next version is in place
}

// Open opens the register in d, whose tables it owns. now tells when something
// becomes known; nil is the machine's clock.
func Open(ctx context.Context, d *db.DB, now func() time.Time) (*Register, error) {
	if now == nil {
		now = time.Now
	}
	if err := d.Migrate(ctx, component, schema1); err != nil {
		return nil, fmt.Errorf("open the register: %w", err)
	}
	r := &Register{db: d, now: now}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.refresh(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Version is the number of the last import; zero for an empty register.
func (r *Register) Version() int64 { return r.known.Load().version }

// Changed gives a channel that is closed when a version newer than the present
// one is in place. Ask before looking, and again after each change.
func (r *Register) Changed() <-chan struct{} { return r.known.Load().next }

// Refresh takes over what another process has imported into the same file, and
// tells whether there was anything.
func (r *Register) Refresh(ctx context.Context) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refresh(ctx)
}

func (r *Register) refresh(ctx context.Context) (bool, error) {
	version, _, err := newest(ctx, r.db.Read)
	if err != nil {
		return false, err
	}
	if s := r.known.Load(); s != nil && s.version == version {
		return false, nil
	}
	f, err := load(ctx, r.db.Read, version)
	if err != nil {
		return false, err
	}
	r.install(version, f)
	return true, nil
}

func (r *Register) install(version int64, f *facts) {
	old := r.known.Swap(&snapshot{version, f, newViews(version, f), make(chan struct{})})
	if old != nil {
		close(old.next)
	}
}

// View gives what holds at validAt as it is known now.
func (r *Register) View(validAt time.Time) *View {
	return r.known.Load().views.at(validAt.UnixMilli())
}

// Ratio gives the ratios of the instrument transformers of a point at a
// moment, as known now; false where there is no such point then.
func (r *Register) Ratio(point grid.PointID, at time.Time) (grid.Ratio, bool) {
	s := r.known.Load().facts.points[string(point)].at(at.UnixMilli())
	if s == nil {
		return grid.Ratio{}, false
	}
	return s.value.Ratio(), true
}

// AsOf gives what held at validAt as it was known at knownAt. It reads the
// database where that was an older version.
func (r *Register) AsOf(ctx context.Context, validAt, knownAt time.Time) (*View, error) {
	version, f, err := r.asOf(ctx, knownAt)
	if err != nil {
		return nil, err
	}
	return newViews(version, f).at(validAt.UnixMilli()), nil
}

func (r *Register) asOf(ctx context.Context, knownAt time.Time) (int64, *facts, error) {
	var version int64
	err := r.db.Read.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM fleet_version WHERE known_at <= ?`, knownAt.UnixMilli()).Scan(&version)
	if err != nil {
		return 0, nil, fmt.Errorf("find the register's version of %s: %w", knownAt.Format(time.RFC3339), err)
	}
	if s := r.known.Load(); s.version == version {
		return version, s.facts, nil
	}
	f, err := load(ctx, r.db.Read, version)
	return version, f, err
}

// Export gives every fact of the whole timeline, as it was known at knownAt;
// zero means now.
func (r *Register) Export(ctx context.Context, knownAt time.Time) (*Set, error) {
	if knownAt.IsZero() {
		return r.known.Load().facts.set(), nil
	}
	_, f, err := r.asOf(ctx, knownAt)
	if err != nil {
		return nil, err
	}
	return f.set(), nil
}
