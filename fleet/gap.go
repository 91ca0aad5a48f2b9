package fleet

// tellGaps reports the gaps that an import leaves in the time of one thing.
// Those that were known before are not its fault.
func tellGaps[T any](k *kind[T], id string, old, now timeline[T], rules Rules, p *Problems) {
	for i := 1; i < len(now); i++ {
		before, after := &now[i-1], &now[i]
		if before.to == after.from || old.gap(before.to, after.from) || before.origin.kept && after.origin.kept {
			continue
		}
		at, column := after.origin, "valid_from"
		if at.line < before.origin.line || at.file == "" {
			at, column = before.origin, "valid_to"
		}
		zone := rules.zone()
		p.add(at, k.name, id, column, "%q is not there from %s until %s: let one row start on the day on which the other ends, or give what comes later an id of its own",
			id, formatDate(fromMillis(before.to), zone), formatDate(fromMillis(after.from), zone))
	}
}

// gap tells whether t has a gap of exactly [from, to).
func (t timeline[T]) gap(from, to int64) bool {
	for i := 1; i < len(t); i++ {
		if t[i-1].to == from && t[i].from == to {
			return true
		}
	}
	return false
}
