package planning_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
	"phutai/planning"
)

// hanoi is seven hours ahead of UTC all year.
var hanoi = time.FixedZone("+07", 7*3600)

// midnight begins a local day.
var midnight = time.Date(2026, 6, 3, 0, 0, 0, 0, hanoi)

func at(minutes float64) time.Time {
	return midnight.Add(time.Duration(minutes * float64(time.Minute))).UTC()
}

// loadings and absences are stores in memory.
type loadings []grid.Loading

func (s loadings) LoadingSeries(_ context.Context, id grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error {
	for _, l := range s {
		if l.Transformer == id && !l.At.Before(from) && l.At.Before(to) {
			if err := f(l); err != nil {
				return err
			}
		}
	}
	return nil
}

type absences []grid.Reading

func (s absences) Absences(_ context.Context, point grid.PointID, from, to time.Time, f func(grid.Reading) error) error {
	for _, r := range s {
		if r.Point == point && !r.At.Before(from) && r.At.Before(to) {
			if err := f(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func instant(minutes, kva float64) grid.Loading {
	return grid.Loading{Transformer: "T1", Source: grid.Instant, At: at(minutes), SKVA: grid.Known(kva)}
}

func profile(minutes, kva float64) grid.Loading {
	l := instant(minutes, kva)
	l.Source = grid.Profile
	return l
}

func curve(to float64) planning.Curve {
	return planning.Curve{Transformer: "T1", Points: []grid.PointID{"A"}, From: midnight, To: at(to), Every: 30 * time.Minute, Zone: hanoi}
}

type short struct {
	End     string
	S       float64
	Source  grid.Source
	Missing grid.Reason
}

func rows(t testing.TB, c planning.Curve, l loadings, a absences) (out []short) {
	t.Helper()
	err := c.Rows(t.Context(), l, a, func(r planning.Row) error {
		out = append(out, short{r.End.Format("15:04"), math.Round(r.SKVA.X*1000) / 1000, r.Source, r.Missing})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestValuesAreWeightedByTheTimeTheySpeakFor(t *testing.T) {
	tests := []struct {
		name string
		l    loadings
		a    absences
		to   float64
		want []short
	}{
		{"profile rows of the same step", loadings{profile(30, 100), profile(60, 200)}, nil, 60,
			[]short{{"00:30", 100, grid.Profile, 0}, {"01:00", 200, grid.Profile, 0}}},
		{"five-minute values", loadings{instant(0, 999), instant(5, 100), instant(10, 100), instant(30, 190)}, nil, 30,
			[]short{{"00:30", 160, grid.Instant, 0}}},
		{"a value over the edge of a step", loadings{instant(0, 0), instant(20, 100), instant(40, 200)}, nil, 60,
			[]short{{"00:30", 133.333, grid.Instant, 0}, {"01:00", 200, grid.Instant, 0}}},
		{"an hourly profile in half-hours", loadings{profile(60, 80)}, nil, 60,
			[]short{{"00:30", 0, 0, grid.Late}, {"01:00", 80, grid.Profile, 0}}},
		{"profile before instantaneous values", loadings{profile(30, 100), instant(10, 5), instant(20, 5)}, nil, 30,
			[]short{{"00:30", 100, grid.Profile, 0}}},
		{"instantaneous values where the profile has a gap", loadings{instant(40, 7), instant(60, 7)}, nil, 60,
			[]short{{"00:30", 7, grid.Instant, 0}, {"01:00", 7, grid.Instant, 0}}},
		{"a gap with its reasons", loadings{profile(90, 1)}, absences{
			{Point: "A", At: at(0), Missing: grid.NoRoute}, {Point: "A", At: at(10), Missing: grid.NoAnswer},
			{Point: "A", At: at(30), Missing: grid.WrongPassword}, {Point: "B", At: at(40), Missing: grid.NoRoute}}, 90,
			[]short{{"00:30", 0, 0, grid.WrongPassword}, {"01:00", 0, 0, grid.Late}, {"01:30", 1, grid.Profile, 0}}},
		{"nothing of another transformer", loadings{{Transformer: "T2", Source: grid.Profile, At: at(30), SKVA: grid.Known(5)}}, nil, 30,
			[]short{{"00:30", 0, 0, grid.Late}}},
	}
	for _, c := range tests {
		if diff := cmp.Diff(c.want, rows(t, curve(c.to), c.l, c.a)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestStepsAreCutAtLocalMidnight(t *testing.T) {
	c := curve(24 * 60)
	c.Every, c.From = 4*time.Hour, at(95)
	var got []string
	for _, r := range rows(t, c, nil, nil) {
		got = append(got, r.End)
	}
	if diff := cmp.Diff([]string{"04:00", "08:00", "12:00", "16:00", "20:00", "00:00"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	c.To = at(100)
	if got := rows(t, c, nil, nil); len(got) != 0 {
		t.Errorf("a window without the end of a step gave %v", got)
	}
}

func TestWorstGradeOfTheStepIsKept(t *testing.T) {
	good, bad := instant(10, 1), instant(20, 1)
	bad.Grade = grid.Estimated
	bad.SKVA = grid.Float{}
	err := curve(30).Rows(t.Context(), loadings{good, bad}, absences{}, func(r planning.Row) error {
		if r.Grade != grid.Estimated || r.SKVA != grid.Known(1) || r.PKW.Known {
			t.Errorf("got %+v", r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasMadeYieldsToWhatWasMeasured(t *testing.T) {
	made := profile(30, 999)
	made.Grade = grid.Estimated
	for name, c := range map[string]struct {
		l     loadings
		kva   float64
		grade grid.Grade
	}{
		"polls of the whole step":   {loadings{instant(10, 100), instant(20, 100), instant(30, 100), made}, 100, grid.Good},
		"polls of a third of it":    {loadings{instant(-30, 100), instant(10, 100), made}, 999, grid.Estimated},
		"nothing else":              {loadings{made}, 999, grid.Estimated},
		"a row of the meter itself": {loadings{instant(30, 100), profile(30, 200)}, 200, grid.Good},
	} {
		err := curve(30).Rows(t.Context(), c.l, absences{}, func(r planning.Row) error {
			if r.SKVA != grid.Known(c.kva) || r.Grade != c.grade {
				t.Errorf("%s: %v kVA, %s; want %v, %s", name, r.SKVA, r.Grade, c.kva, c.grade)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestMeanLiesBetweenTheValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var l loadings
		m, low, high := 0.0, math.Inf(1), math.Inf(-1)
		for range rapid.IntRange(1, 60).Draw(rt, "n") {
			m += rapid.Float64Range(0.01, 45).Draw(rt, "gap")
			v := rapid.Float64Range(-500, 500).Draw(rt, "kva")
			low, high = min(low, v), max(high, v)
			l = append(l, instant(m, v))
		}
		c := curve(m + 30)
		c.Every = rapid.SampledFrom([]time.Duration{time.Minute, 15 * time.Minute, time.Hour}).Draw(rt, "every")
		err := c.Rows(t.Context(), l, absences{}, func(r planning.Row) error {
			if r.SKVA.Known != (r.Missing == grid.NoReason) {
				rt.Fatalf("row %+v has neither value nor reason, or both", r)
			}
			if r.SKVA.Known && (r.SKVA.X < low-1e-6 || r.SKVA.X > high+1e-6) {
				rt.Fatalf("mean %v is outside %v to %v", r.SKVA.X, low, high)
			}
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}

func TestCurveThatCannotBeCutIsRefused(t *testing.T) {
	tests := map[string]func(*planning.Curve){
		"divide a day":      func(c *planning.Curve) { c.Every = 7 * time.Minute },
		"at least one":      func(c *planning.Curve) { c.Every = time.Second },
		"no time zone":      func(c *planning.Curve) { c.Zone = nil },
		"must come after":   func(c *planning.Curve) { c.To = c.From },
		"take a longer":     func(c *planning.Curve) { c.Every, c.To = time.Minute, c.From.AddDate(50, 0, 0) },
		"15m, 30m or 1h":    func(c *planning.Curve) { c.Every = 0 },
		"day and be at lea": func(c *planning.Curve) { c.Every = 48 * time.Hour },
	}
	for want, spoil := range tests {
		c := curve(60)
		spoil(&c)
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		err := c.Write(t.Context(), planning.English, loadings{}, absences{}, w)
		w.Flush()
		if err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("got %v and %q, want %q and nothing", err, &out, want)
		}
	}
	if err := curve(60).Write(t.Context(), "fr", loadings{}, absences{}, csv.NewWriter(&bytes.Buffer{})); err == nil {
		t.Error("a language without texts was taken")
	}
}

func TestTableIsAsPrinted(t *testing.T) {
	full := profile(30, 337.2)
	full.PKW, full.Amps = grid.Known(-12.345), [3]grid.Float{grid.Known(640), grid.Known(420), grid.Known(400)}
	full.PhaseMaxPct, full.LoadingPct, full.Grade = grid.Known(110.85), grid.Known(84.3), grid.Suspect
	for _, lang := range []planning.Lang{planning.Vietnamese, planning.English} {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		gone := absences{{Point: "A", At: at(45), Missing: grid.NoAnswer}}
		if err := curve(60).Write(t.Context(), lang, loadings{full}, gone, w); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		want, err := os.ReadFile(filepath.Join("testdata", "curve_"+string(lang)+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestEveryReasonHasItsWordsInBothLanguages(t *testing.T) {
	for r := grid.NotDeclared; r <= grid.NotPolled; r++ {
		words := map[string]bool{}
		for _, lang := range []planning.Lang{planning.Vietnamese, planning.English} {
			var out bytes.Buffer
			w := csv.NewWriter(&out)
			if err := curve(30).Write(t.Context(), lang, loadings{}, absences{{Point: "A", At: at(1), Missing: r}}, w); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			all, err := csv.NewReader(&out).ReadAll()
			if err != nil || len(all) != 2 || all[1][11] == "" {
				t.Fatalf("%s in %s: %v, %v", r, lang, all, err)
			}
			words[all[1][11]] = true
		}
		if len(words) != 2 {
			t.Errorf("%s has the same words in both languages: %v", r, words)
		}
	}
}

// full is a table that takes no more.
type full struct{}

func (full) Write([]string) error { return errors.New("disk full") }

func TestFullTableEndsTheExport(t *testing.T) {
	if err := curve(60).Write(t.Context(), planning.English, loadings{}, absences{}, full{}); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

func TestValueSpeaksNoFurtherBackThanItsPolls(t *testing.T) {
	late := instant(52, 300)
	late.Interval = 5 * time.Minute
	var rows []planning.Row
	err := curve(60).Rows(t.Context(), loadings{late}, absences{}, func(r planning.Row) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0].SKVA.Known {
		t.Errorf("the first half hour shows %v kVA, which nobody has measured", rows[0].SKVA.X)
	}
	if rows[1].SKVA != grid.Known(300) || rows[1].Grade != grid.Suspect {
		t.Errorf("ten minutes of the second half hour show as %+v of grade %v, want 300 kVA, suspect", rows[1].SKVA, rows[1].Grade)
	}
}
