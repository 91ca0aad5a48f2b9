package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
)

// CollectionDay gives the audit's accounts of a local day by point, both sources
// together, as far as it has been looked at. day is its first moment.
func (j *Journal) CollectionDay(ctx context.Context, day time.Time) (map[grid.PointID]grid.Collection, error) {
	out := map[grid.PointID]grid.Collection{}
	err := j.each(ctx, `SELECT p.name, c.due, c.received, c.explained FROM point p CROSS JOIN collection c
		ON c.point = p.id AND c.source IN (?, ?) AND c.day = ?`, func(r *sql.Rows) error {
		var name string
		var c grid.Collection
		err := r.Scan(&name, &c.Due, &c.Received, &c.Explained)
		id := grid.PointID(name)
		out[id] = out[id].Plus(c)
		return err
	}, grid.Instant, grid.Profile, day.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read the accounts of a day: %w", err)
	}
	return out, nil
}
