package store

import (
	"fmt"
	"slices"
	"time"

	"phutai/grid"
)

// SubstituteRule lets the gap audit put figures in the place of rows of a load
// profile that stay missing. Without a rule it makes none.
type SubstituteRule struct {
	// Name is kept with each row that the rule has made.
	Name string `yaml:"name"`
	// ValidFrom is the first day of gaps that it is about, such as 2026-06-01.
	ValidFrom string `yaml:"valid_from"`
	// Method is linear or previous-day.
	Method string `yaml:"method"`
	// MaxGap is the longest gap that it closes.
	MaxGap time.Duration `yaml:"max_gap"`
	// Quantities names what is made, such as p or ea_imp; empty: all that the
	// method can make.
	Quantities []string `yaml:"quantities"`
}

// The methods.
const (
	methodLinear      = "linear"
	methodPreviousDay = "previous-day"
)

// longestGap bounds what a rule may close: beyond a day nobody knows what was.
const longestGap = 24 * time.Hour

// validateRules gives what is wrong with rules.
func validateRules(rules []SubstituteRule) []grid.Problem {
	var out []grid.Problem
	seen := map[[2]string]bool{}
	for i := range rules {
		r := &rules[i]
		add := func(bad bool, text string) {
			if bad {
				out = append(out, grid.Problem{Field: "substitutes", Text: fmt.Sprintf("rule %d (%.40q): %s", i+1, r.Name, text)})
			}
		}
		add(r.Name == "" || len(r.Name) > 60, "give it a name of at most 60 letters: it is kept with each figure that it makes")
		_, err := time.Parse(time.DateOnly, r.ValidFrom)
		add(err != nil, fmt.Sprintf("valid_from %q is no day; write the first day that it holds for, such as 2026-06-01", r.ValidFrom))
		add(r.Method != methodLinear && r.Method != methodPreviousDay, fmt.Sprintf("method %q is not known; use linear or previous-day", r.Method))
		add(r.MaxGap < time.Minute || r.MaxGap > longestGap, "max_gap must be between 1m and 24h; 2h suits linear, 24h previous-day")
		for _, name := range r.Quantities {
			q, ok := grid.ParseQuantity(name)
			add(!ok || !makeable(q), fmt.Sprintf("quantity %q cannot be made; use names such as p, q, s, ia, ua, ea_imp", name))
		}
		key := [2]string{r.Name, r.ValidFrom}
		add(seen[key], "is there twice from the same day")
		seen[key] = true
	}
	return out
}

// makeable tells whether a figure can be made at all. A power factor changes its
// sign and a frequency its course too quickly to be told from the rows beside.
func makeable(q grid.Quantity) bool { return q != grid.Pf && q != grid.F }

// rule is a SubstituteRule made ready.
type rule struct {
	name, method string
	from         time.Time
	most         time.Duration
	only         []grid.Quantity // nil: all
}

func (r *rule) makes(q grid.Quantity) bool {
	return makeable(q) && (r.only == nil || slices.Contains(r.only, q))
}

// rulesOf makes valid rules ready, with days that begin in zone.
func rulesOf(rules []SubstituteRule, zone *time.Location) []rule {
	var out []rule
	for i := range rules {
		r := &rules[i]
		from, err := time.ParseInLocation(time.DateOnly, r.ValidFrom, zone)
		if err != nil {
			continue // Validate has told
		}
		x := rule{name: r.Name, method: r.Method, from: from, most: r.MaxGap}
		for _, name := range r.Quantities {
			if q, ok := grid.ParseQuantity(name); ok {
				x.only = append(x.only, q)
			}
		}
		out = append(out, x)
	}
	return out
}
