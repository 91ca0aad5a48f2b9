package planning

import (
	"context"
	"fmt"
	"time"

	"phutai/grid"
)

// Loadings reads derived rows with from ≤ At < to, by time.
type Loadings interface {
	LoadingSeries(ctx context.Context, id grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error
}

// Absences reads the stated absences of a point with from ≤ At < to.
type Absences interface {
	Absences(ctx context.Context, point grid.PointID, from, to time.Time, f func(grid.Reading) error) error
}

// Curve is the load curve of one transformer in steps of Every, cut at local
// midnight and whole multiples after it. The row of a step stands at its end.
type Curve struct {
	Transformer grid.TransformerID
	Points      []grid.PointID // metered by; their absences give the reasons
	From, To    time.Time      // the steps that end after From and not after To
	Every       time.Duration  // divides a day; at least one minute
	Zone        *time.Location
	// Hold is how far back from its time a value speaks whose interval is not
	// known. Zero: 30 minutes, the usual interval of a load profile.
	Hold time.Duration
}

// Row is one step of a curve. Figures are means over the step, weighted by the
// time for which each value speaks; unknown where nothing was measured.
type Row struct {
	End         time.Time // in the curve's zone
	SKVA        grid.Float
	PKW         grid.Float // negative: flows back to the grid
	Amps        [3]grid.Float
	PhaseMaxPct grid.Float
	LoadingPct  grid.Float
	Grade       grid.Grade  // worst of the values used
	Source      grid.Source // NoSource in an empty row
	Missing     grid.Reason // why the row is empty; NoReason otherwise
}

// maxRows bounds a curve: 19 years of half-hours, two years of minutes or so.
const maxRows = 1_100_000

const defaultHold = 30 * time.Minute

// longestInterval is how far behind the end a value is looked for that may
// speak for the last step.
const longestInterval = 2 * time.Hour

// check refuses a curve that cannot be cut.
func (c *Curve) check() error {
	switch {
	case c.Every < time.Minute || c.Every > 24*time.Hour || (24*time.Hour)%c.Every != 0:
		return fmt.Errorf("step %s: it must divide a day and be at least one minute, such as 15m, 30m or 1h", c.Every)
	case c.Zone == nil:
		return fmt.Errorf("load curve of %s: no time zone given", c.Transformer)
	case !c.From.Before(c.To):
		return fmt.Errorf("load curve from %s to %s: the end must come after the beginning", c.From.Format(time.RFC3339), c.To.Format(time.RFC3339))
	case c.To.Sub(c.From)/c.Every > maxRows:
		return fmt.Errorf("load curve from %s to %s: more than %d rows; take a longer step or a shorter time", c.From.Format(time.RFC3339), c.To.Format(time.RFC3339), maxRows)
	}
	return nil
}

// firstEnd is the end of the first step that ends after From.
func (c *Curve) firstEnd() time.Time {
	y, m, d := c.From.In(c.Zone).Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, c.Zone)
	passed := int64(c.From.Sub(midnight) / c.Every)
	return midnight.Add(time.Duration(passed+1) * c.Every)
}

// Rows hands the rows to f, by time. An error of f ends it.
func (c Curve) Rows(ctx context.Context, loadings Loadings, absences Absences, f func(Row) error) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Hold <= 0 {
		c.Hold = defaultHold
	}
	first := c.firstEnd()
	if first.After(c.To) {
		return nil
	}
	s := newSteps(first, c.Every, int(c.To.Sub(first)/c.Every)+1, c.Hold)
	// A value speaks of the time before it, so one after the last step counts too.
	err := loadings.LoadingSeries(ctx, c.Transformer, s.start.Add(-c.Hold), c.To.Add(max(c.Hold, longestInterval)+time.Millisecond), func(l grid.Loading) error {
		s.add(&l)
		return nil
	})
	if err != nil {
		return fmt.Errorf("load curve of %s: %w", c.Transformer, err)
	}
	reasons, err := c.reasons(ctx, s, absences)
	if err != nil {
		return fmt.Errorf("load curve of %s: %w", c.Transformer, err)
	}
	for i := range s.n {
		r := s.row(i)
		r.End = first.Add(time.Duration(i) * c.Every).In(c.Zone)
		if r.Source == grid.NoSource {
			r.Missing = reasons[i]
			if r.Missing == grid.NoReason {
				r.Missing = grid.Late // nothing has been said about it, so it is still expected
			}
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// reasons gives for each step the newest stated reason of an absence in it.
func (c *Curve) reasons(ctx context.Context, s *steps, absences Absences) (map[int]grid.Reason, error) {
	out := map[int]grid.Reason{}
	newest := map[int]time.Time{}
	for _, point := range c.Points {
		err := absences.Absences(ctx, point, s.start.Add(time.Millisecond), c.To.Add(time.Millisecond), func(r grid.Reading) error {
			if i, ok := s.of(r.At); ok && !r.At.Before(newest[i]) {
				out[i], newest[i] = r.Missing, r.At
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
