package grid

// Grade is how far a figure can be trusted. A lower grade is better.
type Grade uint8

// The grades, best first. The zero value is Good: a figure that is there and
// has no mark came from the meter and passed the plausibility checks.
const (
	Good        Grade = iota
	Suspect           // came from the meter, but does not fit (clock off, out of step)
	Estimated         // made by a rule of the gap audit; never counts as received
	Substituted       // typed in or taken from another source by a person
)

// String gives the lower-case English word.
func (g Grade) String() string {
	switch g {
	case Good:
		return "good"
	case Suspect:
		return "suspect"
	case Estimated:
		return "estimated"
	case Substituted:
		return "substituted"
	}
	return "grade?"
}

// Quality holds the grade of each quantity of a reading, two bits a quantity.
// The zero value grades all Good.
type Quality uint64

// Of gives the grade of q.
func (k Quality) Of(q Quantity) Grade { return Grade(k >> (2 * q) & 3) }

// With gives the quality with q graded g.
func (k Quality) With(q Quantity, g Grade) Quality {
	return k&^(3<<(2*q)) | Quality(g&3)<<(2*q)
}

// Worst gives the worst grade among the quantities in v.
func (k Quality) Worst(v *Values) Grade {
	worst := Good
	for q := range v.All() {
		worst = max(worst, k.Of(q))
	}
	return worst
}
