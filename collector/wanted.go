package collector

import (
	"cmp"
	"slices"
	"time"

	"phutai/grid"
)

// mostWanted bounds the stretches that one meter's load profile is wanted of.
const mostWanted = 64

// stretch is a part of a load profile of which the center lacks rows. It is a
// whole number of slots, each Every long; a row belongs to the slot that it ends
// in. A slot without a row is answered by an absence, once the meter has been
// asked for it.
type stretch struct {
	window
	Every time.Duration
}

// from gives s without the slots that begin before t.
func (s stretch) from(t time.Time) stretch {
	if t.After(s.From) {
		s.From = s.slotEnd(t)
	}
	return s
}

// until gives s without the slots that end after t.
func (s stretch) until(t time.Time) stretch {
	if t.Before(s.To) {
		s.To = s.From.Add(max(t.Sub(s.From), 0).Truncate(s.Every))
	}
	return s
}

// slotEnd gives the end of the slot that t lies in.
func (s stretch) slotEnd(t time.Time) time.Time {
	return s.From.Add((t.Sub(s.From) + s.Every - 1).Truncate(s.Every))
}

// without gives the parts of s that share no slot with w, at most two.
func (s stretch) without(w window) []stretch {
	if !w.From.Before(s.To) || !s.From.Before(w.To) {
		return []stretch{s}
	}
	return slices.DeleteFunc([]stretch{s.until(w.From), s.from(w.To)}, func(p stretch) bool { return p.empty() })
}

// want adds what a command asks for. What will be read anyway is left out, slot
// by slot; if rows of it are then still lacking, the center asks again. It gives
// false where that leaves nothing.
func (p progress) want(b *grid.BackFill) (_ progress, some bool) {
	all := slices.Clone(p.Wanted)
	for _, span := range b.Spans {
		for _, s := range p.unplanned(stretch{window{span.From, span.To}, b.Every}) {
			// The center knows better what it lacks now than when it asked before.
			all = slices.DeleteFunc(all, func(old stretch) bool { return old.From.Before(s.To) && s.From.Before(old.To) })
			all, some = append(all, s), true
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Or(a.To.Compare(b.To), a.From.Compare(b.From)) })
	p.Wanted = all[max(0, len(all)-mostWanted):]
	return p, some
}

// unplanned gives the parts of s that are not to be read anyway.
func (p progress) unplanned(s stretch) []stretch {
	parts := []stretch{s.until(p.Newest)}
	for _, w := range p.Pending {
		var left []stretch
		for _, s := range parts {
			left = append(left, s.without(w)...)
		}
		parts = left
	}
	return slices.DeleteFunc(parts, func(s stretch) bool { return s.empty() })
}

// wanted gives the next stretch that is to be read once more, the newest first
// and at most about slice long; empty if there is none.
func (p progress) wanted(slice time.Duration) stretch {
	if len(p.Wanted) == 0 {
		return stretch{}
	}
	s := p.Wanted[len(p.Wanted)-1]
	if most := max(slice.Truncate(s.Every), s.Every); s.To.Sub(s.From) > most {
		s.From = s.To.Add(-most)
	}
	return s
}

// afterWanted notes that of s, which wanted gave, the slots that end not after
// reached have been read.
func (p progress) afterWanted(s stretch, reached time.Time) progress {
	last := len(p.Wanted) - 1
	out := slices.Clone(p.Wanted[:last])
	if older := (stretch{window{p.Wanted[last].From, s.From}, s.Every}); !older.empty() {
		out = append(out, older)
	}
	if newer := s.from(s.until(reached).To); !newer.empty() {
		out = append(out, newer)
	}
	p.Wanted = out
	return p
}

// lacking gives the absences of the slots of s for which rows, ordered by time,
// hold nothing although the meter has answered.
func (s stretch) lacking(rows []grid.Reading, absence grid.Reading) []grid.Reading {
	var out []grid.Reading
	for from := s.From; from.Before(s.To); from = from.Add(s.Every) {
		for len(rows) > 0 && !rows[0].At.After(from) {
			rows = rows[1:]
		}
		if len(rows) == 0 || rows[0].At.After(from.Add(s.Every)) {
			absence.At = stamp(from.Add(s.Every / 2))
			out = append(out, absence)
		}
	}
	return out
}
