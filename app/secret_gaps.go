package app

import (
	"fmt"
	"io"
	"time"

	"phutai/fleet"
	"phutai/grid"
)

// secretGap is a secret that meters of this process need and that cannot be
// read. It stops neither an import nor the start: the file may come later, and
// until then its meters alone are absent.
type secretGap struct {
	where string // of the first meter that needs it
	more  int    // meters after it
	err   error
}

// String gives "where: what to do", and for how many meters more.
func (g secretGap) String() string {
	s := g.where + ": " + g.err.Error()
	if g.more > 0 {
		s += fmt.Sprintf(" (and %d more meters)", g.more)
	}
	return s + "; what needs it is not polled until then"
}

// secretGaps collects gaps, one a secret.
type secretGaps struct {
	cfg   *Config
	gaps  []secretGap
	known map[string]int // index of the gap by the secret's name; -1: can be read
}

func (s *secretGaps) look(m *grid.Meter, where string) {
	if !s.cfg.has(Collect) || m.Collector != "" && m.Collector != s.cfg.Collector.ID {
		return // its secret lies with another collector
	}
	i, known := s.known[m.Secret]
	switch {
	case !known:
		i = -1
		if _, err := secretFolder(s.cfg.Secrets).Secret(m.Secret); err != nil {
			i = len(s.gaps)
			s.gaps = append(s.gaps, secretGap{where: where, err: err})
		}
		s.known[m.Secret] = i
	case i >= 0:
		s.gaps[i].more++
	}
}

// warnOfGaps prints gaps, a line each.
func warnOfGaps(out io.Writer, gaps []secretGap) error {
	for _, g := range gaps {
		if _, err := fmt.Fprintf(out, "warning: %s\n", g); err != nil {
			return err
		}
	}
	return nil
}

// gapsOfView looks at the meters that stand somewhere now.
func gapsOfView(cfg *Config, v *fleet.View) []secretGap {
	s := secretGaps{cfg: cfg, known: map[string]int{}}
	for m := range v.Meters() {
		s.look(&m, "meter "+string(m.ID))
	}
	return s.gaps
}

// gapsOfSet looks at the rows of a register file that are not over at now.
func gapsOfSet(cfg *Config, set *fleet.Set, now time.Time) []secretGap {
	s := secretGaps{cfg: cfg, known: map[string]int{}}
	for i := range set.Meters {
		f := &set.Meters[i]
		if !f.To.IsZero() && !f.To.After(now) {
			continue
		}
		file, line := f.Source()
		s.look(&f.Body, fmt.Sprintf("%s:%d: meter %s", file, line, f.Body.ID))
	}
	return s.gaps
}
