package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"phutai/fleet"
	"phutai/grid"
	"phutai/planning"
	"phutai/sheet"
	"phutai/store"
	"phutai/web"
)

// curves writes load curves for pages and for the export verb.
type curves struct {
	journal  *store.Journal
	known    func() *fleet.Known // the register
	loadings planning.Loadings
	zone     *time.Location
	clock    grid.Clock
}

// WriteCurve writes one transformer's load curve as CSV, with the mark by which
// a Vietnamese Excel knows UTF-8.
func (c *curves) WriteCurve(ctx context.Context, w io.Writer, ask web.CurveAsk) error {
	points, err := c.pointsOf(ask.Transformer, ask.From, ask.To)
	if err != nil {
		return err
	}
	if now := c.clock.Now(); ask.To.After(now) {
		ask.To = now // an interval that has not ended yet has no mean
	}
	curve := planning.Curve{Transformer: ask.Transformer, Points: points, From: ask.From, To: ask.To, Every: ask.Every, Zone: c.zone}
	table := sheet.NewCSVWriter(w, sheet.CSVStyle{BOM: true})
	if err := curve.Write(ctx, planning.Lang(ask.Lang), c.loadings, c.journal, guarded{table}); err != nil {
		return fmt.Errorf("load curve of %s: %w", ask.Transformer, err)
	}
	return table.Flush()
}

// pointsOf gives the metering points behind which a transformer stood.
func (c *curves) pointsOf(id grid.TransformerID, from, to time.Time) ([]grid.PointID, error) {
	known := c.known()
	points := known.PointsBehind(id, from, to)
	if _, ok := known.Transformer(id, to); !ok && len(points) == 0 {
		return nil, fmt.Errorf("there is no transformer %q in the register at %s; phutai fleet list shows those that are", id, to.In(c.zone).Format(time.DateOnly))
	}
	if len(points) == 0 {
		return nil, errors.New("transformer " + string(id) + " has no metering point in the register")
	}
	return points, nil
}

// guarded hands rows of text to a sheet: figures as numbers, the rest as text
// that no spreadsheet takes for a formula.
type guarded struct{ out *sheet.CSVWriter }

// Write writes one row.
func (g guarded) Write(cells []string) error {
	row := make([]sheet.Cell, len(cells))
	for i, c := range cells {
		if x, err := strconv.ParseFloat(c, 64); err == nil {
			row[i] = sheet.Number(x)
		} else {
			row[i] = sheet.Text(c)
		}
	}
	return g.out.Write(row...)
}
