package fleet

import (
	"time"

	"phutai/grid"
)

// Kind names what a fact is about, and the sheet or file that holds it.
type Kind string

// The kinds, in the order in which they refer to each other.
const (
	Units        Kind = "units"
	Feeders      Kind = "feeders"
	Substations  Kind = "substations"
	Transformers Kind = "transformers"
	Points       Kind = "points"
	Meters       Kind = "meters"
	Priorities   Kind = "priorities"
	Neighbours   Kind = "neighbours"
)

// Fact is one thing and the interval [From, To) in which it is so. A zero From
// means since ever, a zero To means open.
type Fact[T any] struct {
	Body     T
	From, To time.Time

	origin origin
}

// Source tells where the fact was read: "meters.csv" or "book.xlsx!meters", and
// the line. It is empty for one that came from no file.
func (f *Fact[T]) Source() (file string, line int) { return f.origin.file, f.origin.line }

// origin is where a fact was read, so that problems found later still name the
// line.
type origin struct {
	file    string
	line    int
	vague   bool            // From was not written: the import decides
	kept    bool            // it comes from a register, not from an import
	cut     bool            // To was not written: the next row of the same id starts there
	spoiled map[string]bool // columns already reported
}

// Set is a register, or a part of one, on its way in or out.
type Set struct {
	Units        []Fact[grid.Unit]
	Feeders      []Fact[grid.Feeder]
	Substations  []Fact[grid.Substation]
	Transformers []Fact[grid.Transformer]
	Points       []Fact[grid.MeteringPoint]
	Meters       []Fact[grid.Meter]
	Priorities   []Fact[grid.PrioritySite]
	Neighbours   []Fact[grid.Neighbour]

	problems  Problems // of reading; a set that has any is never imported
	unmatched Problems // rows of a list that name nothing known, which are left out of the set
	claims    []claim
	notes     []Problem
	named     map[Kind]map[string]bool // ids of which a list tells, whether or not a row could be read
	onto      int64                    // the version of the register of which a list fills its gaps; zero: none
	lost      map[Kind]bool            // kinds of which a table could not be read
}

// Notes tells what reading has passed over or taken on trust, so that people
// look at it. It keeps nothing from being imported.
func (s *Set) Notes() []Problem { return s.notes }

// claim is what a list says of a point and nobody can take in as it stands.
type claim struct {
	id    string
	field Field
}

func (s *Set) name(k Kind, id string) {
	if s.named == nil {
		s.named = map[Kind]map[string]bool{}
	}
	if s.named[k] == nil {
		s.named[k] = map[string]bool{}
	}
	s.named[k][id] = true
}

// Of makes facts that hold since ever, or for something already known since
// the effective time of the import, from plain things.
func Of[T any](things ...T) []Fact[T] {
	facts := make([]Fact[T], len(things))
	for i, x := range things {
		facts[i] = Fact[T]{Body: x, origin: origin{vague: true}}
	}
	return facts
}

// Len is the number of facts of all kinds.
func (s *Set) Len() int {
	return len(s.Units) + len(s.Feeders) + len(s.Substations) + len(s.Transformers) + len(s.Points) + len(s.Meters) +
		len(s.Priorities) + len(s.Neighbours)
}

// Rules is what the register must be told of the rest of the house to judge a
// row. The zero value checks neither profiles nor lines and cuts days in
// Vietnam's time.
type Rules struct {
	Zone     *time.Location     // in which a date starts; nil: UTC+7
	Profiles map[string]Profile // known meter profiles by name; nil: any name goes
	Secret   func(string) error // judges the name of a secret; nil: any goes
	// Line judges how a meter is reached, and gives the one spelling of it under
	// which meters stand on one line; nil: judged by its form, kept as written.
	Line func(string) (string, error)
}

// Profile is what matters here of a meter profile.
type Profile struct {
	MaxAddress int    // highest address of a meter, 247 for Modbus; zero: 65535
	Address    int    // of a meter that does not say; zero: not known
	Protocol   string // one for all meters of a line; empty: not known
}

// line gives the one spelling of a line, or the line as it is where it is none.
func (r Rules) line(s string) string {
	if r.Line == nil {
		return s
	}
	if normal, err := r.Line(s); err == nil {
		return normal
	}
	return s
}

// zone gives the location in which dates are cut.
func (r Rules) zone() *time.Location {
	if r.Zone == nil {
		return time.FixedZone("+07", 7*3600) // Asia/Ho_Chi_Minh since 1975, without summer time
	}
	return r.Zone
}
