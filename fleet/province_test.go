package fleet_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
)

var (
	hanoi = time.FixedZone("+07", 7*3600)
	rules = fleet.Rules{Profiles: map[string]fleet.Profile{"dlms-4q": {}, "sdm630": {MaxAddress: 247}}}
)

// day is a local midnight of 2026.
func day(month time.Month, d int) time.Time {
	return time.Date(2026, month, d, 0, 0, 0, 0, hanoi).UTC()
}

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func openRegister(t testing.TB, c *clock) (*fleet.Register, *db.DB) {
	t.Helper()
	d, err := db.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	r, err := fleet.Open(t.Context(), d, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return r, d
}

// province is a sound register: a unit tree, a public station with two
// transformers behind one meter, and a dedicated one metered at 22 kV.
func province() *fleet.Set {
	return &fleet.Set{
		Units: fleet.Of(
			grid.Unit{ID: "PD", Name: "Công ty Điện lực Thái Bình"},
			grid.Unit{ID: "PD0600", Name: "Đội Thái Thụy", Parent: "PD"},
		),
		Feeders: fleet.Of(grid.Feeder{ID: "471E11", Name: "Lộ 471 E11.1", Unit: "PD0600", KV: 22}),
		Substations: fleet.Of(
			grid.Substation{ID: "0101", Name: "Thụy Liên 1", Unit: "PD0600", Feeder: "471E11", Lat: 20.446, Lon: 106.5, KeeperPhone: "+84912000111"},
			grid.Substation{ID: "0102", Name: `=HYPERLINK("x";"Nhà máy ""B""")`, Unit: "PD0600", Feeder: "471E11", Dedicated: true, Priority: "hospital"},
		),
		Transformers: fleet.Of(
			grid.Transformer{ID: "T1", Substation: "0101", RatedKVA: 250, HVKV: 22, LVKV: 0.4, Cooling: grid.ONAN, TopOilRiseK: 52.125, Year: 2014},
			grid.Transformer{ID: "T2", Substation: "0101", RatedKVA: 400, HVKV: 22, LVKV: 0.4, LoadLossW: 4600, BreakerA: 630},
			grid.Transformer{ID: "T3", Substation: "0102"},
		),
		Points: fleet.Of(
			grid.MeteringPoint{ID: "P1", Substation: "0101", Transformers: []grid.TransformerID{"T1", "T2"}, Side: grid.LV, Wiring: grid.ThreeCT, CTPrimary: 600, CTSecondary: 5},
			grid.MeteringPoint{ID: "P2", Substation: "0102", Transformers: []grid.TransformerID{"T3"}, Side: grid.MV, Wiring: grid.TwoCT, CTPrimary: 50, CTSecondary: 5, VTPrimary: 22000, VTSecondary: 100},
		),
		Meters: fleet.Of(
			grid.Meter{ID: "0012345678901", Point: "P1", Profile: "dlms-4q", Line: "tcp://127.0.0.1:4059", Address: 1, Client: 3, Every: 30 * time.Minute},
			grid.Meter{ID: "0012345678902", Point: "P2", Profile: "sdm630", Line: "tcp://127.0.0.1:502", Address: 12, Collector: "east"},
		),
	}
}

func mustImport(t testing.TB, r *fleet.Register, s *fleet.Set, effective time.Time) fleet.Diff {
	t.Helper()
	d, err := r.Import(t.Context(), s, fleet.ImportOptions{Effective: effective, Rules: rules})
	if err != nil {
		t.Fatalf("import:\n%v", err)
	}
	return d
}

// large is a sound register of n stations with one transformer each.
func large(n int) *fleet.Set {
	s := &fleet.Set{
		Units:   fleet.Of(grid.Unit{ID: "U", Name: "unit"}),
		Feeders: fleet.Of(grid.Feeder{ID: "F", Name: "feeder", Unit: "U", KV: 22}),
	}
	for i := range n {
		id := fmt.Sprintf("%05d", i)
		s.Substations = append(s.Substations, fleet.Of(grid.Substation{ID: grid.SubstationID(id), Name: "Trạm " + id, Unit: "U", Feeder: "F"})...)
		s.Transformers = append(s.Transformers, fleet.Of(grid.Transformer{ID: grid.TransformerID("T" + id), Substation: grid.SubstationID(id), RatedKVA: 400, HVKV: 22, LVKV: 0.4})...)
		s.Points = append(s.Points, fleet.Of(grid.MeteringPoint{ID: grid.PointID("P" + id), Substation: grid.SubstationID(id), Transformers: []grid.TransformerID{grid.TransformerID("T" + id)}, CTPrimary: 600, CTSecondary: 5})...)
		s.Meters = append(s.Meters, fleet.Of(grid.Meter{ID: grid.MeterID("M" + id), Point: grid.PointID("P" + id), Profile: "sdm630", Line: fmt.Sprintf("tcp://10.0.%d.%d:502", i/200/200, i/200%200), Address: 1 + i%200})...)
	}
	return s
}
