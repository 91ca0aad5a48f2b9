package pack_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store/pack"
)

func derived() grid.Loading {
	return grid.Loading{
		Grade: grid.Substituted, PhaseGrade: grid.Suspect, Interval: 30 * time.Minute, WorstPhase: grid.PhaseA, Governor: grid.GovernBreaker, LimitA: 577.35,
		PhaseMaxPct: grid.Known(110.851), LoadingPct: grid.Known(84.3), SKVA: grid.Known(337.2), PKW: grid.Known(-12.001),
		Amps: [3]grid.Float{grid.Known(640), grid.Known(420), {}}, NeutralA: grid.Known(231), HeadroomKVA: grid.Known(-43.4),
		AmbientC: grid.Known(39.5), TopOilC: grid.Known(98.2), HotSpotC: grid.Known(121.7), Ageing: grid.Known(15.2),
		MinutesToHit: grid.Known(0), TrendPctPerHr: grid.Known(-3.25),
	}
}

func TestLoadingComesBackAsItWas(t *testing.T) {
	for _, want := range []grid.Loading{derived(), {}} {
		var got grid.Loading
		point, err := pack.Loading(pack.AppendLoading(nil, 12, &want), &got)
		if err != nil || point != 12 {
			t.Fatalf("point %d, %v", point, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestRowOfTheFirstFormatIsStillRead(t *testing.T) {
	var got grid.Loading
	point, err := pack.Loading([]byte{1, byte(grid.Suspect), byte(grid.PhaseB), byte(grid.GovernCT), 12, 0, 1, 0xd0, 0x0f}, &got)
	want := grid.Loading{Grade: grid.Suspect, PhaseGrade: grid.Suspect, WorstPhase: grid.PhaseB, Governor: grid.GovernCT, PhaseMaxPct: grid.Known(1)}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || point != 12 {
		t.Errorf("point %d, %v (-want +got):\n%s", point, err, diff)
	}
}

func TestFigureThatIsNoNumberBecomesUnknown(t *testing.T) {
	want := derived()
	want.Ageing = grid.Known(math.Inf(1))
	want.SKVA = grid.Known(math.NaN())
	var got grid.Loading
	if _, err := pack.Loading(pack.AppendLoading(nil, 1, &want), &got); err != nil {
		t.Fatal(err)
	}
	if got.Ageing.Known || got.SKVA.Known || !got.PKW.Known {
		t.Errorf("got %+v", got)
	}
}

func FuzzLoading(f *testing.F) {
	l := derived()
	f.Add(pack.AppendLoading(nil, 12, &l))
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{1, 9, 9, 9})
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var l, again grid.Loading
		point, err := pack.Loading(b, &l)
		if err != nil {
			return
		}
		p, err := pack.Loading(pack.AppendLoading(nil, point, &l), &again)
		if err != nil || p != point {
			t.Fatalf("point %d came back as %d, %v", point, p, err)
		}
	})
}
