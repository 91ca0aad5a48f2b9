package app

import (
	"fmt"
	"io"
	"time"

	"phutai/fleet"
)

// mostChanges is how many changes of one sort are told each by itself.
const mostChanges = 100

// tellChanges prints what an import changes, what goes first, so that much
// that is new does not hide it.
func tellChanges(out io.Writer, diff *fleet.Diff, zone *time.Location) error {
	for _, sort := range []struct {
		what fleet.What
		word string
	}{{fleet.Removed, "gone"}, {fleet.Changed, "changed"}, {fleet.Added, "new"}} {
		told := 0
		for i := range diff.Changes {
			c := &diff.Changes[i]
			if c.What != sort.what {
				continue
			}
			if told++; told > mostChanges {
				continue
			}
			if err := tellChange(out, c, sort.word, during(c.From, c.To, zone)); err != nil {
				return err
			}
		}
		if told > mostChanges {
			if _, err := fmt.Fprintf(out, "and %d more %s\n", told-mostChanges, sort.word); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellChange prints one change: a line, or of a changed fact one a column.
func tellChange(out io.Writer, c *fleet.Change, word, when string) error {
	for _, f := range c.Fields {
		if _, err := fmt.Fprintf(out, "%s %s: %s: %q -> %q, %s\n", c.Kind, c.ID, f.Column, f.Before, f.After, when); err != nil {
			return err
		}
	}
	if len(c.Fields) > 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "%s %s: %s: %s\n", c.Kind, c.ID, when, word)
	return err
}

// during words an interval by the days, or the moments, at its ends.
func during(from, to time.Time, zone *time.Location) string {
	switch {
	case from.IsZero() && to.IsZero():
		return "always"
	case to.IsZero():
		return "from " + dayOf(from, zone)
	case from.IsZero():
		return "until " + dayOf(to, zone)
	}
	return "from " + dayOf(from, zone) + " until " + dayOf(to, zone)
}

// dayOf writes a day where t starts one, and else the moment.
func dayOf(t time.Time, zone *time.Location) string {
	l := t.In(zone)
	if h, m, s := l.Clock(); h == 0 && m == 0 && s == 0 {
		return l.Format(time.DateOnly)
	}
	return l.Format(time.RFC3339)
}
