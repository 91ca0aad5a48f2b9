package planning

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"phutai/grid"
)

// Member is a transformer of a feeder, by its own load curve.
type Member struct {
	Curve
	// On tells whether it belongs to the feeder at a moment, and its rating in kVA;
	// zero: unknown.
	On func(at time.Time) (kva float64, on bool)
}

// SumRow is one step of a feeder's sum, over the transformers that have a mean of that very
// step. S is the sum of what each carries: where power factors differ the
// feeder itself carries a little less.
type SumRow struct {
	End time.Time
	// PKW and SKVA are unknown where less of the rating is covered than is asked for,
	// or where one that reports has no such figure.
	PKW, SKVA    grid.Float
	Reporting    int        // transformers that the sum is over
	Transformers int        // of the feeder
	Covered      float64    // kVA of rating that reports
	Rated        float64    // kVA of rating
	Grade        grid.Grade // the worst that is in the sum

	havePKW, haveSKVA int // of those that report
}

// Coverage is how much of the rating reports, in %; unknown without any rating.
func (r *SumRow) Coverage() grid.Float {
	if r.Rated <= 0 {
		return grid.Float{}
	}
	return grid.Known(100 * r.Covered / r.Rated)
}

// Sum adds the curves of a feeder's transformers up, step by step. Below least, in % of
// the rating, a part is no sum: the row then says only who reports. All members
// have the same steps.
func Sum(ctx context.Context, members []Member, least float64, loadings Loadings) ([]SumRow, error) {
	var rows []SumRow
	for i := range members {
		m := &members[i]
		n := 0
		err := m.Rows(ctx, loadings, nothing{}, func(r Row) error {
			if i == 0 {
				rows = append(rows, SumRow{End: r.End})
			}
			if n >= len(rows) || !rows[n].End.Equal(r.End) {
				return fmt.Errorf("steps of %s differ from those of the others", m.Transformer)
			}
			rows[n].add(&r, m)
			n++
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range rows {
		r := &rows[i]
		c := r.Coverage()
		short := !c.Known || c.X < least
		if short || r.havePKW < r.Reporting {
			r.PKW = grid.Float{}
		}
		if short || r.haveSKVA < r.Reporting {
			r.SKVA = grid.Float{}
		}
	}
	return rows, nil
}

func (r *SumRow) add(row *Row, m *Member) {
	kva, on := m.On(row.End.Add(-m.Every))
	if !on {
		return
	}
	r.Transformers++
	r.Rated += kva
	if row.Source == grid.NoSource || !row.SKVA.Known && !row.PKW.Known {
		return
	}
	r.Reporting++
	r.Covered += kva
	r.Grade = max(r.Grade, row.Grade)
	if row.PKW.Known {
		r.havePKW++
		r.PKW = grid.Known(r.PKW.X + row.PKW.X)
	}
	if row.SKVA.Known {
		r.haveSKVA++
		r.SKVA = grid.Known(r.SKVA.X + row.SKVA.X)
	}
}

// nothing has no absences: a sum says who reports, not why others do not.
type nothing struct{}

func (nothing) Absences(context.Context, grid.PointID, time.Time, time.Time, func(grid.Reading) error) error {
	return nil
}

// WriteSum writes a feeder's sum as a table.
func WriteSum(rows []SumRow, lang Lang, out Table) error {
	t, err := textsOf(lang)
	if err != nil {
		return err
	}
	if err := out.Write(t.sum[:]); err != nil {
		return fmt.Errorf("write header of a feeder's sum: %w", err)
	}
	for i := range rows {
		r := &rows[i]
		grade := ""
		if r.Reporting > 0 {
			grade = t.grades[r.Grade]
		}
		cells := []string{
			r.End.Format("2006-01-02 15:04"), "UTC" + r.End.Format("-07:00"), number(r.SKVA, 2), number(r.PKW, 2),
			strconv.Itoa(r.Reporting), strconv.Itoa(r.Transformers), number(grid.Known(r.Covered), 1), number(grid.Known(r.Rated), 1), number(r.Coverage(), 1), grade,
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("write a feeder's sum at %s: %w", r.End, err)
		}
	}
	return nil
}
