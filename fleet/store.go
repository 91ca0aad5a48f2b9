package fleet

import (
	"context"
	"database/sql"
	"fmt"

	"phutai/grid"
)

// component names the register's tables in the file that it shares.
const component = "fleet"

// A fact is known from the version that brought it up to the one that replaced
// it; the moments of the versions are in a table of their own and only grow.
// valid_from and valid_to are milliseconds since 1970, or the ends of int64.
const schema1 = `
CREATE TABLE fleet_version (
	version  INTEGER PRIMARY KEY,
	known_at INTEGER NOT NULL
);
CREATE TABLE fleet_fact (
	fact         INTEGER PRIMARY KEY,
	kind         TEXT    NOT NULL,
	id           TEXT    NOT NULL,
	valid_from   INTEGER NOT NULL,
	valid_to     INTEGER NOT NULL,
	from_version INTEGER NOT NULL REFERENCES fleet_version,
	to_version   INTEGER          REFERENCES fleet_version,
	body         TEXT    NOT NULL CHECK (json_valid(body))
);
CREATE INDEX fleet_fact_id ON fleet_fact (kind, id, valid_from) WHERE to_version IS NULL;
`

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// newest gives the last version and the moment of it; zeros where there is none.
func newest(ctx context.Context, q rowQuerier) (version, knownAt int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT coalesce(max(version), 0), coalesce(max(known_at), 0) FROM fleet_version`).Scan(&version, &knownAt)
	if err != nil {
		return 0, 0, fmt.Errorf("read the register's version: %w", err)
	}
	return version, knownAt, nil
}

// load reads what was known at a version.
func load(ctx context.Context, q *sql.DB, version int64) (*facts, error) {
	rows, err := q.QueryContext(ctx, `SELECT kind, id, valid_from, valid_to, body FROM fleet_fact
		WHERE from_version <= ?1 AND (to_version IS NULL OR to_version > ?1) ORDER BY kind, id, valid_from`, version)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	defer func() { _ = rows.Close() }()
	f, in := noFacts(), newLoader()
	for rows.Next() {
		var name, id, body string
		var from, to int64
		if err := rows.Scan(&name, &id, &from, &to, &body); err != nil {
			return nil, fmt.Errorf("read the register: %w", err)
		}
		if err := in.add(f, Kind(name), id, from, to, body); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	return f, nil
}

// loader has the kinds made once for a whole reading.
type loader struct {
	units        *kind[grid.Unit]
	feeders      *kind[grid.Feeder]
	substations  *kind[grid.Substation]
	transformers *kind[grid.Transformer]
	points       *kind[grid.MeteringPoint]
	meters       *kind[grid.Meter]
	priorities   *kind[grid.PrioritySite]
	neighbours   *kind[grid.Neighbour]
}

func newLoader() *loader {
	return &loader{unitKind(), feederKind(), substationKind(), transformerKind(), pointKind(), meterKind(), priorityKind(), neighbourKind()}
}

func (l *loader) add(f *facts, name Kind, id string, from, to int64, body string) error {
	switch name {
	case Units:
		return addTo(l.units, f.units, id, from, to, body)
	case Feeders:
		return addTo(l.feeders, f.feeders, id, from, to, body)
	case Substations:
		return addTo(l.substations, f.substations, id, from, to, body)
	case Transformers:
		return addTo(l.transformers, f.transformers, id, from, to, body)
	case Points:
		return addTo(l.points, f.points, id, from, to, body)
	case Meters:
		return addTo(l.meters, f.meters, id, from, to, body)
	case Priorities:
		return addTo(l.priorities, f.priorities, id, from, to, body)
	case Neighbours:
		return addTo(l.neighbours, f.neighbours, id, from, to, body)
	}
	return fmt.Errorf("read the register: %q is no kind that this program knows: use the newer program", name)
}

func addTo[T any](k *kind[T], b book[T], id string, from, to int64, body string) error {
	x, err := k.decode(body)
	if err != nil {
		return err
	}
	b[id] = append(b[id], segment[T]{from: from, to: to, body: body, value: x})
	return nil
}

// writer closes and opens facts within one transaction.
type writer struct {
	ctx           context.Context
	close, insert *sql.Stmt
	version       int64
}

func newWriter(ctx context.Context, tx *sql.Tx, version int64) (*writer, error) {
	shut, err := tx.PrepareContext(ctx, `UPDATE fleet_fact SET to_version = ? WHERE kind = ? AND id = ? AND valid_from = ? AND to_version IS NULL`)
	if err != nil {
		return nil, err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO fleet_fact (kind, id, valid_from, valid_to, from_version, body) VALUES (?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return nil, err
	}
	return &writer{ctx, shut, insert, version}, nil
}

func (w *writer) all(old, now *facts) error {
	for _, step := range []func() error{
		func() error { return writeBook(w, Units, old.units, now.units) },
		func() error { return writeBook(w, Feeders, old.feeders, now.feeders) },
		func() error { return writeBook(w, Substations, old.substations, now.substations) },
		func() error { return writeBook(w, Transformers, old.transformers, now.transformers) },
		func() error { return writeBook(w, Points, old.points, now.points) },
		func() error { return writeBook(w, Meters, old.meters, now.meters) },
		func() error { return writeBook(w, Priorities, old.priorities, now.priorities) },
		func() error { return writeBook(w, Neighbours, old.neighbours, now.neighbours) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// writeBook touches only the segments that differ.
func writeBook[T any](w *writer, name Kind, old, now book[T]) error {
	for id, after := range now {
		before := old[id]
		for i := range before {
			if !after.has(&before[i]) {
				if _, err := w.close.ExecContext(w.ctx, w.version, name, id, before[i].from); err != nil {
					return fmt.Errorf("end a fact of %s %s: %w", name, id, err)
				}
			}
		}
		for i := range after {
			if !before.has(&after[i]) {
				if _, err := w.insert.ExecContext(w.ctx, name, id, after[i].from, after[i].to, w.version, after[i].body); err != nil {
					return fmt.Errorf("write a fact of %s %s: %w", name, id, err)
				}
			}
		}
	}
	return nil
}

// has tells whether t holds exactly that segment.
func (t timeline[T]) has(s *segment[T]) bool {
	for i := range t {
		if sameSegment(t[i], *s) {
			return true
		}
	}
	return false
}
