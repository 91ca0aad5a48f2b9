package lineproto_test

import (
	"math"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"phutai/grid"
	"phutai/store/lineproto"
)

var noon = time.Date(2026, 6, 3, 5, 0, 0, 0, time.UTC)

func reading(point grid.PointID, minutes int, kw float64) grid.Reading {
	r := grid.Reading{Point: point, Source: grid.Instant, At: noon.Add(time.Duration(minutes) * time.Minute), Ratio: 120}
	r.Values.Set(grid.P, kw)
	return r
}

func TestReadingIsOneLineOfFixedTypes(t *testing.T) {
	r := reading("471E11", 0, 250)
	r.Values.Set(grid.Ua, 229.87)
	r.Values.Set(grid.EaImp, 123456789.125)
	r.Quality = r.Quality.With(grid.P, grid.Estimated)
	want := "reading,point=471E11,source=instant ua=229.87,p=250,ea_imp=123456789.125,ratio=120,quality=32768i 1780462800000"
	if got := lineproto.ReadingLine(&r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUnknownFiguresOfALoadingAreLeftOut(t *testing.T) {
	l := grid.Loading{Transformer: "T 1", Source: grid.Profile, At: noon, PhaseMaxPct: grid.Known(110.9), WorstPhase: grid.PhaseA,
		LimitA: 577.35, Governor: grid.GovernRating, HotSpotC: grid.Known(math.NaN()), PKW: grid.Known(-3)}
	want := `loading,transformer=T\ 1,feeder=471\,E1 phase_max_pct=110.9,p_kw=-3,limit_a=577.35,worst_phase=1i,governor=1i,grade=0i,source=2i 1780462800000`
	if got := lineproto.LoadingLine(&l, "471,E1", ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// parseTag reads a tag value as a server does, and undoes our own escapes.
func parseTag(t *testing.T, written string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(written); i++ {
		c := written[i]
		switch {
		case c == '\\' && i+1 < len(written) && strings.IndexByte(", =", written[i+1]) >= 0:
			i++
			b.WriteByte(written[i])
		case strings.IndexByte(", =\\\n\r\x00", c) >= 0:
			t.Fatalf("%q holds an unescaped %q", written, c)
		default:
			b.WriteByte(c)
		}
	}
	id, err := url.PathUnescape(b.String())
	if err != nil {
		t.Fatalf("%q: %v", written, err)
	}
	return id
}

func TestHostileNamesComeBack(t *testing.T) {
	for _, id := range []string{
		"PD0600", "471E11", "a b", "a,b=c", `end\`, `a\,b`, "two\nlines", "x\x00y", "100%", "%41", "đường dây 22 kV", "\xff\xfe", "\uFFFD", "", `"quoted"`, "p q=1 2\nreading,point=z p=9",
	} {
		if got := parseTag(t, lineproto.TagValue(id)); got != id {
			t.Errorf("%q was written %q and comes back as %q", id, lineproto.TagValue(id), got)
		}
	}
}

func FuzzTagValue(f *testing.F) {
	for _, id := range []string{"PD0600", "a,b", "\\", "%", "\xed\xa0\x80", "\n"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		written := lineproto.TagValue(id)
		if !utf8.ValidString(written) {
			t.Fatalf("%q is written as %q, which is no UTF-8", id, written)
		}
		if got := parseTag(t, written); got != id {
			t.Fatalf("%q was written %q and comes back as %q", id, written, got)
		}
	})
}
