package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"phutai/grid"
	"phutai/planning"
	"phutai/sheet"
	"phutai/web"
)

// writeSum writes the sum of a feeder's transformers as CSV. Each counts while the
// register has it on the feeder, with its rating of then.
func (c *curves) writeSum(ctx context.Context, w io.Writer, feeder grid.FeederID, ask web.CurveAsk, least float64) error {
	if now := c.clock.Now(); ask.To.After(now) {
		ask.To = now
	}
	members := c.membersOf(feeder, ask)
	if len(members) == 0 {
		return fmt.Errorf("feeder %q has no transformer in the register between the two days; phutai fleet list shows what there is", feeder)
	}
	rows, err := planning.Sum(ctx, members, least, c.loadings)
	if err != nil {
		return fmt.Errorf("sum of feeder %s: %w", feeder, err)
	}
	table := sheet.NewCSVWriter(w, sheet.CSVStyle{BOM: true})
	if err := planning.WriteSum(rows, planning.Lang(ask.Lang), guarded{table}); err != nil {
		return err
	}
	return table.Flush()
}

// stayOn is a time for which a transformer is on the feeder with one rating.
type stayOn struct {
	from, to time.Time // zero to: open
	kva      float64
}

// membersOf gives the transformers that were on a feeder at any time of a curve.
func (c *curves) membersOf(feeder grid.FeederID, ask web.CurveAsk) []planning.Member {
	stays := map[grid.TransformerID][]stayOn{}
	var ids []grid.TransformerID
	since := time.Time{} // the first step may begin before the curve
	known := c.known()
	for from := ask.From; ; {
		view := known.View(from)
		until := view.Until()
		for t := range view.Transformers() {
			if s, _ := view.Substation(t.Substation); s.Feeder == feeder {
				if len(stays[t.ID]) == 0 {
					ids = append(ids, t.ID)
				}
				stays[t.ID] = append(stays[t.ID], stayOn{since, until, t.RatedKVA})
			}
		}
		if from = until; from.IsZero() || !from.Before(ask.To) {
			break
		}
		since = from
	}
	slices.Sort(ids)
	members := make([]planning.Member, len(ids))
	for i, id := range ids {
		its := stays[id]
		members[i] = planning.Member{
			Curve: planning.Curve{Transformer: id, From: ask.From, To: ask.To, Every: ask.Every, Zone: c.zone},
			On: func(at time.Time) (float64, bool) {
				k := slices.IndexFunc(its, func(s stayOn) bool { return !at.Before(s.from) && (s.to.IsZero() || at.Before(s.to)) })
				if k < 0 {
					return 0, false
				}
				return its[k].kva, true
			},
		}
	}
	return members
}
