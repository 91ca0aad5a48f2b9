package planning

import (
	"context"
	"fmt"
	"strconv"

	"phutai/grid"
)

// Table takes rows of cells, such as a CSV writer that guards against formulas.
type Table interface {
	Write(cells []string) error
}

// Write writes the curve as a table in the language lang: a header with units,
// then one row a step. Figures have a decimal point in both languages.
func (c Curve) Write(ctx context.Context, lang Lang, loadings Loadings, absences Absences, out Table) error {
	t, err := textsOf(lang)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	if err := out.Write(t.header[:]); err != nil {
		return fmt.Errorf("write header of load curve: %w", err)
	}
	return c.Rows(ctx, loadings, absences, func(r Row) error {
		if err := out.Write(cells(&r, t)); err != nil {
			return fmt.Errorf("write load curve at %s: %w", r.End, err)
		}
		return nil
	})
}

func cells(r *Row, t *texts) []string {
	out := []string{
		r.End.Format("2006-01-02 15:04"), "UTC" + r.End.Format("-07:00"),
		number(r.SKVA, 2), number(r.PKW, 2), number(r.Amps[0], 1), number(r.Amps[1], 1), number(r.Amps[2], 1),
		number(r.PhaseMaxPct, 1), number(r.LoadingPct, 1), "", "", t.reasons[r.Missing],
	}
	if r.Source != grid.NoSource {
		out[9], out[10] = t.grades[r.Grade], t.sources[r.Source]
	}
	return out
}

func number(f grid.Float, decimals int) string {
	if !f.Known {
		return ""
	}
	return strconv.FormatFloat(f.X, 'f', decimals, 64)
}
