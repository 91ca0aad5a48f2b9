package store

import (
	"fmt"
	"slices"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// silencesSchema1 holds what the gap audit says, a row for a run of slots one
// after the other. The key is that of the last slot's time.
const silencesSchema1 = `
CREATE TABLE silence (key INTEGER PRIMARY KEY, every_ms INTEGER NOT NULL, n INTEGER NOT NULL, reason INTEGER NOT NULL, detail TEXT NOT NULL);
`

// silencesComponent names the table's versions.
const silencesComponent = "silences"

// silence is the gap audit's word why there is nothing in slots one after the
// other of one point and source. A row of it costs the same for one slot as for
// a day of them.
type silence struct {
	number int64
	source grid.Source
	slots
	why    grid.Reason
	detail string
}

// longestSilence bounds a run, so that those of a time are found without looking
// through all of a point's. No interval is longer than it.
const longestSilence = 24 * time.Hour

// key gives that of the last slot.
func (s *silence) key() (int64, error) {
	key, err := pack.Key(s.number, s.source, s.mark(s.source, s.n-1))
	if err != nil {
		return 0, fmt.Errorf("key of a gap: %w", err)
	}
	return key, nil
}

// silenceOf makes a silence of its row.
func silenceOf(key, every int64, n int, why grid.Reason, detail string) silence {
	s := silence{slots: slots{every: every, n: n}, why: why, detail: detail}
	var last time.Time
	s.number, s.source, last = pack.Unkey(key)
	first := last.UnixMilli() - int64(n-1)*every
	s.first = first - s.mark(s.source, 0).UnixMilli()
	return s
}

// end gives the end of the last slot.
func (s *silence) end() int64 { return s.start(s.n) }

// reading gives what is said of slot i.
func (s *silence) reading(point grid.PointID, i int) grid.Reading {
	r := grid.Reading{Point: point, Source: s.source, At: s.mark(s.source, i), Missing: s.why, Detail: s.detail}
	if s.source == grid.Profile {
		r.Interval = time.Duration(s.every) * time.Millisecond
	}
	return r
}

// without gives what is left of s where there is something at these times: in
// the slots that they lie in there is no silence.
func (s *silence) without(times []int64) []silence {
	full := map[int]bool{}
	for _, at := range times {
		if i := s.slot(at); i >= 0 && i < s.n {
			full[i] = true
		}
	}
	if len(full) == 0 {
		return []silence{*s}
	}
	var runs []run
	for i := range s.n {
		if !full[i] {
			runs = extend(runs, i)
		}
	}
	return s.parts(runs)
}

// parts gives the silences of runs of the slots of s.
func (s *silence) parts(runs []run) []silence {
	out := make([]silence, len(runs))
	for i, r := range runs {
		out[i] = *s
		out[i].first, out[i].n = s.start(r.from), r.n
	}
	return out
}

// pieces gives s in parts that are not too long.
func (s *silence) pieces() []silence {
	most := int(max(longestSilence.Milliseconds()/s.every, 1))
	if s.n <= most {
		return []silence{*s}
	}
	var runs []run
	for from := 0; from < s.n; from += most {
		runs = append(runs, run{from, min(most, s.n-from)})
	}
	return s.parts(runs)
}

// follows tells whether s goes on where t ends and says the same.
func (s *silence) follows(t *silence) bool {
	return s.first == t.end() && s.every == t.every && s.why == t.why && s.detail == t.detail &&
		int64(s.n+t.n)*s.every <= longestSilence.Milliseconds()
}

// hush walks over the slots of silences, by time.
type hush struct {
	point grid.PointID
	rest  []silence // by their first slot, not begun
	open  []silence // begun; more than one where intervals have changed
}

func newHush(point grid.PointID, all []silence) *hush {
	slices.SortFunc(all, func(a, b silence) int { return a.mark(a.source, 0).Compare(b.mark(b.source, 0)) })
	return &hush{point: point, rest: all}
}

// next gives the first slot's absence whose time is before t, and passes it.
func (h *hush) next(t time.Time) (grid.Reading, bool) {
	least := -1
	look := func() {
		least = -1
		for i := range h.open {
			if least < 0 || h.open[i].mark(h.open[i].source, 0).Before(h.open[least].mark(h.open[least].source, 0)) {
				least = i
			}
		}
	}
	for look(); len(h.rest) > 0; look() {
		first := h.rest[0].mark(h.rest[0].source, 0)
		if !first.Before(t) || least >= 0 && h.open[least].mark(h.open[least].source, 0).Before(first) {
			break
		}
		h.open, h.rest = append(h.open, h.rest[0]), h.rest[1:]
	}
	if least < 0 {
		return grid.Reading{}, false
	}
	s := &h.open[least]
	r := s.reading(h.point, 0)
	if !r.At.Before(t) {
		return grid.Reading{}, false
	}
	if s.first, s.n = s.start(1), s.n-1; s.n == 0 {
		h.open = slices.Delete(h.open, least, least+1)
	}
	return r, true
}
