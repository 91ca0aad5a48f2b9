package sim

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"phutai/grid"
)

// TruthHeader is the first line of a truth file.
func TruthHeader() []string {
	return []string{"time", "point", "source", "quantity", "secondary", "primary"}
}

// WriteTruth writes what all meters show between from and to as CSV in the
// columns of TruthHeader: the rows of the load profiles that end in that time
// (source profile), and the instantaneous values at each whole step after from
// up to to (source instant). Values have the digits of the meter's protocol;
// the primary ones are made with the register's ratio and rounded as the
// stores round. A step of zero leaves the instantaneous values out.
func (p *Province) WriteTruth(w io.Writer, from, to time.Time, step time.Duration) error {
	out := csv.NewWriter(w)
	if err := out.Write(TruthHeader()); err != nil {
		return fmt.Errorf("write the truth file: %w", err)
	}
	for _, s := range p.stations {
		if err := p.writeStation(out, s, from, to, step); err != nil {
			return fmt.Errorf("write the truth of point %s: %w", s.point.ID, err)
		}
	}
	out.Flush()
	return out.Error()
}

func (p *Province) writeStation(out *csv.Writer, s *station, from, to time.Time, step time.Duration) error {
	if !s.modbus {
		for _, row := range s.rows(from, to) {
			if err := s.writeValues(out, row.End, grid.Profile, s.wire(row.Values, true)); err != nil {
				return err
			}
		}
	}
	if step <= 0 {
		return nil
	}
	for t := from.Truncate(step).Add(step); !t.After(to); t = t.Add(step) {
		if err := s.writeValues(out, t, grid.Instant, s.wire(s.instant(p.renewal(t)), false)); err != nil {
			return err
		}
	}
	return nil
}

func (s *station) writeValues(out *csv.Writer, at time.Time, source grid.Source, v grid.Values) error {
	for q, x := range v.All() {
		err := out.Write([]string{
			at.UTC().Format(time.RFC3339), string(s.point.ID), source.String(), q.String(),
			strconv.FormatFloat(x, 'f', -1, 64),
			strconv.FormatFloat(s.ratio.Primary(q, x), 'f', -1, 64),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
