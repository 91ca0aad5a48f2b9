package pack_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store/pack"
)

func sums() grid.LoadDay {
	day := time.Date(2026, 6, 2, 17, 0, 0, 0, time.UTC)
	return grid.LoadDay{
		Day: day, Profile: [4]int{46, 1, 0, 1}, Last: day.Add(24 * time.Hour), WorstPhase: grid.PhaseC,
		PhaseMaxPct: grid.Peak{X: 110.851, At: day.Add(20 * time.Hour), Grade: grid.Suspect, Known: true},
		SKVA:        grid.Peak{X: 337.2, At: day.Add(time.Millisecond), Known: true},
		MinKW:       grid.Known(-12.001), MaxKW: grid.Known(290), EnergyKWh: grid.Known(0.1 + 0.2), Covered: 23 * time.Hour,
	}
}

func TestDayComesBackAsItWas(t *testing.T) {
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		want := sums()
		if source == grid.Instant {
			want.Instant, want.Profile = want.Profile, want.Instant
		}
		got := grid.LoadDay{Day: want.Day, Transformer: "T"}
		want.Transformer = "T"
		err := pack.Day(pack.AppendDay(nil, source, &want), source, &got)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func FuzzDay(f *testing.F) {
	whole := sums()
	f.Add(pack.AppendDay(nil, grid.Profile, &whole))
	f.Add(pack.AppendDay(nil, grid.Instant, &grid.LoadDay{Day: whole.Day, Last: whole.Day}))
	f.Fuzz(func(t *testing.T, body []byte) {
		first := grid.LoadDay{Day: whole.Day}
		if pack.Day(body, grid.Profile, &first) != nil {
			return
		}
		_ = pack.AppendDay(nil, grid.Profile, &first)
	})
}

func TestDayThatIsCutShortIsDamaged(t *testing.T) {
	whole := sums()
	body := pack.AppendDay(nil, grid.Profile, &whole)
	for n := range body {
		got := grid.LoadDay{Day: whole.Day}
		if pack.Day(body[:n], grid.Profile, &got) == nil {
			t.Errorf("%d of %d octets are taken for a day", n, len(body))
		}
	}
}
