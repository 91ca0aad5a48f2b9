package lossless

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Verdict is what was found.
type Verdict struct {
	Committed int            // keys that the spool ever committed
	Stored    int            // rows of the journal that collectors brought
	Lost      int            // committed and not in the journal
	Doubled   int            // in the journal more than once
	Foreign   int            // in the journal and never committed
	Replaced  int            // tombstones in the journal whose successors are there too
	Rows      int            // of load profiles that are what the meters hold
	Polls     int            // answers that are what the meters showed
	Wrong     int            // figures, keys or rows that they never showed
	Slots     int            // polls that were due
	Absences  map[string]int // by reason
	Gaps      int            // due, and neither there nor explained
	Faults    []string       // all that is wrong, in words; the first hundred
	more      int            // beyond them
}

// mostFaults bounds what is told of one run.
const mostFaults = 100

func (v *Verdict) fault(count *int, format string, args ...any) {
	*count++
	if len(v.Faults) == mostFaults {
		v.more++
		return
	}
	v.Faults = append(v.Faults, fmt.Sprintf(format, args...))
}

// Err is nil where nothing is wrong, and all that is wrong otherwise.
func (v Verdict) Err() error {
	if len(v.Faults) == 0 {
		return nil
	}
	all := make([]error, 0, len(v.Faults)+1)
	for _, f := range v.Faults {
		all = append(all, errors.New(f))
	}
	if v.more > 0 {
		all = append(all, fmt.Errorf("and %d more", v.more))
	}
	return errors.Join(all...)
}

// String is the verdict in one line.
func (v Verdict) String() string {
	var why []string
	for _, reason := range slices.Sorted(maps.Keys(v.Absences)) {
		why = append(why, fmt.Sprintf("%s %d", reason, v.Absences[reason]))
	}
	return fmt.Sprintf("committed %d · stored %d · lost %d · doubled %d · foreign %d · wrong %d · polls due %d, gaps without a reason %d (%s) · profile rows as in the meters %d",
		v.Committed, v.Stored, v.Lost, v.Doubled, v.Foreign, v.Wrong, v.Slots, v.Gaps, strings.Join(why, ", "), v.Rows)
}
