package collector

import (
	"encoding/json"
	"time"

	"phutai/grid"
)

// progress is how far a meter's load profile has been read. All intervals that
// end at or before Newest have been read, or lie in one of Pending. It is kept
// in the spool and changes in the commit that holds the rows, so that a kill
// costs at most what was being read, and skips nothing.
type progress struct {
	Newest  time.Time
	Pending []window  // the last one is read first, from its end backwards
	Wanted  []stretch // once more, likewise, when nothing is pending
	Point   grid.PointID
	Since   time.Time // of the meter's stay at Point, as it was known then
}

// window is a stretch of a load profile: ends after From and not after To.
type window struct {
	From, To time.Time
}

func (w window) empty() bool { return !w.From.Before(w.To) }

// standing gives the progress that counts for a meter at its point: nothing from
// before it stood there, and no new stretch from before floor, is asked for. What was read while it stood elsewhere, or
// was thought to, does not count: it was filed there. A note that names no point
// is of a program that did not know of this.
func (p progress) standing(m *grid.Meter, floor time.Time) progress {
	if p.Point != "" && (p.Point != m.Point || m.Since.Before(p.Since)) {
		p = progress{}
	}
	p.Point, p.Since = m.Point, m.Since
	p.Newest = later(p.Newest, later(floor, m.Since))
	var pending []window
	for _, w := range p.Pending {
		if w.From = later(w.From, m.Since); !w.empty() {
			pending = append(pending, w)
		}
	}
	p.Pending = pending
	var wanted []stretch
	for _, s := range p.Wanted {
		if s = s.from(m.Since); !s.empty() {
			wanted = append(wanted, s)
		}
	}
	p.Wanted = wanted
	return p
}

// tail gives the stretch of the newest rows, at most slice long. What lies
// before it and has not been read becomes pending: after a first contact or an
// outage the newest day comes first.
func (p progress) tail(now time.Time, slice time.Duration) (progress, window) {
	p.Pending = append([]window(nil), p.Pending...)
	if from := now.Add(-slice); p.Newest.Before(from) {
		p.Pending = append(p.Pending, window{p.Newest, from})
		p.Newest = from
	}
	return p, window{p.Newest, now.Add(clockTolerance)}
}

// back gives the next stretch of the past, empty if there is none.
func (p progress) back(slice time.Duration) window {
	if len(p.Pending) == 0 {
		return window{}
	}
	w := p.Pending[len(p.Pending)-1]
	if from := w.To.Add(-slice); w.From.Before(from) {
		w.From = from
	}
	return w
}

// afterTail notes that all rows up to newest have been read. The stretch beyond
// it is asked again: a meter whose clock is slow writes its row late.
func (p progress) afterTail(newest time.Time) progress {
	if newest.After(p.Newest) {
		p.Newest = newest
	}
	return p
}

// afterBack notes that of w, which back gave, the rows up to reached have been
// read; reached at or after w.To: all of it.
func (p progress) afterBack(w window, reached time.Time) progress {
	last := len(p.Pending) - 1
	rest := p.Pending[last]
	out := append([]window(nil), p.Pending[:last]...)
	if rest.To = w.From; !rest.empty() {
		out = append(out, rest)
	}
	if later := (window{reached, w.To}); !later.empty() {
		if reached.Before(w.From) {
			later.From = w.From
		}
		out = append(out, later)
	}
	p.Pending = out
	return p
}

// wireProgress is the form in the spool, in Unix milliseconds.
type wireProgress struct {
	Newest  int64      `json:"newest"`
	Pending [][2]int64 `json:"pending,omitempty"`
	Wanted  [][3]int64 `json:"wanted,omitempty"` // the third is the length of a slot
	Point   string     `json:"point,omitempty"`
	Since   int64      `json:"since,omitempty"` // zero: ever
}

func (p progress) encode() ([]byte, error) {
	w := wireProgress{Newest: p.Newest.UnixMilli(), Point: string(p.Point)}
	if !p.Since.IsZero() {
		w.Since = p.Since.UnixMilli()
	}
	for _, r := range p.Pending {
		w.Pending = append(w.Pending, [2]int64{r.From.UnixMilli(), r.To.UnixMilli()})
	}
	for _, s := range p.Wanted {
		w.Wanted = append(w.Wanted, [3]int64{s.From.UnixMilli(), s.To.UnixMilli(), s.Every.Milliseconds()})
	}
	return json.Marshal(w)
}

func parseProgress(raw []byte) (p progress, err error) {
	var w wireProgress
	if err := json.Unmarshal(raw, &w); err != nil {
		return p, err
	}
	p.Newest, p.Point = time.UnixMilli(w.Newest).UTC(), grid.PointID(w.Point)
	if w.Since != 0 {
		p.Since = time.UnixMilli(w.Since).UTC()
	}
	for _, r := range w.Pending {
		p.Pending = append(p.Pending, window{time.UnixMilli(r[0]).UTC(), time.UnixMilli(r[1]).UTC()})
	}
	for _, r := range w.Wanted {
		if r[2] > 0 {
			p.Wanted = append(p.Wanted, stretch{window{time.UnixMilli(r[0]).UTC(), time.UnixMilli(r[1]).UTC()}, time.Duration(r[2]) * time.Millisecond})
		}
	}
	return p, nil
}
