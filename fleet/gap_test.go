package fleet_test

import (
	"strings"
	"testing"
	"time"

	"phutai/fleet"
)

func TestGapInTheTimeOfWhatStaysIsTold(t *testing.T) {
	const header = "id,name,unit,feeder,valid_from,valid_to\n"
	set, _ := fleet.Read(write(t, map[string]string{
		"units.csv":       "id,name\nU,u\n",
		"substations.csv": header + "S,s,U,,,2026-03-01\nS,s,U,,2026-04-01,\n",
	}), rules)
	got := set.Check(rules)
	if want := `substations.csv:3: valid_from: "S" is not there from 2026-03-01 until 2026-04-01: `; len(got) != 1 || !strings.HasPrefix(got[0].String(), want) {
		t.Errorf("got %v, want %s", got, want)
	}

	r, _ := openRegister(t, &clock{day(6, 20)})
	mustImport(t, r, province(), time.Time{})
	_, err := takeIn(t, r, map[string]string{
		"substations.csv": header + "0101,Thụy Liên 2,PD0600,471E11,2026-06-01,\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	station := province().Substations[0]
	station.To = day(5, 1) // the row of old ends a month before the new one starts
	_, err = r.Import(t.Context(), &fleet.Set{Substations: []fleet.Fact[substation]{station}}, fleet.ImportOptions{Rules: rules, Removal: true})
	if want := `substations 0101: valid_to: "0101" is not there from 2026-05-01 until 2026-06-01: `; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
