package alerting

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"phutai/alerting/notify"
	"phutai/grid"
)

// silence is what stands silent on one feeder and nobody has acknowledged.
type silence struct {
	untold []subject // oldest first
	told   int       // of those that fell silent lately
	toldAt time.Time // the newest page about any of them
}

// tellSilent pages for the points that no page has told of yet; those raised just
// now are noted in any case. What falls silent together on a feeder has one cause,
// so from roll_up points on one page tells of all. A few more soon afterwards wait
// for the next page, which comes when they are many themselves, or at the latest
// when the span is over; what is silent for longer, or known to somebody by its
// acknowledgement, hides nothing new.
func (w *work) tellSilent(raised map[subject]bool) {
	comms := w.e.cfg.Comms
	feeders := w.silent()
	for _, id := range slices.Sorted(maps.Keys(feeders)) {
		f := feeders[id]
		together := len(f.untold) + f.told
		switch {
		case len(f.untold) == 0:
		case id == "" || together < comms.RollUp:
			for _, s := range f.untold {
				w.tellOne(s, raised[s], 0)
			}
		case f.told < comms.RollUp || len(f.untold) >= comms.RollUp || w.now.Sub(f.toldAt) >= comms.After:
			w.tellOne(f.untold[0], raised[f.untold[0]], together-1)
			for _, s := range f.untold[1:] {
				w.toldWith(s, raised[s])
			}
		default:
			for _, s := range f.untold {
				if raised[s] {
					w.note(s, w.quiet[s], Raised, "")
				}
			}
		}
	}
}

// silent gathers the comms losses that stand and are not acknowledged.
func (w *work) silent() map[grid.FeederID]*silence {
	out := map[grid.FeederID]*silence{}
	take := func(s subject, t *tracked) {
		if s.kind != grid.CommsLoss || !t.state.Standing() || t.alarm.State != grid.Unacked {
			return
		}
		f := out[t.alarm.Feeder]
		if f == nil {
			f = &silence{}
			out[t.alarm.Feeder] = f
		}
		switch {
		case t.alarm.ToldAt.IsZero():
			f.untold = append(f.untold, s)
			return
		case w.now.Sub(t.alarm.RaisedAt) < w.e.cfg.Comms.After:
			f.told++
		}
		if t.alarm.ToldAt.After(f.toldAt) {
			f.toldAt = t.alarm.ToldAt
		}
	}
	for s, t := range w.e.alarms {
		if _, newer := w.quiet[s]; !newer {
			take(s, t)
		}
	}
	for s, t := range w.quiet {
		take(s, t)
	}
	for _, f := range out {
		slices.SortFunc(f.untold, func(a, b subject) int {
			return cmp.Compare(w.known(a).seq, w.known(b).seq)
		})
	}
	return out
}

// tellOne pages for a silent point, and for others of its feeder with it.
func (w *work) tellOne(s subject, raised bool, others int) {
	t, change := w.mark(s, raised)
	w.page(s, t, change, notify.Notice{Change: notify.Raised, Station: w.stand(t), Others: others})
}

// toldWith notes that another point's page tells of this one too.
func (w *work) toldWith(s subject, raised bool) {
	t, change := w.mark(s, raised)
	w.note(s, t, change, "")
}

// mark says of a silent point that people are told of it now.
func (w *work) mark(s subject, raised bool) (*tracked, Change) {
	t := w.own(s)
	t.alarm.ToldAt = w.now
	if raised {
		return t, Raised
	}
	return t, Told
}

// own gives a version of a subject's alarm that belongs to this work.
func (w *work) own(s subject) *tracked {
	if t, ok := w.quiet[s]; ok {
		return t
	}
	t := *w.e.alarms[s]
	w.quiet[s] = &t
	return &t
}
