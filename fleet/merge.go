package fleet

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// mergeBook takes the rows of one kind into what is known. For each id, what a
// row says replaces what was known of the row's interval; ids without a row stay
// as they are.
func mergeBook[T any](k *kind[T], old book[T], rows []Fact[T], effective int64, rules Rules, p *Problems) book[T] {
	if len(rows) == 0 {
		return old
	}
	byID := map[string][]int{}
	for i := range rows {
		vetRow(k, &rows[i], rules, p)
		if id := k.id(&rows[i].Body); id != "" {
			byID[id] = append(byID[id], i)
		}
	}
	merged := maps.Clone(old)
	for id, list := range byID {
		line := make(timeline[T], len(list))
		for i, n := range list {
			r := &rows[n]
			body := r.Body
			if k.spell != nil {
				k.spell(&body, rules)
			}
			line[i] = segment[T]{toMillis(r.From, ever), toMillis(r.To, open), k.encode(&body), body, r.origin}
			line[i].origin.vague = r.From.IsZero()
		}
		if line = arrange(k, id, line, p); len(line) > 0 && !line.repeats(old[id], effective) {
			line[0].from = start(&line[0], old[id], effective)
			merged[id] = old[id].replace(line)
			if k.steady {
				tellGaps(k, id, old[id], merged[id], rules, p)
			}
		}
	}
	return merged
}

// vetRow judges one row for itself.
func vetRow[T any](k *kind[T], f *Fact[T], rules Rules, p *Problems) {
	id := k.id(&f.Body)
	for i := range k.columns {
		c := &k.columns[i]
		if c.input {
			continue
		}
		s := c.write(&f.Body)
		if c.required && s == "" {
			p.add(f.origin, k.name, id, c.name, "is empty: it is needed")
		}
		if r, found := unwritable(s); found {
			p.add(f.origin, k.name, id, c.name, "has the control character U+%04X within, which no workbook can hold: remove it", r)
		}
	}
	if k.vet != nil {
		k.vet(&f.Body, rules, func(column, text string) { p.add(f.origin, k.name, id, column, "%s", text) })
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		p.add(f.origin, k.name, id, "valid_to", "is not after valid_from: it is the first day on which the row holds no longer")
	}
}

// arrange orders the rows of one id. A row that is open ends where the next
// one starts; rows that overlap otherwise are reported.
func arrange[T any](k *kind[T], id string, rows timeline[T], p *Problems) timeline[T] {
	slices.SortStableFunc(rows, func(a, b segment[T]) int { return cmp.Compare(a.from, b.from) })
	var out timeline[T]
	for _, s := range rows {
		if s.from >= s.to {
			continue // reported by vetRow
		}
		if n := len(out); n > 0 {
			last := &out[n-1]
			switch {
			case last.from == s.from && last.to == s.to:
				p.add(s.origin, k.name, id, "id", "%q is there twice%s: remove one, or give each its valid_from", id, also(last.origin))
				continue
			case last.to == open && last.from < s.from:
				last.to, last.origin.cut = s.from, true
			case last.to > s.from:
				p.add(s.origin, k.name, id, "valid_from", "%q holds from a day on which the row before it%s still holds: end that one by valid_to", id, also(last.origin))
				last.to = max(s.from, last.from+1) // so that no other problem follows from this one
			}
		}
		out = append(out, s)
	}
	return out
}

// also names the other row of a pair.
func also(o origin) string {
	if o.line == 0 {
		return ""
	}
	return " (line " + formatInt(o.line) + ")"
}

// repeats tells whether the rows only say without dates what holds anyway.
// Such a row also leaves alone a change that is planned for later.
func (rows timeline[T]) repeats(old timeline[T], effective int64) bool {
	if len(rows) > 1 || !rows[0].origin.vague || rows[0].to != open {
		return false
	}
	known := old.at(effective)
	return known != nil && known.body == rows[0].body
}

// start is the moment from which a row holds that does not say since when: if
// the register says the same, since then; if it knows nothing, since ever;
// else from the effective moment on.
func start[T any](row *segment[T], old timeline[T], effective int64) int64 {
	if !row.origin.vague || len(old) == 0 {
		return row.from
	}
	known := old.at(min(effective, row.to-1))
	switch {
	case known != nil && (known.body == row.body || row.to <= effective):
		return known.from
	case row.to <= effective:
		return ever
	}
	return effective
}

// millis gives the effective moment of an import.
func millis(t time.Time, now func() time.Time) int64 {
	if t.IsZero() {
		t = now()
	}
	return t.UnixMilli()
}
