package fleet

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ImportOptions is how a set is taken in.
type ImportOptions struct {
	// Effective is the moment from which a changed row holds that does not say
	// since when. Zero means now.
	Effective time.Time
	DryRun    bool // judge and compare, write nothing
	Removal   bool // leave to end what holds; without it such an import is refused
	Rules     Rules
}

// RemovalError is the error of an import that is sound, but would end what
// holds without having leave for it. The Diff beside it says what.
type RemovalError struct {
	Gone int // changes of the sort Removed
}

// Error counts them.
func (e *RemovalError) Error() string {
	return fmt.Sprintf("nothing imported: the register would lose %d facts that hold", e.Gone)
}

// Import takes a set into the register, all or nothing. An id that the set
// does not name stays as it is. What a row says replaces what was known of its
// id from the row's valid_from up to its valid_to; what held before stays, and
// goes on after. Only a row that gives an end and otherwise says what is known
// already, or that gives an end and no start, ends it there. A set that says
// nothing new makes no version.
//
// The error is of type Problems where the set is at fault, and of type
// RemovalError where it would end something without opt.Removal.
func (r *Register) Import(ctx context.Context, set *Set, opt ImportOptions) (Diff, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.refresh(ctx); err != nil {
		return Diff{}, err
	}
	old := r.known.Load()
	if set.onto != 0 && set.onto != old.version {
		return Diff{}, errors.New("the register has changed since the list was read: import again")
	}
	merged, problems := judge(old.facts, set, millis(opt.Effective, r.now), opt.Rules)
	if len(problems) > 0 {
		return Diff{}, problems
	}
	d := Diff{Version: old.version, Changes: diff(old.facts, merged)}
	if d.Empty() || opt.DryRun {
		return d, nil
	}
	if gone := d.Count(Removed); gone > 0 && !opt.Removal {
		return d, &RemovalError{gone}
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
			return errors.New("another program has changed the register meanwhile: import again")
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
	problems := append(slices.Clone(set.problems), set.unmatched...)
	merged := old.merge(set, effective, rules, &problems)
	merged.check(rules, set.lost, &problems)
	return merged, problems.sorted()
}

// Check judges a set by itself, without a register: nil where it is sound.
func (s *Set) Check(rules Rules) Problems {
	_, problems := judge(noFacts(), s, 0, rules)
	return problems
}
