package store

import "phutai/grid"

// held is what the journal holds of one point and source, in order: times of
// values, and of absences. The audit's stand for runs of slots; those of earlier
// versions stand one by one, as those of collectors do.
type held struct {
	values   []int64 // Unix milliseconds
	absences []statedAt
	quiet    []int64 // of the audit's word for runs of slots, and of rows given up on their way; Unix milliseconds
}

type statedAt struct {
	at      int64
	audited bool // by the audit: provisional
}

// run is a gap: slots one after the other without a reading.
type run struct{ from, n int }

// verdict is what the comparison of what is due with what is held has found.
type verdict struct {
	grid.Collection
	open    []run   // neither a value nor a word why there is none
	lacking []run   // open ones, and those of which only the audit has said why
	undone  []int64 // times of single absences of the audit in slots that have a value
}

// judge compares. A slot has its reading if a value lies in it. An answer may
// come just after the end of its slot, behind a busy line: then the next slot
// has two, and the spare one counts for the slot beside it that has none.
func (s slots) judge(h *held) verdict {
	v, _ := s.compare(h)
	return v
}

// compare is judge, with the slots that have not received anything, whether there
// is a word why or none.
func (s slots) compare(h *held) (v verdict, missing []run) {
	values, stated := s.count(h.values), s.stated(h)
	v = verdict{Collection: grid.Collection{Due: s.n}}
	for i := range s.n {
		here := i + 1 // the counts begin one slot earlier and end one later
		switch {
		case values[here] > 0:
			v.Received++
		case stated[i] == byCollector:
			v.Explained++
			missing = extend(missing, i)
		case values[here-1] > 1:
			v.Received++
			values[here-1]--
		case values[here+1] > 1:
			v.Received++
			values[here+1]--
		case stated[i] == byAudit:
			v.Explained++
			v.lacking = extend(v.lacking, i)
			missing = extend(missing, i)
		default:
			v.open = extend(v.open, i)
			v.lacking = extend(v.lacking, i)
			missing = extend(missing, i)
		}
	}
	for _, a := range h.absences {
		if i := s.slot(a.at); a.audited && i >= 0 && i < s.n && values[i+1] > 0 {
			v.undone = append(v.undone, a.at)
		}
	}
	return v, missing
}

func extend(runs []run, i int) []run {
	if last := len(runs) - 1; last >= 0 && runs[last].from+runs[last].n == i {
		runs[last].n++
		return runs
	}
	return append(runs, run{i, 1})
}

// slot gives the slot that a time lies in; negative or beyond n: another one.
func (s slots) slot(at int64) int {
	d := at - s.first
	if d < 0 {
		return int((d - s.every + 1) / s.every)
	}
	return int(d / s.every)
}

// count counts the values of each slot, from the one before the first to the
// one behind the last.
func (s slots) count(values []int64) []int {
	out := make([]int, s.n+2)
	for _, at := range values {
		if i := s.slot(at) + 1; i >= 0 && i < len(out) {
			out[i]++
		}
	}
	return out
}

// Who has said why a slot has no value.
const (
	byNobody = iota
	byAudit
	byCollector
)

func (s slots) stated(h *held) []int {
	out := make([]int, s.n)
	say := func(at int64, who int) {
		if i := s.slot(at); i >= 0 && i < s.n {
			out[i] = max(out[i], who)
		}
	}
	for _, a := range h.absences {
		if a.audited {
			say(a.at, byAudit)
		} else {
			say(a.at, byCollector)
		}
	}
	for _, at := range h.quiet {
		say(at, byAudit)
	}
	return out
}
