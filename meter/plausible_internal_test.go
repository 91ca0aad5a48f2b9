package meter

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
)

// scripted is a device that shows one sample after another.
type scripted struct {
	samples []grid.Sample
	err     error
}

func (s *scripted) Poll(context.Context) (grid.Sample, error) {
	next := s.samples[0]
	s.samples = s.samples[1:]
	return next, s.err
}

func (s *scripted) History(_ context.Context, _, _ time.Time, row func(grid.Sample) error) error {
	for _, x := range s.samples {
		if err := row(x); err != nil {
			return err
		}
	}
	return s.err
}

func (s *scripted) Release(context.Context) error { return s.err }

func sample(t *testing.T, figures map[string]float64) (s grid.Sample) {
	t.Helper()
	for name, x := range figures {
		q, ok := grid.ParseQuantity(name)
		if !ok {
			t.Fatalf("no quantity %q", name)
		}
		s.Values.Set(q, x)
	}
	return s
}

func figures(s grid.Sample) map[string]float64 {
	m := map[string]float64{}
	for q, x := range s.Values.All() {
		m[q.String()] = x
	}
	return m
}

func suspects(s grid.Sample) string {
	var names []string
	for q := range grid.NumQuantities {
		if s.Quality.Of(q) == grid.Suspect {
			names = append(names, q.String())
		}
	}
	return strings.Join(names, " ")
}

type fig = map[string]float64

func TestWhatCannotBeTrueIsLeftOut(t *testing.T) {
	for _, tc := range []struct {
		name     string
		in, want fig
		dropped  bool
		suspect  string
	}{
		{"sound", fig{"ua": 230, "ia": 5, "p": -2, "f": 50}, fig{"ua": 230, "ia": 5, "p": -2, "f": 50}, false, ""},
		{"dead phase is true", fig{"ua": 0, "ia": 0, "f": 0}, fig{"ua": 0, "ia": 0, "f": 0}, false, ""},
		{"no number", fig{"ua": math.NaN(), "p": math.Inf(-1), "ub": 230}, fig{"ub": 230}, true, ""},
		{"voltage", fig{"ua": 601, "ub": -1, "uc": 600}, fig{"uc": 600}, true, ""},
		{"current", fig{"ia": -0.1, "ib": 1e9, "ic": 3, "in": -5}, fig{"ic": 3}, true, ""},
		{"frequency", fig{"f": 500}, fig{}, true, ""},
		{"power", fig{"p": 1e6, "qa": -1e6, "s": -1, "pa": 1}, fig{"pa": 1}, true, ""},
		{"counter below zero", fig{"ea_imp": -1, "er_exp": 0}, fig{"er_exp": 0}, true, ""},
		{"power factor a hair over one", fig{"pf": 1.004}, fig{"pf": 1}, false, ""},
		{"power factor a hair below minus one", fig{"pf": -1.01}, fig{"pf": -1}, false, ""},
		{"power factor of something else", fig{"pf": 97}, fig{}, true, ""},
		{"S fits", fig{"p": 3, "q": 4, "s": 5.1}, fig{"p": 3, "q": 4, "s": 5.1}, false, ""},
		{"S too small", fig{"p": 3, "q": 4, "s": 3}, fig{"p": 3, "q": 4, "s": 3}, false, "p q s"},
		{"S too small to tell", fig{"p": 0.004, "q": 0, "s": 0}, fig{"p": 0.004, "q": 0, "s": 0}, false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newPlausible(&scripted{samples: []grid.Sample{sample(t, tc.in)}}, DefaultLimits())
			s, err := d.Poll(t.Context())
			if diff := cmp.Diff(tc.want, figures(s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := suspects(s); got != tc.suspect {
				t.Errorf("suspect: got %q, want %q", got, tc.suspect)
			}
			var ie *ImplausibleError
			if errors.As(err, &ie) != tc.dropped {
				t.Errorf("error: %v", err)
			}
			if tc.dropped && Reason(err) != grid.OutOfRange {
				t.Errorf("reason %v", Reason(err))
			}
		})
	}
}

func TestSolarOnOnePhaseIsNoMismatch(t *testing.T) {
	// +10 kW on A, -8 kW on B: S is 2 kVA as a vector, 18 kVA arithmetically.
	three := fig{"ua": 230, "ub": 230, "uc": 230, "ia": 43.5, "ib": 34.8, "ic": 0, "pa": 10, "pb": -8, "pc": 0, "qa": 0, "qb": 0, "qc": 0, "p": 2, "q": 0}
	for s, want := range map[float64]string{2: "", 18: "", 30: "p q s", 1: "p q s"} {
		three["s"] = s
		d := newPlausible(&scripted{samples: []grid.Sample{sample(t, three)}}, DefaultLimits())
		got, err := d.Poll(t.Context())
		if err != nil || suspects(got) != want {
			t.Errorf("S = %v: suspect %q and %v, want %q", s, suspects(got), err, want)
		}
	}
	three["s"], three["pa"] = 18, 1
	d := newPlausible(&scripted{samples: []grid.Sample{sample(t, three)}}, DefaultLimits())
	if got, _ := d.Poll(t.Context()); suspects(got) != "p pa pb pc" {
		t.Errorf("phases that do not add up: suspect %q", suspects(got))
	}
}

func TestCounterThatRunsBackwardsIsSuspectOnce(t *testing.T) {
	var all []grid.Sample
	for _, x := range []float64{100, 101, 5, 5, 6} {
		all = append(all, sample(t, fig{"ea_imp": x}))
	}
	d := newPlausible(&scripted{samples: all}, DefaultLimits())
	var got []string
	for range 5 {
		s, err := d.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, suspects(s))
	}
	if diff := cmp.Diff([]string{"", "", "ea_imp", "", ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFailureOfTheMeterComesBeforeThatOfAFigure(t *testing.T) {
	broken := errors.New("broken")
	d := newPlausible(&scripted{samples: []grid.Sample{sample(t, fig{"ua": -1, "ub": 230})}, err: broken}, DefaultLimits())
	s, err := d.Poll(t.Context())
	if !errors.Is(err, broken) || s.Values.Len() != 1 {
		t.Errorf("got %v, %v", figures(s), err)
	}
	if err := d.Release(t.Context()); !errors.Is(err, broken) {
		t.Errorf("Release: %v", err)
	}
}

func TestRowsOfHistoryAreCheckedToo(t *testing.T) {
	rows := []grid.Sample{
		sample(t, fig{"ua": 231, "ia": -1}), sample(t, fig{"ia": 1e9}), sample(t, nil), sample(t, fig{"ea_imp": 7}),
	}
	type row struct {
		Figures fig
		Missing grid.Reason
		Detail  string
	}
	var got []row
	d := newPlausible(&scripted{samples: rows}, DefaultLimits())
	err := d.History(t.Context(), time.Time{}, time.Time{}, func(s grid.Sample) error {
		got = append(got, row{figures(s), s.Missing, s.Detail})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const out = "figures that cannot be true were left out: "
	want := []row{
		{fig{"ua": 231}, grid.NoReason, out + "ia=-1"}, {fig{}, grid.OutOfRange, out + "ia=1e+09"},
		{fig{}, grid.NoReason, ""}, {fig{"ea_imp": 7}, grid.NoReason, ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReasonOfAnErrorNobodyClassed(t *testing.T) {
	for want, err := range map[grid.Reason]error{
		grid.NoReason:   nil,
		grid.MeterError: errors.New("x"),
		grid.NoAnswer:   context.DeadlineExceeded,
		grid.OutOfRange: errors.Join(errors.New("x"), &ImplausibleError{}),
	} {
		if got := Reason(err); got != want {
			t.Errorf("%v: got %v, want %v", err, got, want)
		}
	}
}
