package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
)

// teams gives the province with a second team of one public station.
func teams() *fleet.Set {
	s := province()
	s.Units = append(s.Units, fleet.Of(grid.Unit{ID: "PD0700", Name: "Đội Tiền Hải", Parent: "PD"})...)
	s.Substations = append(s.Substations, fleet.Of(grid.Substation{ID: "0201", Name: "Tây Giang", Unit: "PD0700"})...)
	return s
}

const merger = "id,name,parent,successor,valid_from,valid_to\n" +
	"PD0600,Đội Thái Thụy,PD,PD08,,2026-07-01\n" +
	"PD0700,Đội Tiền Hải,PD,PD08,,2026-07-01\n" +
	"PD08,Đội Ven Biển,PD,,2026-07-01,\n"

func takeIn(t *testing.T, r *fleet.Register, files map[string]string) (fleet.Diff, error) {
	t.Helper()
	set, _ := fleet.Read(write(t, files), rules)
	return r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules, Removal: true})
}

func TestMergedUnitsKeepTheirHistoryUnderOldNames(t *testing.T) {
	r, d := openRegister(t, &clock{day(6, 20)})
	mustImport(t, r, teams(), time.Time{})
	if _, err := takeIn(t, r, map[string]string{"units.csv": merger}); err != nil {
		t.Fatal(err)
	}
	again, err := fleet.Open(t.Context(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]map[grid.SubstationID]string{
		day(6, 30): {"0101": "Đội Thái Thụy", "0102": "Đội Thái Thụy", "0201": "Đội Tiền Hải"},
		day(7, 1):  {"0101": "Đội Ven Biển", "0102": "Đội Ven Biển", "0201": "Đội Ven Biển"},
	} {
		v := again.View(at)
		got := map[grid.SubstationID]string{}
		for s := range v.Substations() {
			u, _ := v.Unit(s.Unit)
			got[s.ID] = u.Name
			if !v.Within(s.Unit, "PD") {
				t.Errorf("%v: station %s is not within the company", at, s.ID)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v: %s", at, d)
		}
		f, _ := v.Feeder("471E11")
		if u, _ := v.Unit(f.Unit); u.Name != want["0101"] {
			t.Errorf("%v: the feeder is of %q", at, u.Name)
		}
	}
	if diff, err := takeIn(t, r, map[string]string{"units.csv": merger}); err != nil || !diff.Empty() {
		t.Errorf("the same once more changes %+v, %v", diff.Changes, err)
	}
}

func TestSplitUnitLeavesTheRestToItsSuccessor(t *testing.T) {
	r, _ := openRegister(t, &clock{day(6, 20)})
	mustImport(t, r, teams(), time.Time{})
	_, err := takeIn(t, r, map[string]string{
		"units.csv": "id,name,parent,successor,valid_from,valid_to\n" +
			"PD0600,Đội Thái Thụy,PD,PD61,,2026-07-01\nPD61,Đội Bắc,PD,,2026-07-01,\nPD62,Đội Nam,PD,,2026-07-01,\n",
		"substations.csv": "id,name,unit,feeder,type,valid_from\n0102,Nhà máy B,PD62,471E11,CD,2026-07-01\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[grid.SubstationID]grid.UnitID{"0101": "PD61", "0102": "PD62", "0201": "PD0700"} {
		before, _ := r.View(day(6, 30)).Substation(id)
		after, _ := r.View(day(7, 1)).Substation(id)
		if after.Unit != want || before.Unit == want && id != "0201" {
			t.Errorf("station %s goes from %s to %s, want %s", id, before.Unit, after.Unit, want)
		}
	}
}

func TestSuccessionThatCannotBeIsTold(t *testing.T) {
	for name, x := range map[string]struct{ units, want string }{
		"no end":       {"PD0600,Đội Thái Thụy,PD,PD,,\n", `units.csv:2: successor: unit "PD0600" does not end: give the day`},
		"no such unit": {"PD0600,Đội Thái Thụy,PD,PD9,,2026-07-01\n", `units.csv:2: successor: there is no unit "PD9" on the day`},
		"it goes on":   {"PD0600,Đội Thái Thụy,PD,PD,,2026-07-01\nPD0600,Đội khác,PD,,2026-07-01,\n", `units.csv:2: successor: unit "PD0600" goes on after this row`},
		"it ends too": {"PD0600,Đội Thái Thụy,PD,PD0700,,2026-07-01\nPD0700,Đội Tiền Hải,PD,PD0600,,2026-07-01\n",
			`units.csv:2: successor: there is no unit "PD0700" on the day`},
		"below itself": {"PD,Công ty,PD0600,,,\n", `units.csv:2: parent: unit "PD" is above itself in the tree`},
		"below itself later": {"PD,Công ty,,,,2026-07-01\nPD,Công ty,PD0600,,2026-07-01,\n",
			`units.csv:3: parent: unit "PD" is above itself in the tree`},
	} {
		r, _ := openRegister(t, &clock{day(6, 20)})
		mustImport(t, r, teams(), time.Time{})
		_, err := takeIn(t, r, map[string]string{"units.csv": "id,name,parent,successor,valid_from,valid_to\n" + x.units})
		if err == nil || !strings.Contains(err.Error(), x.want) || r.Version() != 1 {
			t.Errorf("%s: got %v, want %s", name, err, x.want)
		}
	}
}
