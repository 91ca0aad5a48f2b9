package fleet

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
)

// Known is the whole register as it was known at one version.
type Known struct{ views *views }

// KnownAt gives the register as it was known at a moment. It reads the database
// where that was an older version.
func (r *Register) KnownAt(ctx context.Context, knownAt time.Time) (*Known, error) {
	version, f, err := r.asOf(ctx, knownAt)
	if err != nil {
		return nil, err
	}
	return &Known{newViews(version, f)}, nil
}

// Version is the number of the last import that was known; zero: there was none.
func (k *Known) Version() int64 { return k.views.version }

// View gives what held at validAt as it was known.
func (k *Known) View(validAt time.Time) *View { return k.views.at(validAt.UnixMilli()) }

// Known gives the register as it is known now.
func (r *Register) Known() *Known { return &Known{r.known.Load().views} }

// Correction is what has changed between two versions of the register.
type Correction struct {
	Diff
	Old, New *Set
}

// Since gives what has changed between a version and what is known now.
func (r *Register) Since(ctx context.Context, version int64) (Correction, error) {
	now := r.known.Load()
	old, err := load(ctx, r.db.Read, version)
	if err != nil {
		return Correction{}, err
	}
	return Correction{Diff{Version: now.version, Changes: diff(old, now.facts)}, old.set(), now.facts.set()}, nil
}

// PointFact is what the register has said of a metering point, also where it
// says something else by now.
type PointFact struct {
	Point     grid.MeteringPoint
	From, To  time.Time // valid; zero: since ever, open
	KnownFrom time.Time
	KnownTo   time.Time // zero: it still says so
}

// PointHistory gives all that the register has ever said of metering points,
// what it has learnt first first.
func (r *Register) PointHistory(ctx context.Context) (map[grid.PointID][]PointFact, error) {
	rows, err := r.db.Read.QueryContext(ctx, `SELECT f.valid_from, f.valid_to, a.known_at, b.known_at, f.body FROM fleet_fact f
		JOIN fleet_version a ON a.version = f.from_version LEFT JOIN fleet_version b ON b.version = f.to_version
		WHERE f.kind = ? ORDER BY f.from_version, f.valid_from`, Points)
	if err != nil {
		return nil, fmt.Errorf("read the history of points: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[grid.PointID][]PointFact{}
	kind := pointKind()
	for rows.Next() {
		var from, to, known int64
		var until sql.NullInt64
		var body string
		if err := rows.Scan(&from, &to, &known, &until, &body); err != nil {
			return nil, fmt.Errorf("read the history of points: %w", err)
		}
		p, err := kind.decode(body)
		if err != nil {
			return nil, err
		}
		fact := PointFact{Point: p, From: fromMillis(from), To: fromMillis(to), KnownFrom: time.UnixMilli(known).UTC()}
		if until.Valid {
			fact.KnownTo = time.UnixMilli(until.Int64).UTC()
		}
		out[p.ID] = append(out[p.ID], fact)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the history of points: %w", err)
	}
	return out, nil
}

// HeldAt tells whether the fact is about a moment.
func (p *PointFact) HeldAt(at time.Time) bool {
	return !at.Before(p.From) && (p.To.IsZero() || at.Before(p.To))
}

// KnownAt tells whether the register said so at a moment.
func (p *PointFact) KnownAt(at time.Time) bool {
	return !at.Before(p.KnownFrom) && (p.KnownTo.IsZero() || at.Before(p.KnownTo))
}
