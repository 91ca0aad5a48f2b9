package lossless

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/sim"
)

// past is how far a meter's load profile has been read, by the spool.
type past struct {
	Newest  int64
	Pending [][2]int64 // ends after the first and not after the second are still to be read
}

func (p past) unread(end time.Time) bool {
	ms := end.UnixMilli()
	for _, w := range p.Pending {
		if w[0] < ms && ms <= w[1] {
			return true
		}
	}
	return ms > p.Newest
}

// upTo tells whether all rows that ended an interval before settled are read.
func (p past) upTo(settled time.Time) bool {
	return len(p.Pending) == 0 && p.Newest >= settled.Add(-sim.Period).UnixMilli()
}

// pastOf asks the spool. What was not found was never begun.
func pastOf(ctx context.Context, spool *db.DB, m grid.MeterID) (p past, found bool, err error) {
	var raw []byte
	err = spool.Read.QueryRowContext(ctx, `SELECT progress FROM history WHERE meter = ?`, string(m)).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		return p, false, fmt.Errorf("progress of meter %s: %w", m, err)
	}
	return p, true, nil
}

// Behind gives the points whose load profiles are still to be read, among those
// that give them in time: what to wait for before a province is judged.
func Behind(ctx context.Context, spool *db.DB, province *sim.Province, settled time.Time) ([]grid.PointID, error) {
	var out []grid.PointID
	faults := province.Faults()
	for _, m := range province.Fleet().Meters {
		rows, err := province.Rows(m.Point, settled.Add(-sim.Period), settled)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 || faults[m.Point] == sim.Silent || faults[m.Point] == sim.AnswerLate {
			continue
		}
		p, found, err := pastOf(ctx, spool, m.ID)
		if err != nil {
			return nil, err
		}
		if !found || !p.upTo(settled) {
			out = append(out, m.Point)
		}
	}
	return out, nil
}
