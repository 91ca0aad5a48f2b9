package store

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
)

func TestLetterOfAReadingKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := func(name string) time.Time {
			return time.UnixMilli(rapid.Int64Range(0, 4_102_444_799_999).Draw(t, name)).UTC()
		}
		want := grid.Reading{
			Point: grid.PointID(rapid.StringN(1, 30, 60).Draw(t, "point")), Source: rapid.SampledFrom([]grid.Source{grid.Instant, grid.Profile}).Draw(t, "source"),
			At: moment("at"), Detail: rapid.StringN(0, 30, 60).Draw(t, "detail"), Ratio: rapid.Float64Range(0, 1e6).Draw(t, "ratio"),
			Interval: time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "interval")),
			Missing:  grid.Reason(rapid.IntRange(0, int(grid.GapInMeter)).Draw(t, "reason")),
		}
		if rapid.Bool().Draw(t, "polled") {
			want.PolledAt, want.ClockKnown, want.ClockOffset = moment("polled at"), true, time.Duration(rapid.Int32().Draw(t, "offset"))*time.Millisecond
		}
		for q := range grid.NumQuantities {
			if rapid.Bool().Draw(t, "has") {
				want.Values.Set(q, rapid.Float64().Draw(t, "figure"))
				want.Quality = want.Quality.With(q, grid.Grade(rapid.IntRange(0, 3).Draw(t, "grade")))
			}
		}
		got, err := parseLetter(letter(&want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b grid.Values) bool { return a == b })); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestLetterKeepsFiguresThatAreNone(t *testing.T) {
	r := grid.Reading{Point: "A", Source: grid.Instant, At: time.UnixMilli(1_780_000_000_000).UTC()}
	r.Values.Set(grid.P, math.NaN())
	r.Values.Set(grid.Q, math.Inf(-1))
	got, err := parseLetter(letter(&r))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := got.Values.Get(grid.P)
	q, _ := got.Values.Get(grid.Q)
	if !math.IsNaN(p) || !math.IsInf(q, -1) {
		t.Errorf("got %v and %v", p, q)
	}
}

func TestWhatIsNoLetterIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "null", "[]", `{"epoch":"e","first_seq":1,"readings":[]}`, `{"Point":"A"}`,
		`{"Point":"A","Source":"rumour","At":"2026-06-01T00:00:00Z"}`,
		`{"Point":"A","Source":"instant","At":"yesterday"}`,
		`{"Point":"A","Source":"instant","At":"2026-06-01T00:00:00Z","Values":{"colour":"1"}}`,
		`{"Point":"A","Source":"instant","At":"2026-06-01T00:00:00Z","Values":{"p":"much"}}`,
		`{"Point":"A","Source":"instant","At":"2026-06-01T00:00:00Z","Interval":"long"}`,
	} {
		if r, err := parseLetter([]byte(text)); err == nil {
			t.Errorf("%s was read as %+v", text, r)
		}
	}
}

func TestOldLettersAreToldByTheirPayload(t *testing.T) {
	const reading = `{"Point":"A","Source":"instant","At":"2026-06-01T00:00:00Z","Values":{"p":"1.5"}}`
	for _, c := range []struct {
		letter DeadLetter
		kind   LetterKind
		why    string
	}{
		{DeadLetter{Reason: "no-ratio", Payload: []byte(reading)}, LetterReading, ""},
		{DeadLetter{Reason: "poison", Payload: []byte("{")}, LetterMessage, ""},
		{DeadLetter{Reason: "poison", Payload: []byte(reading)}, LetterGarbled, "only the collector can send it again"},
		{DeadLetter{Reason: "refused", Payload: []byte("reading,point=A p=1 1")}, LetterLine, "another database"},
		{DeadLetter{Reason: "poison", Payload: []byte(reading), Kind: LetterMessage}, LetterMessage, ""},
	} {
		why := c.letter.Retryable()
		if got := c.letter.kind(); got != c.kind || (why != nil) != (c.why != "") || why != nil && !strings.Contains(why.Error(), c.why) {
			t.Errorf("%s %s: kind %d, %v; want %d, %q", c.letter.Reason, c.letter.Payload, got, why, c.kind, c.why)
		}
	}
}

func FuzzLetter(f *testing.F) {
	f.Add([]byte(`{"Point":"A","Source":"instant","At":"2026-06-01T00:00:00Z","Values":{"p":"NaN"},"Quality":3,"Ratio":"120"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseLetter(b)
		if err != nil {
			return
		}
		if _, err := parseLetter(letter(&r)); err != nil && r.At.Year() < 10_000 && r.PolledAt.Year() < 10_000 {
			t.Fatalf("cannot read own letter: %v", err)
		}
	})
}
