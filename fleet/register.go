package fleet

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
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

	mu      sync.Mutex    // guards the making of a new version, and changed
	changed chan struct{} // closed when the next version is in place
}

// snapshot is what is known at one version, and the views of it.
type snapshot struct {
	version int64
	facts   *facts
	views   *views
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
	r := &Register{db: d, now: now, changed: make(chan struct{})}
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
func (r *Register) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

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
	r.known.Store(&snapshot{version, f, newViews(version, f)})
	close(r.changed)
	r.changed = make(chan struct{})
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

// ImportOptions is how a set is taken in.
type ImportOptions struct {
	// Effective is the moment from which a changed row holds that does not say
	// since when. Zero means now.
	Effective time.Time
	DryRun    bool // judge and compare, write nothing
	Rules     Rules
}

// Import takes a set into the register, all or nothing. An id that the set
// does not name stays as it is. What a row says replaces what was known of its
// id from the row's valid_from on; what held before stays. A set that says
// nothing new makes no version.
//
// The error is of type Problems where the set is at fault.
func (r *Register) Import(ctx context.Context, set *Set, opt ImportOptions) (Diff, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.refresh(ctx); err != nil {
		return Diff{}, err
	}
	old := r.known.Load()
	merged, problems := judge(old.facts, set, millis(opt.Effective, r.now), opt.Rules)
	if len(problems) > 0 {
		return Diff{}, problems
	}
	d := Diff{Version: old.version, Changes: diff(old.facts, merged)}
	if d.Empty() || opt.DryRun {
		return d, nil
	}
	if err := r.commit(ctx, old, merged); err != nil {
		return Diff{}, fmt.Errorf("import into the register: %w", err)
	}
	d.Version = old.version + 1
	merged.settle()
	r.install(d.Version, merged)
	return d, nil
}

// commit writes the next version.
func (r *Register) commit(ctx context.Context, old *snapshot, merged *facts) error {
	return r.db.Tx(ctx, func(tx *sql.Tx) error {
		version, last, err := newest(ctx, tx)
		if err != nil {
			return err
		}
		if version != old.version {
			return fmt.Errorf("another program has changed the register meanwhile: import again")
		}
		at := max(r.now().UnixMilli(), last+1) // a clock that was set back must not reorder the versions
		if _, err := tx.ExecContext(ctx, `INSERT INTO fleet_version (version, known_at) VALUES (?, ?)`, version+1, at); err != nil {
			return err
		}
		w, err := newWriter(ctx, tx, version+1)
		if err != nil {
			return err
		}
		return w.all(old.facts, merged)
	})
}

// judge gives the facts as they would be with set taken in, and all problems.
func judge(old *facts, set *Set, effective int64, rules Rules) (*facts, Problems) {
	problems := slices.Clone(set.problems)
	merged := old.merge(set, effective, rules, &problems)
	merged.check(&problems)
	return merged, problems.sorted()
}

// Check judges a set by itself, without a register: nil where it is sound.
func (s *Set) Check(rules Rules) Problems {
	_, problems := judge(noFacts(), s, 0, rules)
	return problems
}
